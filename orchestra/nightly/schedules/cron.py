"""A line for cron."""

import shlex
import shutil

from orchestra.errors import UsageError
from orchestra.nightly.schedules.schedule import Schedule, ScheduleFile, printable

LONGEST = 990
"""Characters of a command that every cron takes; some cut at 1,000."""
COMMENTS = """\
# The job `{job}` of {shown}, every night at {at}, the time of the machine.
# Add it to your crontab: orchestra schedule cron {job} | (crontab -l 2>/dev/null; cat) | crontab -
# If the night before still runs, nothing is started. What it says: {log}
# cron gives it no keys: log in once with `codex login`, or take `orchestra schedule systemd {job}`.
"""


def cron(schedule: Schedule) -> tuple[ScheduleFile, ...]:
    """One line, with absolute paths; cron knows neither your PATH nor your folder."""
    project = printable(str(schedule.project), "The project's path")
    log = f".orchestra/runs/{schedule.job}.log"
    words = ["env", f"PATH={':'.join(schedule.path)}"]
    words += [f"{name}={value}" for name, value in schedule.environment.items()]
    # The job has a lock of its own; this one keeps quiet. -o: what a worker leaves behind does not hold it.
    if flock := shutil.which("flock"):
        words += [flock, "-o", "-n", "-E", "0", f".orchestra/runs/{schedule.job}.flock"]
    words += [*schedule.program, "nightly", schedule.job]
    command = (
        f"umask 077; cd {shlex.quote(project)} && mkdir -p .orchestra/runs && "
        f"{shlex.join(printable(word, 'The command') for word in words)} >>{log} 2>&1"
    )
    if "\\" in command:
        raise UsageError(
            "A crontab cannot hold a backslash in a path, and there is one here.",
            where=project,
            next_step=f"Use a timer instead: `orchestra schedule systemd {schedule.job}`.",
        )
    command = command.replace("%", "\\%")  # else cron takes it for the end of the line
    if len(command) > LONGEST:
        raise UsageError(
            f"The command has {len(command):,} characters, and cron takes {LONGEST}.",
            next_step=f"Use a timer instead: `orchestra schedule systemd {schedule.job}`.",
        )
    when = f"{schedule.at.minute} {schedule.at.hour} * * *"
    comments = COMMENTS.format(job=schedule.job, shown=project, at=f"{schedule.at:%H:%M}", log=f"{project}/{log}")
    return (ScheduleFile(name=f"{schedule.name}.cron", text=f"{comments}{when} {command}\n"),)
