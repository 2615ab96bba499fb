"""`orchestra init`: settings, a job and a Context Pack, from what stands in the project and at most three questions."""

import sys
from collections.abc import Callable
from pathlib import Path

from orchestra.brief.context_file import blank
from orchestra.brief.repository import facts
from orchestra.cli.briefs import shown, write_new
from orchestra.cli.help_page import in_pieces
from orchestra.cli.questioning import person_here
from orchestra.cli.saying import at_the_edge, columns, say
from orchestra.crew.runs import state_folder
from orchestra.errors import OrchestraError, TargetInvalid
from orchestra.nightly import sample
from orchestra.nightly.job import jobs_of
from orchestra.project import PROJECT_FILE, STATE_FOLDER, project_root
from orchestra.reports.gate import gate
from orchestra.reports.plain import one_line, plain

CONTEXT = f"{STATE_FOLDER}/context.toml"
Accepted = Callable[[str], object]
"""Raises an error of ours for what cannot be meant."""


def write_first_files(yes: bool) -> None:
    """Write what is not there yet, and say what to do next."""
    here = Path.cwd()
    project = project_root(here)
    asking = person_here() and not yes
    settings, context = project / PROJECT_FILE, project / CONTEXT
    jobs_of(project)  # a settings file that cannot be read is told before anything is written
    fresh = [file for file in (settings, context) if not file.exists()]
    known = facts(project)
    target, fail_on = sample.usual_target(project), "new:high"
    check = next(iter(known.test_commands), "")
    if settings in fresh and asking:
        target = _answer("What is looked at?", target, lambda said: _inside(project, said))
        fail_on = _answer("Which findings fail a night: new:high, high, medium, ..., never?", fail_on, gate)
    if context in fresh and asking:
        check = _answer("Which command shows that all is well?", check, str)
    if settings in fresh:
        sample.begin(project, target, fail_on, CONTEXT)
    if context in fresh:
        state_folder(project)
        write_new(context, blank(known, CONTEXT, check))
    for file in (settings, context):
        say(plain(f"{'written' if file in fresh else 'kept':<8} {shown(file, here)}"))
    _say_next(project, here, target)


def _say_next(project: Path, here: Path, target: str) -> None:
    if jobs_of(project):
        steps = {"orchestra nightly --rehearse": "see it work, without an account or a token"}
        steps["orchestra nightly"] = "the same for real"
    else:
        review = f"orchestra review {shown(project / target, here)} --context {shown(project / CONTEXT, here)}"
        steps = {f"{review} --rehearse": "see it work, without an account or a token", review: "the same for real"}
    steps["orchestra doctor"] = "whether a real run could work here"
    say(f"Fill in {shown(project / CONTEXT, here)}: what workers cannot infer. Both files belong in git. Then:")
    for command, meaning in steps.items():  # each is copied with or without the other
        wide = columns(sys.stderr) - 2 if sys.stderr.isatty() else len(command) + 3
        say("\n  ".join((f"  # {meaning}", *in_pieces(plain(command), wide))))


def _answer(question: str, otherwise: str, accepted: Accepted) -> str:
    """What the person says; just Enter, or an end of the input, is what is proposed."""
    while True:
        proposed = f" [{one_line(otherwise)}]" if otherwise else ""
        sys.stderr.write(f"{at_the_edge(f'{question}{proposed}', sys.stderr)} ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            say("")
        said = line.strip() or otherwise
        try:
            accepted(said)
        except OrchestraError as error:
            say(plain(f"  {error.what}"))
            if line:
                continue
        return said


def _inside(project: Path, said: str) -> None:
    path = (project / said).resolve()
    if not path.exists() or not path.is_relative_to(project.resolve()):
        raise TargetInvalid(f"There is no {said!r} in {project.name}.", next_step="Name a file or a folder of it.")
