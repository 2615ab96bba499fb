"""What is built can be installed, and finds its prompts: from a wheel, an sdist and a checkout alike."""

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sdist, and the wheel made from it."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "-q", "--outdir", out, CHECKOUT], check=True)
    return {"wheel": next(out.glob("*.whl")), "sdist": next(out.glob("*.tar.gz"))}


def test_whoever_publishes_them_is_content(built: dict[str, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *built.values()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert done.stdout.count("PASSED") == 2


def names_in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_package_and_its_prompts_and_nothing_else(built: dict[str, Path]) -> None:
    names = names_in_wheel(built["wheel"])
    tracked = subprocess.run(
        ["git", "ls-files", "orchestra", "prompts"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split()
    expected = {f"orchestra/{name}" if name.startswith("prompts/") else name for name in tracked}
    packed = {name for name in names if ".dist-info/" not in name}
    assert expected - packed == set()
    assert not {name for name in packed if not name.startswith("orchestra/")}


def test_the_sdist_holds_what_a_packager_needs(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "orchestra/py.typed"} <= names
    assert "prompts/lenses/correctness.md" in names
    assert not any(name.startswith((".venv", ".orchestra", ".git/")) for name in names)


def test_an_installed_wheel_finds_its_prompts(built: dict[str, Path], tmp_path: Path) -> None:
    """The wheel is made from the sdist, so both are seen; a checkout's are found by every other test."""
    venv.create(tmp_path / "env", with_pip=True)
    bin = tmp_path / "env" / "bin"
    subprocess.run([bin / "python", "-m", "pip", "install", "-q", built["wheel"]], check=True, cwd=tmp_path)
    for arguments, told in (("lenses", "correctness"), ("--version", "orchestra 0.")):
        said = subprocess.run([bin / "orchestra", arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert told in said.stdout
