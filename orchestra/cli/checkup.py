"""`orchestra doctor`: would a run work here, and what to do where it would not."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestra.brief.git import GitFailed, repository
from orchestra.brief.git import git as git_says
from orchestra.cli.saying import tell
from orchestra.crew import runs
from orchestra.errors import NestedRun, NoRoom, NotLoggedIn, OrchestraError
from orchestra.reports.plain import plain
from orchestra.settings import Sourced, load, project_root
from orchestra.value import Value
from orchestra.workers import capacity
from orchestra.workers.engines import catalogue, codex_sandbox
from orchestra.workers.engines.codex import CodexEngine


class Check(Value):
    """One thing a run needs."""

    name: str
    ok: bool
    found: str
    """What is there."""
    next_step: str | None = None
    """What to do where it is not enough."""
    needed: bool = True
    """Without it no run could work."""


def checkup_and_print(codex: Path | None, as_json: bool) -> int:
    """Look at everything, say it, and return the exit status: 3 if a run could not work."""
    project = project_root(Path.cwd())
    checks = list(checkup(project, codex))
    works = all(check.ok or not check.needed for check in checks)
    if as_json:
        told = {"schema_version": 1, "works": works, "checks": [check.model_dump(mode="json") for check in checks]}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return 0 if works else 3
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark = "ok  " if check.ok else "NO  " if check.needed else "note"
        tell(f"{mark} {check.name:<{width}}  {plain(check.found)}", width + 6)
        if check.next_step:
            tell(f"     {'':<{width}}  next: {plain(check.next_step)}", width + 7)
    print("\nA run works here." if works else "\nA run would not work here: see the lines marked NO.")
    return 0 if works else 3


def checkup(project: Path, codex: Path | None) -> Iterator[Check]:
    """Everything a run needs, one by one; no check stops the next."""
    settings = load(project, {"codex": codex})
    for look in (_nested, _engine, _terminal, _git, _room, _state):
        try:
            yield from look(project, settings)
        except OrchestraError as error:
            name = look.__name__.strip("_")
            yield Check(name=name, ok=False, found=error.what, next_step=error.next_step or _where(error))


def _where(error: OrchestraError) -> str | None:
    return f"look at {error.where}" if error.where else None


def _nested(project: Path, settings: Sourced) -> Iterator[Check]:
    if os.environ.get("ORCHESTRA_WORKER"):
        raise NestedRun
    yield from ()


def _engine(project: Path, settings: Sourced) -> Iterator[Check]:
    engine = catalogue.engine(settings)
    if not isinstance(engine, CodexEngine):
        engine.check()
        yield Check(name="engine", ok=True, found=engine.name)
        return
    try:
        binary = engine.binary
    except OrchestraError as error:
        yield Check(name="codex", ok=False, found=error.what, next_step=error.next_step)
        return
    yield Check(name="codex", ok=True, found=f"{binary.version} at {binary.path} ({binary.origin})")
    login = _login(engine)
    yield login
    if login.name == "login":  # a codex that cannot read its configuration says that of everything
        yield _sandbox(engine)


def _login(engine: CodexEngine) -> Check:
    try:
        engine.check()
    except NotLoggedIn as error:
        return Check(name="login", ok=False, found=error.what, next_step=error.next_step)
    except OrchestraError as error:
        return Check(name="config", ok=False, found=error.what, next_step=error.next_step)
    return Check(name="login", ok=True, found="codex is logged in, or has a key or a provider of its own")


def _sandbox(engine: CodexEngine) -> Check:
    if engine.sandbox:
        return Check(name="sandbox", ok=True, found=f"switched off by the settings ({engine.sandbox})")
    trouble = codex_sandbox.trouble(engine.binary, engine.environ)
    if trouble is None:
        return Check(name="sandbox", ok=True, found="codex's sandbox runs a command")
    return Check(
        name="sandbox",
        ok=False,
        found=f"codex's sandbox cannot run a command: {trouble}",
        next_step="Allow unprivileged user namespaces, or, if this machine is itself a sandbox, set "
        'sandbox = "danger-full-access" in orchestra.toml.',
    )


def _terminal(project: Path, settings: Sourced) -> Iterator[Check]:
    try:
        master, slave = os.openpty()
    except OSError as error:
        yield Check(
            name="terminal",
            ok=False,
            found=f"no pseudo-terminal can be opened: {error.strerror}",
            next_step="Mount devpts at /dev/pts, and look at the limit in /proc/sys/kernel/pty/max.",
        )
        return
    os.close(master)
    os.close(slave)
    yield Check(name="terminal", ok=True, found="a pseudo-terminal can be opened")


def _git(project: Path, settings: Sourced) -> Iterator[Check]:
    git = shutil.which("git")
    if git is None:
        yield Check(
            name="git",
            ok=False,
            needed=False,
            found="not installed: targets are read without it, and what it would ignore is read by hand",
            next_step="Install git to review changes and to let workers write.",
        )
        return
    version = subprocess.run([git, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    refused = _refusal(top) if (top := repository(project)) else None
    if refused is None:
        yield Check(name="git", ok=True, found=f"{version} at {git}")
        return
    yield Check(
        name="git",
        ok=False,
        needed=False,
        found=f"{version} at {git} refuses {top}: {refused.said}",
        next_step=refused.remedy(top or project) or "Mend that to review changes and to let workers write.",
    )


def _refusal(top: Path) -> GitFailed | None:
    """Why git says nothing about a repository: often it belongs to another user, as in a container."""
    try:
        git_says(top, "rev-parse", "--git-dir")
    except GitFailed as error:
        return error
    return None


def _room(project: Path, settings: Sourced) -> Iterator[Check]:
    """What a run itself will ask before it starts anything, containers included."""
    room, wanted, engine = capacity.free_room(), settings.values.at_once, catalogue.engine(settings)
    fitting = room.workers(engine.memory)
    told = [f"{room.ptys:,} terminals"] if room.ptys is not None else []
    told.append(f"{room.descriptors:,} descriptors")
    told += [f"{room.memory / 2**30:.1f} GiB of memory"] if room.memory is not None else []
    enough = fitting is None or fitting >= wanted
    yield Check(
        name="room",
        ok=enough,
        found=f"{', '.join(told)} free: {'any number of' if fitting is None else f'{fitting:,}'} workers at once, "
        f"{wanted} wanted",
        next_step=None if enough else _less(room, wanted, engine.memory),
    )


def _less(room: capacity.Room, wanted: int, memory_each: int) -> str | None:
    try:
        capacity.ensure(wanted, memory_each=memory_each, room=room)
    except NoRoom as error:
        return error.next_step
    return None


def _state(project: Path, settings: Sourced) -> Iterator[Check]:
    for name, place in (("state", lambda: _kept_in(project)), ("temporary", _temporary)):
        yield _writable(name, place)


def _kept_in(project: Path) -> Path:
    runs.state_folder(project)
    return runs.runs_folder(project)


def _temporary() -> Path:
    with TemporaryDirectory() as folder:
        return Path(folder).parent


def _writable(name: str, place: Callable[[], Path]) -> Check:
    try:
        folder = place()
        probe = folder / f".probe-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except OrchestraError as error:
        return Check(name=name, ok=False, found=error.what, next_step=error.next_step or _where(error))
    except OSError as error:
        return Check(name=name, ok=False, found=str(error), next_step="Mend the permissions, or make room.")
    free = shutil.disk_usage(folder).free
    return Check(name=name, ok=True, found=f"{folder} can be written, {free / 2**30:.1f} GiB free")
