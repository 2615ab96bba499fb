"""A timer and a service for systemd's user manager."""

from orchestra.nightly.schedules.schedule import Schedule, ScheduleFile, printable

DELAY = "15min"
"""Enough that the machines of a team do not all ask at one moment."""
SERVICE = """\
# ~/.config/systemd/user/{name}.service
# Runs the job `{job}` once; {name}.timer starts it.
# Switch it on:
#   orchestra schedule systemd {job} --out ~/.config/systemd/user
#   systemctl --user daemon-reload && systemctl --user enable --now {name}.timer
#   loginctl enable-linger            (it runs while you are not logged in, too)
# Look at it:
#   systemctl --user list-timers; journalctl --user -u {name}
# Run it now:
#   systemctl --user start {name}.service
# A key codex needs goes into ~/.config/orchestra/environment (chmod 600), NAME=value; never into this file, which
# others can read. Whoever has logged in with `codex login` needs none.

[Unit]
Description=orchestra: the job {job} of {shown}

[Service]
Type=oneshot
WorkingDirectory={project}
ExecStart={command}
{environment}
EnvironmentFile=-%h/.config/orchestra/environment
StandardInput=null
UMask=0077
Nice=10
# orchestra itself is told to stop, and stops its workers: what was answered is kept, the next night goes on.
KillMode=mixed
TimeoutStopSec=90
# A night that takes longer than this hangs.
TimeoutStartSec=12h
# A worker that runs out of memory is one worker lost, not the night.
OOMPolicy=continue
# codex's own sandbox is made of user namespaces, and workers build and test: nothing here takes that away.
NoNewPrivileges=yes
RestrictRealtime=yes
LimitCORE=0
"""
TIMER = """\
# ~/.config/systemd/user/{name}.timer
# Starts {name}.service every night; if the machine was off then, as soon as it is on.

[Unit]
Description=orchestra: every night, the job {job} of {shown}

[Timer]
OnCalendar=*-*-* {at}:00
RandomizedDelaySec={delay}
Persistent=true

[Install]
WantedBy=timers.target
"""


def systemd(schedule: Schedule) -> tuple[ScheduleFile, ...]:
    """The service and its timer. Two of one service never run at once; the job's own lock sees to all others."""
    project = printable(str(schedule.project), "The project's path")
    words = [printable(word, "The program's path") for word in schedule.program]
    # systemd takes no program whose path has one of these, however it is quoted; as an argument it does.
    first, *rest = ["/usr/bin/env", *words] if {*words[0]} & {*"\"'\\"} else words
    # The program's own path is taken as it stands; in what follows `$` would begin a variable.
    command = [_quoted(first), *(_quoted(word).replace("$", "$$") for word in [*rest, "nightly", schedule.job])]
    set_here = {"PATH": ":".join(schedule.path), **schedule.environment}
    told = {
        "name": schedule.name,
        "job": schedule.job,
        "shown": _specifiers(project),
        "project": _specifiers(project),
        "command": " ".join(command),
        "environment": "\n".join(
            f"Environment={_quoted(printable(f'{name}={value}', name))}" for name, value in set_here.items()
        ),
        "at": f"{schedule.at:%H:%M}",
        "delay": DELAY,
    }
    return (
        ScheduleFile(name=f"{schedule.name}.service", text=SERVICE.format(**told)),
        ScheduleFile(name=f"{schedule.name}.timer", text=TIMER.format(**told)),
    )


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_specifiers(escaped)}"'
