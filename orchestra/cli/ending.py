"""`stop` and `prune`: end a run of another process, remove old ones."""

import time
from collections import Counter
from datetime import timedelta

from orchestra.cli.following import LOOKED_AT_EVERY
from orchestra.cli.saying import print_json, say
from orchestra.cli.telling import UNDER_WAY
from orchestra.cli.waiting import TIMED_OUT
from orchestra.cli.which import found, here
from orchestra.crew import pruning
from orchestra.crew.pruning import Choice
from orchestra.crew.status import RunState, Status
from orchestra.crew.stopping import noticed, request
from orchestra.crew.view import Watch, runs_of
from orchestra.errors import OrchestraError, UsageError
from orchestra.nightly.amounts import seconds_of
from orchestra.nightly.keeping import always
from orchestra.reports.first_lines import counted_as
from orchestra.reports.plain import plain

PATIENCE = 30.0
"""Seconds until an owner that has not noticed counts as stuck; a healthy one looks every 0.3 s."""


def stop_and_say(run: str, no_wait: bool, as_json: bool) -> int:
    """Leave the request, wait until the owner has noticed it, say what happened."""
    watch = Watch(found(run))
    status = watch.look()
    if status.over:
        _say(watch, status, asked=False, seen=False, as_json=as_json, told=_nothing_to_stop(status))
        return 0
    if no_wait:
        request(watch.folder)
        _say(watch, status, asked=True, seen=False, as_json=as_json, told="Asked to stop.")
        return 0
    end = time.monotonic() + PATIENCE
    seen = False
    for seen, status in noticed(watch):  # noqa: B007  # the last one is told below
        if seen or time.monotonic() > end:
            break
        time.sleep(LOOKED_AT_EVERY)
    told = _stopping(status) if seen else f"Asked to stop; its owner has not noticed in {PATIENCE:.0f} s."
    _say(watch, status, asked=True, seen=seen, as_json=as_json, told=told)
    return 0 if seen else TIMED_OUT


def prune_and_say(older_than: str | None, keep: int | None, dry_run: bool, as_json: bool) -> int:
    """Remove what neither limit keeps; say what went and what stayed, and why."""
    if older_than is None and keep is None:
        raise UsageError(
            "Neither --older-than nor --keep was said.",
            next_step="Say what may go: `--older-than 30d`, `--keep 20`, or both.",
        )
    if older_than is not None and (bare := older_than.strip()).replace(".", "", 1).isdecimal():
        raise UsageError(  # elsewhere a bare number is of seconds: nearly every run would go
            f"--older-than {bare} names no unit.",
            next_step=f"Say days, `--older-than {bare}d`, or hours, `--older-than {bare}h`.",
        )
    limit = timedelta(seconds=seconds_of(older_than)) if older_than is not None else None
    choices = pruning.choose(runs_of(here()), older_than=limit, keep=keep, held=always(here()))
    gone, kept, work, failed = _remove(choices, dry_run)
    if as_json:
        left = [{"run": choice.folder.id, "reason": reason} for choice, reason in kept]
        removed = [choice.folder.id for choice in gone]
        print_json({"removed": removed, "kept": left, "kept_work": work, "dry_run": dry_run})
    else:
        for choice in gone:
            print(choice.folder.id)
    reasons = ", ".join(f"{count} {reason}" for reason, count in Counter(reason for _, reason in kept).items())
    say(f"{'would remove' if dry_run else 'removed'} {len(gone)}, kept {len(kept)}" + (f": {reasons}" * bool(reasons)))
    for name in work:
        say(f"kept {name}: changes nobody took over")
    return 3 if failed else 0


def _remove(choices: list[Choice], dry_run: bool) -> tuple[list[Choice], list[tuple[Choice, str]], list[str], bool]:
    gone: list[Choice] = []
    kept: list[tuple[Choice, str]] = []
    work: list[str] = []
    failed = False
    if not dry_run:
        pruning.finish(here())
    for choice in choices:
        if choice.kept_for:
            kept.append((choice, choice.kept_for))
            continue
        try:
            if not dry_run:
                work += pruning.remove(choice.folder)
        except OrchestraError as error:
            kept.append((choice, "not removable"))
            say(plain(str(error), lines=True))
            failed = True
        else:
            gone.append(choice)
    return gone, kept, work, failed


def _say(watch: Watch, status: Status, *, asked: bool, seen: bool, as_json: bool, told: str) -> None:
    if as_json:
        print_json({"run": watch.folder.id, "state": status.state, "asked": asked, "noticed": seen})
    say(f"{watch.folder.id}: {told}")


def _nothing_to_stop(status: Status) -> str:
    if status.state is RunState.INTERRUPTED:
        return f"Nothing to stop, its process is gone. Go on: orchestra resume {status.run}"
    return f"Nothing to stop, it is over already: {status.state}."


def _stopping(status: Status) -> str:
    if status.over:
        return f"It is over: {status.state}."
    running = status.count(*UNDER_WAY)
    who = (
        f"{counted_as(running, 'running worker')} {'is' if running == 1 else 'are'} asked to leave, " if running else ""
    )
    return f"It stops: {who}what was answered is kept."
