"""Who can start a job. A further one is a file and a line here."""

from collections.abc import Callable
from pathlib import Path

from orchestra.errors import UnknownName, UsageError
from orchestra.nightly.job import Job
from orchestra.nightly.schedules.change import review_words
from orchestra.nightly.schedules.cron import cron
from orchestra.nightly.schedules.github import github
from orchestra.nightly.schedules.gitlab import gitlab
from orchestra.nightly.schedules.schedule import (
    Schedule,
    ScheduleFile,
    environment,
    package,
    path_for,
    program,
    time_of,
)
from orchestra.nightly.schedules.systemd import systemd
from orchestra.settings import load

STARTERS: dict[str, Callable[[Schedule], tuple[ScheduleFile, ...]]] = {
    "systemd": systemd,
    "cron": cron,
    "github": github,
    "gitlab": gitlab,
}
JUDGE_CHANGES = ("github", "gitlab")


def files_for(
    starter: str, job: Job, project: Path, *, at: str | None = None, install: str | None = None, change: bool = False
) -> tuple[ScheduleFile, ...]:
    """What is to be put where somebody else starts the job, every night or for each change."""
    if starter not in STARTERS:
        raise UnknownName("way to start a job", starter, STARTERS)
    if change and starter not in JUDGE_CHANGES:
        raise UsageError(f"{starter} sees no pull requests.", next_step="Use github or gitlab.")
    if job.trouble is not None:
        raise job.trouble
    schedule = Schedule(
        job=job.name,
        project=project,
        at=time_of(at, job.name, project),
        program=program(),
        path=path_for(_programs(job, project)),
        environment=environment(),
        package=install or package(),
        review=review_words(job) if change else None,
    )
    return STARTERS[starter](schedule)


def _programs(job: Job, project: Path) -> list[str]:
    """What is looked for in PATH when the job runs; codex may be a script that needs node."""
    settings = load(project, job.settings).values
    own = settings.engines.get(settings.engine) or settings.engine.removeprefix("command:").split()
    return ["git", "codex", "node", *own[:1]]
