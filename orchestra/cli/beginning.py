"""Begin a run: show its plan, leave it to an owner of its own, or follow it to its report."""

from typing import Any

from orchestra import api
from orchestra.cli.options import How
from orchestra.cli.printing import check_out
from orchestra.cli.questioning import person_here
from orchestra.reports.gate import gate


def begin(pattern: str, given: dict[str, Any], how: How) -> int:
    """Do what was said; the exit status."""
    failing = gate(how.fail_on)
    check_out(how.out)
    said = {**given, **how.said()}
    if how.dry_run:
        from orchestra.cli.planned import print_plan

        print_plan(api.plan(pattern, **said), how.json)
        return 0
    if how.detach:
        from orchestra.cli.detaching import refuse_what_nobody_prints, start_detached

        refuse_what_nobody_prints(how.format, how.out, how.fail_on)
        start_detached(pattern, said, how.json)
        return 0
    from orchestra.cli.going_on import to_the_end

    return to_the_end(api.start(pattern, person=person_here(), **said), how.form, how.out, failing)
