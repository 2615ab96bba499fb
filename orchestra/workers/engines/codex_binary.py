"""Which codex runs, which version it is, and what that version can do."""

import importlib.util
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from orchestra.errors import EngineMissing, EngineTooOld, EnvironmentLacking
from orchestra.workers.engines.wording import killed

FLOOR = (0, 122, 0)
"""Below 0.117 an interrupted codex exits 0 and a failed one truncates its last message; 0.122 has every flag used."""

SINCE = {
    "--ignore-rules": (0, 123, 0),
    "a clean tree": (0, 128, 0),
    "agents.enabled": (0, 145, 0),
}
"""What a codex above the floor may lack. 0.122 has the flag without effect; up to 0.125 (there is no 0.126 and no
0.127) the sandbox leaves a file behind; before 0.145 the key is an error."""

_VERSION = re.compile(r"^codex(?:-cli)? (\d+)\.(\d+)\.(\d+)(\S*)", re.MULTILINE)
_ARCHITECTURES = {"x86_64": ("x86_64", "x64"), "aarch64": ("aarch64", "arm64")}


@dataclass(frozen=True, slots=True)
class CodexBinary:
    """One codex on this machine: the program that is started, where it was found, what it says it is."""

    path: Path
    origin: str
    """`--codex`, `ORCHESTRA_CODEX`, `PATH`, `the wheel openai-codex-cli-bin`."""
    version: str
    wrapper: Path | None = None
    """The npm package's Node wrapper this native binary was found behind."""

    @property
    def typed(self) -> str:
        """What a person types to start it: the wheel puts no `codex` on PATH."""
        return "codex" if self.origin == "PATH" else shlex.quote(str(self.path))

    @property
    def number(self) -> tuple[int, int, int]:
        major, minor, patch = (int(part) for part in re.findall(r"\d+", self.version)[:3])
        return major, minor, patch

    def can(self, ability: str) -> bool:
        """Whether this version has an ability named in `SINCE`."""
        return self.number >= SINCE[ability]

    @property
    def tools(self) -> Path | None:
        """The folder of `rg` in the older layout of the npm package, where only the wrapper put it on PATH."""
        folder = self.path.parent.parent / "path"
        return folder if folder.is_dir() else None


def find(explicit: Path | None, origin: str, environ: Mapping[str, str]) -> CodexBinary:
    """The codex to use: the one named, `ORCHESTRA_CODEX`, PATH, then the wheel; raises when it cannot be used."""
    looked = []
    for source, found in _candidates(explicit, origin, environ):
        if found is None:
            looked.append(source)
            continue
        program, wrapper = (native, found) if (native := behind_wrapper(found)) else (found, None)
        codex = CodexBinary(program, source, version_of(program), wrapper)
        if codex.number < FLOOR:
            raise EngineTooOld(program, codex.version, ".".join(map(str, FLOOR)))
        return codex
    raise EngineMissing("codex", looked, f"{_get_codex()}, or name the binary with --codex PATH or ORCHESTRA_CODEX.")


def _get_codex() -> str:
    """Into the environment orchestra runs in: the `pip` on PATH is often another one's, and would look elsewhere."""
    python = shlex.quote(sys.executable)
    pip = f"{python} -m pip install" if importlib.util.find_spec("pip") else f"uv pip install --python {python}"
    return f"Install codex, `{pip} 'codex-orchestra[codex]'` or `npm install -g @openai/codex`"


def _candidates(explicit: Path | None, origin: str, environ: Mapping[str, str]) -> Iterator[tuple[str, Path | None]]:
    """Where codex is looked for, in order. Somebody who names one gets that one or an error, never another."""
    path = environ.get("PATH", os.defpath)
    for source, named in ((origin, str(explicit or "")), ("ORCHESTRA_CODEX", environ.get("ORCHESTRA_CODEX", ""))):
        if named:
            program = shutil.which(str(Path(named).expanduser()), path=path)
            if program is None:
                there = Path(named).expanduser()
                what = " (a folder)" if there.is_dir() else " (may not be run)" if there.is_file() else ""
                raise EngineMissing(
                    "codex",
                    [f"{source} = {named}{what}"],
                    "Name an executable file there, or leave it out: then codex is looked for.",
                )
            yield source, Path(program).absolute()
    on_path = shutil.which("codex", path=path)
    yield "PATH", Path(on_path).absolute() if on_path else None
    yield "the wheel openai-codex-cli-bin", _in_wheel()


def _in_wheel() -> Path | None:
    """The wheel's binary, found without importing the wheel's package until it is known to be there."""
    if importlib.util.find_spec("codex_cli_bin") is None:
        return None
    import codex_cli_bin  # type: ignore[import-untyped]  # the wheel carries no types

    try:
        return Path(codex_cli_bin.bundled_codex_path())
    except FileNotFoundError:
        return None


# ── the npm package ──────────────────────────────────────────────────────────────────────────────────────────────────


def behind_wrapper(program: Path) -> Path | None:
    """The native binary behind npm's Node wrapper, or None: the program is no such wrapper, or hides it too well.

    The wrapper costs eleven times the start-up and, under Node 20, stays as a parent whose SIGKILL leaves codex
    running. The binary's place moved three times (inside the package; in a platform package, first as `codex/codex`,
    then as `bin/codex`), so it is looked for, newest layout first.
    """
    script = program.resolve()
    if script.name != "codex.js" or script.parent.name != "bin":
        return None
    package = script.parent.parent
    for vendor in _vendor_folders(package):
        for place in ("bin/codex", "codex/codex"):
            for binary in sorted(vendor.glob(f"{_architecture()[0]}-*linux*/{place}")):
                if os.access(binary, os.X_OK) and binary.is_file():
                    return binary
    return None


def _vendor_folders(package: Path) -> Iterator[Path]:
    """`vendor` of the platform package, as Node resolves it from inside the package, then the package's own."""
    name = f"codex-linux-{_architecture()[1]}"
    for folder in (package, *package.parents):
        if folder.name != "node_modules":
            yield folder / "node_modules" / "@openai" / name / "vendor"
    yield package / "vendor"


def _architecture() -> tuple[str, str]:
    """This machine in Rust's and in Node's words."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine, (machine, machine))


# ── the version ──────────────────────────────────────────────────────────────────────────────────────────────────────


def version_of(program: Path) -> str:
    """What `codex --version` says, asked once for each state of the file."""
    try:
        state = program.stat()
    except OSError as error:
        raise EnvironmentLacking(
            f"{program.name} cannot be read: {error.strerror}.",
            where=program,
            next_step="Name another binary with --codex PATH or ORCHESTRA_CODEX.",
        ) from error
    return _ask_version(program, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=32)
def _ask_version(program: Path, _mtime: int, _size: int) -> str:
    """Takes 10 ms for the native binary, 110 ms for the npm wrapper."""
    named = "Name the codex to use with --codex PATH or ORCHESTRA_CODEX."
    try:
        # Even for this codex makes folders in its home; without one it only warns, and a look writes nothing.
        asked = _said(program, {**os.environ, "CODEX_HOME": os.devnull})
        if asked.returncode != 0:
            asked = _said(program, None)
    except OSError as error:
        raise EnvironmentLacking(
            f"{program.name} cannot be started: {error.strerror}.", where=program, next_step=named
        ) from error
    except subprocess.TimeoutExpired as error:
        raise EnvironmentLacking(
            f"{program.name} did not say its version within 10 s.", where=program, next_step=named
        ) from error
    found = _VERSION.search(asked.stdout)
    if asked.returncode != 0 or found is None:
        if asked.returncode < 0:
            died = killed(str(program), -asked.returncode)
            raise EnvironmentLacking(f"Asked for its version, {died}.", where=program, next_step=named)
        failed = asked.returncode != 0
        said = ((asked.stderr if failed else "") or asked.stdout or asked.stderr).strip().splitlines()
        words = f"said {said[0][:80]!r}" if said else "said nothing"
        raise EnvironmentLacking(
            f"{program.name} {'does not work' if failed else 'is not codex'}: asked for its version it {words}"
            + (f" and exited with {asked.returncode}." if failed or not said else "."),
            where=program,
            next_step=named,
        )
    return "{}.{}.{}".format(*found.groups()) + found.group(4)


def _said(program: Path, environment: Mapping[str, str] | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, "--version"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=10,
    )
