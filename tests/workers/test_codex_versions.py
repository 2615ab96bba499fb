"""Every age of codex that is allowed: the floor, those at which a manner of its changed, and the newest there is.

Long, and it needs npm and a package index: `pytest -m soak tests/workers/test_codex_versions.py`. `CODEX_VERSIONS`
names others than these.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestra.brief.ask import Scope
from orchestra.outcome import Outcome
from orchestra.rehearsal import Run, Say, Script, otherwise
from orchestra.workers.engines.codex_binary import FLOOR, SINCE, CodexBinary, find
from tests.absent import absent

from .codex_stage import HASTE, CodexStage
from .test_codex_failures import REFUSALS
from .test_codex_manners import LEFT_RUNNING, SCHEMA

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
CHANGED = {FLOOR, *SINCE.values(), (0, 125, 0), (0, 148, 0)}
"""0.125 is the last whose sandbox leaves a file behind; from 0.148 on a refused connection is retried for ever."""
VERSIONS = os.environ.get("CODEX_VERSIONS", "").split() or [*(f"{a}.{b}.{c}" for a, b, c in sorted(CHANGED)), "latest"]


@pytest.fixture(scope="module", params=VERSIONS)
def of_an_age(request: pytest.FixtureRequest) -> Iterator[CodexBinary]:
    """One codex, installed as its makers say, and found behind the wrapper that npm puts on PATH."""
    npm = shutil.which("npm")
    if npm is None:
        absent("npm is not installed")
    folder = Path(tempfile.mkdtemp(prefix="orchestra-codex-", dir="/var/tmp"))  # 400 MB; pytest keeps three
    try:
        asked = [npm, "install", "--silent", "--no-audit", "--no-fund", f"@openai/codex@{request.param}"]
        subprocess.run(asked, cwd=folder, check=True, timeout=600)
        codex = find(folder / "node_modules/.bin/codex", "npm", os.environ)
        assert codex.wrapper == folder / "node_modules/.bin/codex"
        assert request.param in (codex.version, "latest")
        yield codex
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def stage(of_an_age: CodexBinary, tmp_path: Path) -> Iterator[CodexStage]:
    home = Path(tempfile.mkdtemp(prefix="orchestra-test-", dir="/var/tmp"))
    yield CodexStage(home, tmp_path)
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("story", REFUSALS)
def test_a_fault_ends_as_it_does_with_every_other(of_an_age: CodexBinary, stage: CodexStage, story: str) -> None:
    move, outcome, *_ = REFUSALS[story]
    played = stage.play(Script(otherwise(move)), options={"codex": of_an_age.path, "overrides": HASTE})
    assert (played.result.outcome, played.result.exit_status, played.left) == (outcome, 1, ()), played.result
    assert len(played.result.reason) > 10


@pytest.mark.parametrize("scope", Scope)
def test_a_worker_answers_and_leaves_in_its_tree_what_it_wrote(
    of_an_age: CodexBinary, stage: CodexStage, scope: Scope
) -> None:
    brain = Script(otherwise(Run("cat app.py; echo x > made"), Say({"verdict": "fine"})))
    subprocess.run(["git", "init", "-q"], cwd=stage.tree, check=True)
    (stage.tree / "app.py").write_text("x = 1\n")
    played = stage.play(brain, options={"codex": of_an_age.path}, scope=scope, answer_schema=SCHEMA)
    assert (played.result.outcome, played.result.message) == (Outcome.ANSWERED, '{"verdict": "fine"}'), played.result
    assert played.requests[0].schema == SCHEMA
    assert "x = 1" in played.tool_output
    written = set() if scope is Scope.READ else {"made"}
    assert {path.name for path in stage.tree.iterdir()} == {".git", "app.py"} | written
    on = stage.play(
        Script(otherwise(Say({"verdict": "finer"}))),
        options={"codex": of_an_age.path},
        scope=scope,
        answer_schema=SCHEMA,
        thread_id=played.result.thread_id,
    )
    assert (on.result.thread_id, on.result.message) == (played.result.thread_id, '{"verdict": "finer"}')
    assert on.requests[0].schema == SCHEMA


@pytest.mark.parametrize("sandbox", [None, "danger-full-access"])
def test_no_tool_outlives_its_worker(of_an_age: CodexBinary, stage: CodexStage, sandbox: str | None) -> None:
    mark = stage.tree / "mark"
    brain = Script(otherwise(Run(LEFT_RUNNING["after its parent"].format(mark=mark), wait=0.5), Say("done")))
    played = stage.play(brain, options={"codex": of_an_age.path, "sandbox": sandbox}, scope=Scope.SCRATCH)
    assert (played.result.outcome, mark.exists(), played.left) == (Outcome.ANSWERED, True, ())


def test_what_a_person_types_works(of_an_age: CodexBinary, tmp_path: Path) -> None:
    """A review, a change and a check of it, and an answer by a schema: the understudy's whole way through codex."""
    (tmp_path / "cart.py").write_text("def total(prices=[]):\n    return sum(prices)\n")
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "begun"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)

    def typed(*words: str) -> dict[str, object]:
        command = [sys.executable, "-P", "-m", "orchestra", *words, "--rehearse", "--json"]
        environ = {**os.environ, "ORCHESTRA_CODEX": str(of_an_age.wrapper)}
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        told = json.loads(done.stdout)
        assert isinstance(told, dict)
        return told

    review = typed("review", "cart.py", "--lenses", "correctness,risk", "--verify", "high")
    assert "Mutable default" in str(review["findings"])
    fixed = typed("fix", "cart.py", "--top", "1", "--lenses", "correctness")
    assert isinstance(fixed["changes"], list)
    assert [file["path"] for change in fixed["changes"] for file in change["files"]] == ["cart.py"]
    assert json.loads(str(typed("ask", "A verdict.", "--schema", "schema.json")["answer"])).keys() == {"verdict"}
