"""What cannot be done as it was said: a sentence, exit 2, nothing started, nothing written."""

import shlex

import pytest

from tests.patterns.theatre import Stage

PACK = 'goal = "x"\n\ngoals = "y"\n'
EVERY_PATTERN = ["review .", "fix .", "split . --task T", "act G", "research Q", "options Q", "run review --target ."]
STORIES = [
    ("review . --lenses secrity", ["no lens 'secrity'", "'security'", ".orchestra/prompts/lenses/secrity.md"]),
    ("fix . --lenses secrity", ["no lens 'secrity'"]),
    ("review", ["review needs 'target': no target was named.", "Name a file or a folder; `.`"]),
    ("fix", ["fix needs 'target': no target was named."]),
    ("split --task T", ["split needs 'target': no target was named."]),
    ("review empty", ["nothing to look at in empty"]),
    ("split empty --task T", ["nothing to look at in empty"]),
    ("review nowhere", ["'nowhere' does not exist"]),
    ("review . --base nope", ["no branch, tag or commit 'nope'"]),
    ("split . --task T --base nope", ["no branch, tag or commit 'nope'"]),
    ("fix . --commit nope", ["no branch, tag or commit 'nope'"]),
    ("review /tmp --base main", ["lies in no git repository"]),
    ("review . --base main --uncommitted", ["only one can be said"]),
    ("review . --uncommitted", ["Nothing that can be read changed"]),
    ("review . --verify nearly", ["'nearly' does not exist"]),
    ("review . --verify=nearly", ["not 'nearly'"]),
    ("review . --fail-on sometimes", ["no gate"]),
    ("review . --engine nonsense", ["nonsense"]),
    ("fix --only f-0000", ["No run of this project has findings"]),
    ("fix --from last", ["No run of this project has findings"]),
    ("fix . --from 2026", ["There is no run '2026'"]),
    ("fix . --only f-1", ["No run of this project has findings"]),
    ("split - --task T --write", ["standard input"]),
    ("act", ["GOAL is missing"]),
    ("split .", ["--task"]),
    ("act ' '", ["'goal' of act is empty"]),
    ("split . --task ''", ["'task' of split is empty"]),
    ("research ''", ["'question' of research is empty"]),
    ("run options --question ''", ["'question' of options is empty"]),
    ("research Q --angle cost --angle ''", ["One of 'angles' of research is empty"]),
    ("options Q --criterion ' '", ["One of 'criteria' of options is empty"]),
    ("options Q --criterion 'cost: money' --criterion 'Cost: time'", ["Two criteria are called 'cost'"]),
    ("options Q --criterion ': time'", ["no name before its colon"]),
    ("act G --new /etc/x", ["'/etc/x' is no place inside the tree"]),
    ("act G --new src/../..", ["no place inside the tree"]),
    ("run act --goal G --new ''", ["no place inside the tree"]),
    ("run fix --target . --top 0", ["'top' of fix should be 1 or more, not '0'"]),
    ("run fix --target . --rounds 0", ["'rounds' of fix should be 1 or more, not '0'"]),
    ("review . --include *.rb", ["not among the included *.rb", "Say other globs"]),
    ("options Q --criterion ': money'", ['`--criterion "cost: effort to keep it up"`']),
    ("review loop", ["'loop' cannot be looked at: loop is a link that leads nowhere."]),
    ("options Q -n 9", ["--count should be a whole number from 2 to 6."]),
    ("run options --question Q --count 9", ["9 options cannot be asked for"]),
    ("run options --question Q --count many", ["'count' of options", "'many'"]),
    ("run review --targt .", ["no input of review '--targt'", "'--target'"]),
    ("run review --target . --verify nearly", ["'verify' of review", "'nearly'"]),
    ("run revew --target .", ["no pattern 'revew'", "'review'"]),
    ("run research", ["research needs 'question'"]),
    ("run research what", ["'what' is no input", "--question"]),
    ("review . --out nowhere/report.md", ["The folder of --out is not there"]),
]


@pytest.fixture
def furnished(stage: Stage) -> Stage:
    stage.write({"app.py": "x = 1\n", "pack.toml": PACK})
    (stage.project / "empty").mkdir()
    (stage.project / "loop").symlink_to("loop")
    return stage


@pytest.mark.parametrize(("said", "told"), STORIES, ids=[said for said, _ in STORIES])
def test_a_sentence_and_nothing_started(said: str, told: list[str], furnished: Stage) -> None:
    done = furnished.plays(*shlex.split(said), status=2)
    for part in told:
        assert part in done.err
    assert not done.out
    assert not furnished.runs


def test_a_dry_run_needs_no_codex(furnished: Stage) -> None:
    """All but the commands is known without one."""
    words = ("review", ".", "--lenses", "risk", "--dry-run")
    told = furnished.plays(*words, ORCHESTRA_CODEX="/nowhere/codex").out
    assert "codex was not found. Looked at: ORCHESTRA_CODEX = /nowhere/codex." in told
    assert "CONTEXT: WORKER" in told
    assert "command:" not in told


@pytest.mark.parametrize("said", EVERY_PATTERN)
def test_an_unknown_field_of_a_pack_is_named_with_its_line(said: str, furnished: Stage) -> None:
    done = furnished.plays(*said.split(), "--context", "pack.toml", status=2)
    assert "no field 'goals'" in done.err
    assert "pack.toml:3" in done.err
    assert not furnished.runs


@pytest.mark.parametrize("said", EVERY_PATTERN)
def test_a_worker_starts_no_workers(said: str, furnished: Stage) -> None:
    done = furnished.plays(*said.split(), status=2, ORCHESTRA_WORKER="run/w1")
    assert "workers start no workers" in done.err


def test_a_template_that_does_not_fit_is_refused_before_anything_starts(furnished: Stage) -> None:
    own = furnished.project / ".orchestra/prompts/roles"
    own.mkdir(parents=True)
    (own / "scout.md").write_text("TASK: {{ gaol }}\n")
    done = furnished.plays("act", "Something", status=2)
    assert "'gaol', which is not given" in done.err
    assert not furnished.runs
