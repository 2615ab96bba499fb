"""What a program is told when something is wrong: what, where, what to do next; also from another process."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import orchestra
from orchestra import errors
from tests.api.shop import opened

EACH = [
    errors.OrchestraError("It broke.", where="a.log", next_step="Look there."),
    errors.UnknownName("lens", "rsk", ["risk", "security"]),
    errors.SettingsInvalid("There is no setting.", where=Path("orchestra.toml")),
    errors.PromptTooLong("w1-risk", 5_000_000, 1_000_000),
    errors.NestedRun(),
    errors.EngineMissing("codex", ["PATH"], "Install it."),
    errors.EngineTooOld(Path("/usr/bin/codex"), "0.90", "0.122"),
    errors.NoAnswer("w1-risk did not answer."),
]


@pytest.mark.parametrize("error", EACH, ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_in_another_process(error: errors.OrchestraError) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert str(again) == str(error)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"lense": ["risk"]}, ["'lense'. Did you mean 'lenses'?", "There are: ", "lenses", "uncommitted"]),
        ({"lens": "risk"}, ["Did you mean 'lenses'?"]),
        ({"uncomitted": True}, ["Did you mean 'uncommitted'?"]),
        ({"atonce": 3}, ["Did you mean 'at_once'?"]),
        ({"rehearsal": True}, ["Did you mean 'rehearse'?"]),
        ({"goal": "Fast."}, ['context={"goal": ...}']),
        ({"success_check": "make"}, ['context={"success_check": ...}']),
        ({"constraint": "3.11"}, ['context={"constraints": ...}']),
        ({"fail_on": "high"}, ['report.failing("high")']),
        ({"format": "html"}, ['report.render("html")']),
        ({"dry_run": True}, ["orchestra.plan"]),
        ({"detach": True}, ["orchestra.start"]),
        ({"context": {"gaol": "Fast."}}, ["'gaol'", "goal"]),
    ],
    ids=lambda part: next(iter(part)) if isinstance(part, dict) else "",
)
def test_a_wrong_word_names_the_right_one(said: dict[str, object], told: list[str], tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError) as caught:
        orchestra.start("review", target="src/", start=opened(tmp_path), **said)
    for part in told:
        assert part in str(caught.value)


def test_a_traceback_ends_with_what_where_and_what_next(tmp_path: Path) -> None:
    code = "import orchestra\norchestra.review('gone/')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    what, where, next_step = done.stderr.strip().splitlines()[-3:]
    assert what == "orchestra.errors.TargetInvalid: The target 'gone/' does not exist."
    assert where == f"  where: {tmp_path}/gone"
    assert next_step.startswith("  next:  ")


def test_a_scope_there_is_none_of_is_refused_where_it_is_said() -> None:
    with pytest.raises(errors.UsageError, match="scope 'wirte'") as refused:
        orchestra.Ask(role="writer", prompt="Write.", scope="wirte")  # type: ignore[arg-type]  # what is tried
    assert refused.value.next_step == "Say read, scratch or write."
