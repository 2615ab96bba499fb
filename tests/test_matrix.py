"""Every Python at hand, with the newest and the lowest dependencies; every way to install; both type checkers.

Long, and it needs a package index: `pytest -m soak tests/test_matrix.py`, with the extra `matrix` installed.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.absent import absent

CHECKOUT = Path(__file__).parent.parent
OLDEST = (3, 11)
CODE = "def total(prices=[]):\n    return sum(prices)\n"
pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


def pythons() -> dict[str, str]:
    """Every interpreter at hand that is young enough: version -> path; pyenv's too."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places = [*os.environ["PATH"].split(":"), "/usr/bin", *(str(folder) for folder in home.glob("versions/*/bin"))]
    found: dict[str, str] = {}
    for place in places:
        for file in Path(place).glob("python3.*"):
            said = re.fullmatch(r"python3\.(\d+)", file.name)
            if (
                said and (3, int(said[1])) >= OLDEST and file.parent.name != "shims"
            ):  # a shim runs only where it is chosen
                found.setdefault(f"3.{said[1]}", str(file))
    return dict(sorted(found.items()))


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "-q", "--outdir", out, CHECKOUT, cwd=out)
    return next(out.glob("*.whl"))


def uv(*words: str | Path, cwd: Path) -> str:
    return run(sys.executable, "-m", "uv", *words, cwd=cwd)


def is_of_use(orchestra: Path, project: Path) -> None:
    """It reviews, and renders what it found, with a real codex."""
    (project / "cart.py").write_text(CODE)
    assert "orchestra 0." in run(orchestra, "--version", cwd=project)
    told = run(orchestra, "review", "cart.py", "--lenses", "correctness", "--rehearse", cwd=project)
    assert "Mutable default argument" in told
    for name in ("html", "sarif", "markdown", "junit"):
        assert "Mutable default" in run(orchestra, "report", "last", "--format", name, cwd=project)


@pytest.mark.parametrize("resolution", ["highest", "lowest-direct"])
@pytest.mark.parametrize("python", pythons())
def test_a_wheel_is_of_use_on_every_python(python: str, resolution: str, wheel: Path, tmp_path: Path) -> None:
    uv("venv", "-q", "-p", pythons()[python], "env", cwd=tmp_path)
    bin = tmp_path / "env" / "bin"
    into = ("pip", "install", "-q", "-p", bin / "python")
    uv(*into, "--resolution", resolution, "-r", CHECKOUT / "pyproject.toml", "--extra", "codex", cwd=tmp_path)
    uv(*into, "--no-deps", wheel, cwd=tmp_path)
    is_of_use(bin / "orchestra", tmp_path)


@pytest.mark.parametrize("way", ["pipx install", "uv tool install", "uvx"])
def test_every_way_to_install_works(way: str, wheel: Path, tmp_path: Path) -> None:
    what = f"{wheel}[codex]"
    bin = tmp_path / "bin"
    if way == "pipx install":
        run(sys.executable, "-m", "pipx", "install", what, cwd=tmp_path, PIPX_HOME=str(tmp_path), PIPX_BIN_DIR=str(bin))
    elif way == "uv tool install":
        homes = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(bin)}
        run(sys.executable, "-m", "uv", "tool", "install", what, cwd=tmp_path, **homes)
    else:
        assert "orchestra 0." in uv("tool", "run", "--from", what, "orchestra", "--version", cwd=tmp_path)
        return
    is_of_use(bin / "orchestra", tmp_path)


@pytest.mark.parametrize("checker", [("mypy", "--strict"), ("pyright",)], ids=lambda words: words[0])
def test_whoever_uses_it_is_typed(checker: tuple[str, ...], wheel: Path, tmp_path: Path) -> None:
    """From the wheel, as its users have it: `py.typed` is in it."""
    if checker[0] == "pyright" and not shutil.which("node"):
        absent("pyright needs node")
    uv("venv", "-q", "-p", sys.executable, "env", cwd=tmp_path)
    uv("pip", "install", "-q", "-p", tmp_path / "env" / "bin" / "python", wheel, cwd=tmp_path)
    shutil.copy(CHECKOUT / "tests" / "typed_api.py", tmp_path / "consumer.py")
    named = "--python-executable" if checker[0] == "mypy" else "--pythonpath"
    run(sys.executable, "-m", *checker, named, tmp_path / "env" / "bin" / "python", "consumer.py", cwd=tmp_path)
