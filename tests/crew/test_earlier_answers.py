"""Nights that pay for change only: what an earlier run answered is taken again, and stands for itself from then on."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

import orchestra
from orchestra.brief.ask import Ask
from orchestra.crew.basis import Present
from orchestra.crew.changes import CHANGED_WHILE_READING
from orchestra.crew.earlier import Earlier
from orchestra.crew.events import Kind
from orchestra.crew.keys import Begun
from orchestra.crew.lineage import Lineage, Origin, Shard
from orchestra.crew.run_folder import RunFolder
from orchestra.outcome import Outcome
from orchestra.rehearsal import Run, Say, Script, StandIn, when
from orchestra.reports.first_lines import headline, warnings
from orchestra.reports.report import Report, ReportState
from orchestra.reports.team import cost, rows
from orchestra.usage import Usage
from tests.crew.nights import Nights
from tests.crew.theatre import asked, finished_prompts, killed, orchestrator, played, until

FINE = {"summary": "Fine. Nothing.", "findings": []}
KEYS = some.text("0123456789abcdef", min_size=64, max_size=64)
MONTH = 30 * 86400.0


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path / "project", folders=2)


def origins(report: Report) -> list[str | None]:
    return [worker.reused_from for worker in report.workers]


def aged(nights: Nights, run: str, days: float) -> None:
    """Make the answers of a run older than they are, as if it had been another night."""
    for file in nights.folder(run).glob("workers/*/attempt-*/result.json"):
        seal = json.loads(file.read_text())
        for said in (seal, seal["origin"] or {}):
            for name in ("sealed", "answered"):
                if name in said:
                    said[name] = (datetime.fromisoformat(said[name]) - timedelta(days=days)).isoformat()
        file.write_text(json.dumps(seal))


def test_of_sixty_asks_an_edit_to_one_file_pays_for_three(tmp_path: Path) -> None:
    nights = Nights(tmp_path / "project")
    first = nights.night()
    assert len(first.workers) == len(nights.asked()) == 60

    again = nights.night(first.run)
    assert nights.asked() == []
    assert (again.state, origins(again)) == (ReportState.COMPLETE, [first.run] * 60)
    assert headline(again).startswith("Complete: all 60 workers answered, all of them in earlier runs.")

    nights.write("src/part07/file3.py", "value = [BUG]")
    edited = nights.night(again.run, first.run)
    assert nights.asked() == [f"{lens} src/part07/file0.py" for lens in ("CORRECTNESS", "RISK", "SECURITY")]
    assert origins(edited).count(None) == 3
    assert [finding.places[0].path for finding in edited.open] == ["src/part07/file3.py"]

    nights.write("src/part07/file3.py", "value = 73")
    back = nights.night(edited.run, again.run, first.run)
    assert nights.asked() == []
    assert set(origins(back)) == {first.run}
    assert not back.open


def test_a_copy_stands_by_itself_and_names_who_paid(nights: Nights) -> None:
    first = nights.night()
    second = nights.night(first.run)
    shutil.rmtree(nights.folder(first.run))
    nights.asked()
    third = nights.night(first.run, second.run)
    assert nights.asked() == []
    assert set(origins(third)) == {first.run}
    assert {worker.answered_at for worker in third.workers} == {worker.answered_at for worker in second.workers}
    folder = RunFolder(nights.folder(third.run))
    for label in folder.labels():
        files = folder.attempt(label, 1)
        assert files.prompt.read_text().startswith("CONTEXT: WORKER")
        assert json.loads(files.last_message.read_text())["summary"] == "Looked. Said."


def test_what_is_reused_is_said_and_not_paid(nights: Nights) -> None:
    first = nights.night()
    for file in nights.folder(first.run).glob("workers/*/attempt-1/result.json"):
        seal = json.loads(file.read_text())
        seal["result"]["usage"] = Usage(input_tokens=1000, output_tokens=10).model_dump()
        seal["result"]["notes"] = [f"{CHANGED_WHILE_READING}: README.md (by it, by another worker, or by you)."]
        seal["result"]["files_changed"] = [{"path": "README.md", "kind": "update"}]
        file.write_text(json.dumps(seal))
    aged(nights, first.run, days=3)
    run = nights.start(Lineage(reuse=(first.run,)))
    report = run.wait(60)
    assert report.usage.total == run.poll().usage.total == 0
    assert [worker.cost_then for worker in report.workers] == [Usage(input_tokens=1000, output_tokens=10)] * 6
    assert cost(report).startswith("6 workers, no tokens, 6 answers of earlier runs (6,060 tokens then)")
    assert {row.why for row in rows(report)} == {f"answer of {first.run}, 3 days old"}
    assert {row.why for row in rows(report, few=1)} == {"2 answers of earlier runs, up to 3 days old"}
    assert not report.notes, "what happened in that night is not said of this one"
    assert not warnings(report)
    said = [event for event in run.events() if event.kind is Kind.REUSED]
    assert [event.text for event in said] == [f"answer of {first.run}, 3 days old"] * 6
    again = orchestra.resume(nights.folder(run.id)).wait(60)
    assert (again.usage.total, origins(again)) == (0, [first.run] * 6)
    assert orchestra.start("review", **nights.options, max_tokens=100_000, lineage=Lineage(reuse=(run.id,))).wait(60)
    assert len(nights.asked()) == 6


UNFIT: dict[str, Callable[[dict[str, object]], object]] = {
    "it did not answer": lambda seal: seal["result"].update(outcome="timed_out"),  # type: ignore[attr-defined]  # plain JSON
    "its message is no answer": lambda seal: seal["result"].update(message="hm"),  # type: ignore[attr-defined]  # likewise
    "nobody knows what it rests on": lambda seal: seal.update(basis=None),
    "it rests on a file that is not what it was": lambda seal: seal.update(basis={"files": {"src/none.py": "0"}}),
    "something else was asked": lambda seal: seal.update(key="0" * 64),
}


@pytest.mark.parametrize("spoil", UNFIT.values(), ids=UNFIT)
def test_what_is_no_answer_is_not_taken(nights: Nights, spoil: Callable[[dict[str, object]], object]) -> None:
    first = nights.night()
    nights.asked()
    file = next(nights.folder(first.run).glob("workers/w4-*/attempt-1/result.json"))
    seal = json.loads(file.read_text())
    spoil(seal)
    file.write_text(json.dumps(seal))
    second = nights.night(first.run)
    assert nights.asked() == ["CORRECTNESS src/part01/file0.py"]
    assert origins(second).count(None) == 1


@pytest.mark.parametrize("torn", ["", "{", '{"key": "'])
def test_a_seal_that_cannot_be_read_is_none(nights: Nights, torn: str) -> None:
    first = nights.night()
    nights.asked()
    next(nights.folder(first.run).glob("workers/w4-*/attempt-1/result.json")).write_text(torn)
    nights.night("20200101-000000-review-0000", "../../elsewhere", first.run)
    assert len(nights.asked()) == 1


def test_who_was_asked_again_is_remembered_by_the_last_answer(nights: Nights) -> None:
    first = nights.night()
    orchestra.retry(nights.folder(first.run), "w2-risk", "Look harder.").wait(60)
    nights.asked()
    second = nights.night(first.run)
    assert nights.asked() == []
    copy = RunFolder(nights.folder(second.run)).seal("w2-risk", 1)
    last = RunFolder(nights.folder(first.run)).seal("w2-risk", 2)
    assert copy
    assert last
    assert copy.origin == Origin(run=first.run, answered=last.sealed)
    orchestra.retry(nights.folder(second.run), "w2-risk").wait(60)
    assert len(nights.asked()) == 1


# ── age ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(KEYS, some.floats(1.0, 1e9))
def test_each_answer_is_asked_again_in_the_second_half_of_the_period(key: str, period: float) -> None:
    assert period / 2 <= Lineage(max_reuse_age=period).asks_again_after(key) <= period


def test_the_answers_of_one_night_are_asked_again_in_many(nights: Nights) -> None:
    first = nights.night()
    assert len(nights.asked()) == 6
    keys = [RunFolder(nights.folder(first.run)).seal(worker.label, 1).key for worker in first.workers]  # type: ignore[union-attr]  # it answered
    due = sorted(Lineage(max_reuse_age=MONTH).asks_again_after(key) / 86400 for key in keys)
    past = 0.0
    for days in (due[0] - 0.01, due[2] + 0.01, due[-1] + 0.01):
        aged(nights, first.run, days - past)
        past = days
        nights.night(first.run, max_reuse_age=MONTH)
        assert len(nights.asked()) == sum(day < days for day in due)
    nights.night(first.run)
    assert nights.asked() == []


# ── in the middle of it ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_night_that_is_killed_pays_nothing_twice(project: Path, parrot: StandIn) -> None:
    played(project, "orchestra.start(plays.many, number=6).wait()", parrot)
    first = next((project / ".orchestra/runs").glob("*"))
    before = len(parrot.asks)
    lineage = f"from orchestra.crew.lineage import Lineage\nlineage = Lineage(reuse=({first.name!r},))"
    with orchestrator(
        project, f"{lineage}\norchestra.start(plays.many, number=12, lineage=lineage).wait()", parrot
    ) as it:
        until(lambda: len(list((project / ".orchestra/runs").glob("*/run.json"))) == 2)
        run = next(folder for folder in (project / ".orchestra/runs").glob("*-*") if folder != first)
        until(lambda: (run / "events.jsonl").exists() and (run / "events.jsonl").read_text().count('"ended"') >= 2)
        killed(it, run)
    done = finished_prompts(run)
    assert played(project, "print(orchestra.resume().wait().state)", parrot) == "complete"
    counts = asked(parrot, after=before)
    assert len(counts) == 6
    assert [counts[prompt] for prompt in done] == [1] * len(done)
    report = Report.model_validate_json((run / "report.json").read_text())
    assert origins(report) == [first.name] * 6 + [None] * 6
    assert {worker.outcome for worker in report.workers} == {Outcome.ANSWERED}


# ── with what was seen of a real codex ───────────────────────────────────────────────────────────────────────────────


def test_an_answer_rests_on_what_its_worker_was_seen_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    subprocess.run(["git", "init", "-q", project], check=True)
    for name in ("src/a.py", "lib/b.py", "lib/c.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(f"{name!r}\n")
    script = Script(when("LENS: RISK", Run("cat src/a.py lib/b.py"), Say(FINE)), when("LENS", Say(FINE)))
    with StandIn(script, home=tmp_path / "codex-home") as model:
        for name, value in model.environment.items():
            monkeypatch.setenv(name, value)

        def night(*reuse: str) -> Report:
            target, lenses = project / "src", "risk,clarity"
            given = Lineage(reuse=reuse)
            return orchestra.start("review", target=target, lenses=lenses, start=project, lineage=given).wait(120)

        first = night()
        assert first.workers[0].files_read == ("src/a.py", "lib/b.py")
        (project / "lib/c.py").write_text("changed\n")
        assert origins(night(first.run)) == [first.run] * 2
        (project / "lib/b.py").write_text("changed\n")
        third = night(first.run)
        assert origins(third) == [None, first.run]
        assert origins(night(third.run, first.run)) == [third.run, first.run]


def test_older_runs_are_looked_into_only_for_what_the_newest_does_not_know(nights: Nights) -> None:
    first = nights.night()
    second = nights.night(first.run)
    target = Present(nights.project, None)
    known = RunFolder(nights.folder(second.run)).seal("w1-correctness", 1)
    assert known
    reading = Earlier(nights.project, Lineage(reuse=(second.run, first.run)), target)
    ask: Ask[str] = Ask(role="reviewer", prompt="")
    assert next(reading.answers(Begun(ask, "", known.key, "w1", known.key)))[1].run == first.run
    assert repr(reading) == "<Earlier: 1 of 2 runs looked into>"
    assert not list(reading.answers(Begun(ask, "", "0" * 64, "w1", "0" * 64)))
    assert repr(reading) == "<Earlier: 2 of 2 runs looked into>"


@pytest.mark.parametrize("number", [0, 4])
def test_there_is_no_such_shard(number: int) -> None:
    with pytest.raises(ValidationError):
        Shard(number=number, of=3)
