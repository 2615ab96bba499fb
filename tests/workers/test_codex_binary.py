"""Which codex is run: named, on PATH, behind npm's wrapper, in the wheel; which version; and what is refused."""

import importlib.util
import os
import platform
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from orchestra.errors import EngineMissing, EngineTooOld, EnvironmentLacking, NotLoggedIn
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.engines.codex_binary import CodexBinary, behind_wrapper, find
from tests.absent import absent

from .codex_stage import CodexStage
from .stub_codex import ANSWER, stub_codex

TRIPLE = f"{platform.machine()}-unknown-linux-musl"
NODE_ARCHITECTURE = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
NOWHERE = {"PATH": "/nonexistent"}


def _program(file: Path, *body: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(("#!/bin/sh", *body)) + "\n")
    file.chmod(0o755)
    return file


def _says(file: Path, version: str) -> Path:
    return _program(file, f"echo codex-cli {version}")


# ── looking for it ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_named_first_is_taken(tmp_path: Path) -> None:
    named = _says(tmp_path / "named" / "codex", "0.150.1")
    variable = _says(tmp_path / "variable" / "my-codex", "0.150.2")
    on_path = _says(tmp_path / "path" / "codex", "0.150.3")
    everything = {"ORCHESTRA_CODEX": str(variable), "PATH": f"{on_path.parent}:/usr/bin:/bin"}
    assert _found(find(named, "orchestra.toml", everything)) == (named, "orchestra.toml", "0.150.1")
    assert _found(find(None, "", everything)) == (variable, "ORCHESTRA_CODEX", "0.150.2")
    del everything["ORCHESTRA_CODEX"]
    assert _found(find(None, "", everything)) == (on_path, "PATH", "0.150.3")


def test_the_wheel_comes_last(codex: CodexBinary) -> None:
    if importlib.util.find_spec("codex_cli_bin") is None:
        absent("the wheel openai-codex-cli-bin is not installed")
    found = find(None, "", NOWHERE)
    assert found.origin == "the wheel openai-codex-cli-bin"
    assert found.path.name == "codex"
    assert found.typed.strip("'") == str(found.path)


def test_a_person_is_told_a_command_that_is_there(tmp_path: Path) -> None:
    """Only what PATH has is called `codex`: the wheel puts none there."""
    there = _says(tmp_path / "a folder" / "codex", "0.150.1")
    assert find(None, "", {"PATH": f"{there.parent}:/usr/bin:/bin"}).typed == "codex"
    assert find(there, "--codex", {"PATH": f"{there.parent}:/usr/bin:/bin"}).typed == f"'{there}'"


def _found(codex: CodexBinary) -> tuple[Path, str, str]:
    return codex.path, codex.origin, codex.version


@pytest.mark.parametrize(
    ("explicit", "environ", "words"),
    [
        ("/nonexistent/codex", NOWHERE, "--codex = /nonexistent/codex"),
        (None, {"ORCHESTRA_CODEX": "/nonexistent/codex", "PATH": "/usr/bin"}, "ORCHESTRA_CODEX = /nonexistent/codex"),
        (None, {"ORCHESTRA_CODEX": "no-such-codex", "PATH": "/usr/bin"}, "ORCHESTRA_CODEX = no-such-codex"),
    ],
)
def test_who_names_one_gets_that_one_or_an_error(explicit: str | None, environ: dict[str, str], words: str) -> None:
    with pytest.raises(EngineMissing, match=words) as missing:
        find(Path(explicit) if explicit else None, "--codex", environ)
    assert missing.value.next_step
    assert missing.value.exit_code == 3


@pytest.mark.parametrize(("has_pip", "command"), [(True, "{} -m pip install"), (False, "uv pip install --python {}")])
def test_where_there_is_none_a_command_for_this_very_python_is_told(
    tmp_path: Path, has_pip: bool, command: str
) -> None:
    """The `pip` on PATH is often that of another environment. What is installed here is there too, but no wheel."""
    left_out = ("codex_cli_bin",) if has_pip else ("codex_cli_bin", "pip")
    for there in Path(sysconfig.get_path("purelib")).iterdir():
        if there.name not in left_out:
            (tmp_path / there.name).symlink_to(there)
    if has_pip and not (tmp_path / "pip").exists():
        _program(tmp_path / "pip" / "__init__.py")
    ask = "from orchestra.workers.engines.codex_binary import find; find(None, '', {'PATH': '/nonexistent'})"
    catch = "import sys\ntry: exec(sys.argv[1])\nexcept Exception as error: print(error.next_step)"
    python = [sys.executable, "-S", "-P", "-c", catch, ask]
    paths = f"{Path(__file__).parents[2]}{os.pathsep}{tmp_path}"
    told = subprocess.run(python, env={"PYTHONPATH": paths}, capture_output=True, text=True, timeout=60, check=True)
    assert f"`{command.format(shlex.quote(sys.executable))} 'codex-orchestra[codex]'" in told.stdout


# ── the version ──────────────────────────────────────────────────────────────────────────────────────────────────────

# what `--version` does, the error, its words
REFUSED: dict[str, tuple[tuple[str, ...], type[EnvironmentLacking], str]] = {
    "too old": (("echo codex-cli 0.121.9",), EngineTooOld, "codex 0.121.9 is too old: orchestra needs 0.122.0"),
    "ancient": (("echo codex 0.36.0",), EngineTooOld, "0.36.0"),
    "another program": (("echo ripgrep 14.1.0",), EnvironmentLacking, "is not codex: .* it said 'ripgrep 14.1.0'"),
    "silent": (("exit 0",), EnvironmentLacking, "said nothing and exited with 0"),
    "failing": (("echo codex-cli 0.163.0", "exit 1"), EnvironmentLacking, "'codex-cli 0.163.0' and exited with 1"),
    "crashing": (("kill -ABRT $$",), EnvironmentLacking, "killed by SIGABRT .it crashed"),
    "complaining": (("echo no node >&2", "exit 127"), EnvironmentLacking, "does not work.*no node. and exited with"),
    "complaining below its words": (("echo read", "echo no node >&2", "exit 1"), EnvironmentLacking, "said 'no node'"),
}


@pytest.mark.parametrize("story", REFUSED)
def test_what_cannot_be_used_is_refused_by_name(tmp_path: Path, story: str) -> None:
    body, kind, words = REFUSED[story]
    program = _program(tmp_path / "codex", *body)
    with pytest.raises(kind, match=words) as refused:
        CodexEngine(codex=program).check()
    assert refused.value.where == program
    assert refused.value.next_step


def test_what_is_no_program_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "codex"
    program.write_bytes(b"\x7fELF, but not really")
    program.chmod(0o755)
    with pytest.raises(EnvironmentLacking, match="cannot be started"):
        CodexEngine(codex=program).check()


@pytest.mark.parametrize("version", ["0.122.0", "0.163.0", "0.163.0-alpha.3", "1.0.0"])
def test_the_floor_and_above_are_taken(tmp_path: Path, version: str) -> None:
    assert CodexEngine(codex=_says(tmp_path / "codex", version)).binary.version == version


def test_the_version_is_asked_once_for_each_state_of_the_file(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    program = _program(tmp_path / "codex", f"echo x >> '{asked}'", "echo codex-cli 0.150.0")
    for _ in range(3):
        assert CodexEngine(codex=program).binary.version == "0.150.0"
    assert asked.read_text() == "x\n"
    _program(program, f"echo x >> '{asked}'", "echo codex-cli 0.151.0", "# another size")
    assert CodexEngine(codex=program).binary.version == "0.151.0"


# ── behind npm's wrapper ─────────────────────────────────────────────────────────────────────────────────────────────

PLATFORM = f"codex-linux-{NODE_ARCHITECTURE}"
# Where the native binary lies, seen from `node_modules`, in the packages of ...
LAYOUTS = {
    "up to 0.98": f"@openai/codex/vendor/{TRIPLE}/codex/codex",
    "0.99 to 0.131, nested": f"@openai/codex/node_modules/@openai/{PLATFORM}/vendor/{TRIPLE}/codex/codex",
    "0.99 to 0.131, beside": f"@openai/{PLATFORM}/vendor/{TRIPLE}/codex/codex",
    "from 0.140, nested": f"@openai/codex/node_modules/@openai/{PLATFORM}/vendor/{TRIPLE}/bin/codex",
    "from 0.140, beside": f"@openai/{PLATFORM}/vendor/{TRIPLE}/bin/codex",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_native_binary_is_found_behind_the_wrapper(tmp_path: Path, layout: str) -> None:
    modules = tmp_path / "lib" / "node_modules"
    wrapper = _program(modules / "@openai" / "codex" / "bin" / "codex.js", "exit 9")
    native = _says(modules / LAYOUTS[layout], "0.140.0")
    command = tmp_path / "bin" / "codex"
    command.parent.mkdir()
    command.symlink_to(wrapper)
    found = find(None, "", {"PATH": f"{command.parent}:/usr/bin:/bin"})
    assert (found.path, found.wrapper, found.version) == (native, command, "0.140.0")


def test_a_wrapper_that_hides_its_binary_is_run_itself(tmp_path: Path) -> None:
    wrapper = _says(tmp_path / "@openai" / "codex" / "bin" / "codex.js", "0.140.0")
    assert behind_wrapper(wrapper) is None
    found = find(wrapper, "--codex", NOWHERE)
    assert (found.path, found.wrapper) == (wrapper, None)


def test_tools_that_only_the_wrapper_put_on_path_stay_there(tmp_path: Path, codex_stage: CodexStage) -> None:
    """Up to 0.131 the wrapper alone knew where `rg` was."""
    modules = tmp_path / "node_modules"
    wrapper = _program(modules / "@openai" / "codex" / "bin" / "codex.js", "exit 9")
    native = modules / LAYOUTS["0.99 to 0.131, beside"]
    _says(native, "0.125.0")
    _program(native.parent.parent / "path" / "rg", "echo found")
    command = CodexEngine(codex=wrapper).command(codex_stage.task())
    assert command.argv[0] == str(native)
    assert command.environment["PATH"].split(":")[0] == str(native.parent.parent / "path")


# ── whether it could ask a model ─────────────────────────────────────────────────────────────────────────────────────


def _check(home: Path, config: str | None, environ: dict[str, str] | None = None, **options: object) -> None:
    home.mkdir(exist_ok=True)
    if config is not None:
        (home / "config.toml").write_text(config)
    bare = {"PATH": os.environ["PATH"], "HOME": str(home), "CODEX_HOME": str(home), **(environ or {})}
    CodexEngine(environ=bare, **options).check()  # type: ignore[arg-type]  # a table of options


@pytest.mark.timeout(12)  # a worker would find it out after 14 s of tries
def test_without_login_and_key_it_is_said_at_once(codex: CodexBinary, tmp_path: Path) -> None:
    with pytest.raises(NotLoggedIn, match="not logged in, and no API key is set") as refused:
        _check(tmp_path / "home", None)
    assert refused.value.exit_code == 3
    assert f"`{codex.typed} login`" in (refused.value.next_step or "")


CUSTOM = 'model_provider = "x"\n[model_providers.x]\nname = "x"\nbase_url = "http://127.0.0.1:9/v1"\n'
# config.toml, environment, overrides
NOT_REFUSED: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "a key of the API's": ("", {"OPENAI_API_KEY": "sk-x"}, {}),
    "a key of codex's": ("", {"CODEX_API_KEY": "sk-x"}, {}),
    "another address": ("", {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, {}),
    "another address in the configuration": ('openai_base_url = "http://127.0.0.1:9/v1"', {}, {}),
    "a custom provider": (CUSTOM, {}, {}),
    "a custom provider whose key is not there": (CUSTOM + 'env_key = "NOT_THERE"\n', {}, {}),
    "a custom provider by override": (CUSTOM.partition("\n")[2], {}, {"model_provider": '"x"'}),
}


@pytest.mark.parametrize("story", NOT_REFUSED)
def test_nobody_is_refused_on_suspicion(codex: CodexBinary, tmp_path: Path, story: str) -> None:
    config, environ, overrides = NOT_REFUSED[story]
    _check(tmp_path / "home", config, environ, overrides=overrides)


def test_a_login_is_enough(codex: CodexBinary, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "auth.json").write_text('{"OPENAI_API_KEY": "sk-not-a-real-key"}')
    _check(tmp_path / "home", "")


# config.toml, words
MISCONFIGURED = {
    "broken": ('model = ["', "codex cannot start with its configuration: unclosed"),
    "of a wrong type": ("model = 5", "invalid type: integer"),
    "with an unknown provider": ('model_provider = "nosuch"', "Model provider `nosuch` not found"),
}


@pytest.mark.parametrize("story", MISCONFIGURED)
def test_what_codex_refuses_is_said_in_its_words(codex: CodexBinary, tmp_path: Path, story: str) -> None:
    config, words = MISCONFIGURED[story]
    with pytest.raises(EnvironmentLacking, match=words) as refused:
        _check(tmp_path / "home", config, {"OPENAI_API_KEY": "sk-x"})
    file, _, line = str(refused.value.where).partition(".toml")
    assert file == str(tmp_path / "home" / "config")
    assert line in ("", ":1")
    assert file not in refused.value.what, "the same thing told twice"


def test_a_codex_home_that_is_not_there(codex: CodexBinary, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacking, match="does not exist"):
        _check(tmp_path, None, {"CODEX_HOME": str(tmp_path / "none"), "OPENAI_API_KEY": "sk-x"})


def test_a_configuration_only_codex_can_read(codex: CodexBinary, tmp_path: Path) -> None:
    """The MCP servers it names could not be switched off."""
    with pytest.raises(EnvironmentLacking, match="codex may read it; orchestra has to") as refused:
        _check(tmp_path / "home", 'model_providers = {\n x = { name = "x" },\n}\n', {"OPENAI_API_KEY": "sk-x"})
    assert "TOML 1.0" in (refused.value.next_step or "")


def test_a_configuration_that_is_a_pipe_keeps_nobody_waiting(codex: CodexBinary, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    os.mkfifo(tmp_path / "home" / "config.toml")
    with pytest.raises(EnvironmentLacking, match=r"regular file|not a file"):
        _check(tmp_path / "home", None, {"OPENAI_API_KEY": "sk-x"})


def test_rules_and_a_codex_that_cannot_ignore_them(tmp_path: Path) -> None:
    (tmp_path / "home" / "rules").mkdir(parents=True)
    (tmp_path / "home" / "rules" / "default.rules").write_text('prefix_rule(pattern=["rm"], decision="allow")')
    old = _says(tmp_path / "codex", "0.122.0")
    with pytest.raises(EnvironmentLacking, match="out of their sandbox"):
        _check(tmp_path / "home", "", codex=old)
    _check(tmp_path / "home", "", codex=old, sandbox="danger-full-access")
    _check(tmp_path / "home", "", codex=stub_codex(tmp_path, *ANSWER))
