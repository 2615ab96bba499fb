"""Split: every file in exactly one section, a silent section named, one result of all."""

import re
from collections import Counter
from collections.abc import Callable

from orchestra.rehearsal import Fail, Run, Say, Script, asked_for, otherwise, when
from tests.patterns.theatre import Stage

WORK = {"result": "Done.", "changes": [], "elsewhere": [], "unfinished": []}
WHOLE = {
    "result": "All of it.",
    "conflicts": [{"sections": ["a", "b"], "problem": "Two names for one thing.", "resolution": "Take the first."}],
    "missing": ["The docs."],
}
FILES = {f"{folder}/f{number:02}.py": f"x = {number}\n" for number in range(20) for folder in ("a/b", "b/c", "c/d")}
ASK = ("split", ".", "--task", "Count the lines", "--json")


def listed(prompt: str) -> list[str]:
    """The files a worker was given."""
    return re.findall(r"^- (\S+\.py) \(", prompt.split("FILES:", 1)[1], re.MULTILINE)


def test_sixty_files_are_each_in_exactly_one_section(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(Script(when(asked_for("SectionWork"), Say(WORK)), when(asked_for("Consistency"), Say(WHOLE))))
    stage.write(FILES)
    report = stage.plays(*ASK).report
    given = Counter(path for prompt in stage.prompts if "FILES:" in prompt for path in listed(prompt))
    assert given == Counter(FILES.keys())
    assert len(report.sections) > 1
    assert sum(section.files for section in report.sections) == 60
    assert report.answer == (
        "All of it.\n\nWhere the sections do not go together:\n- Two names for one thing. (a, b) Take the first.\n\n"
        "What no section gave:\n- The docs."
    )


def test_a_section_that_failed_is_named(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(
        Script(
            when(asked_for("SectionWork"), Fail(400), threads=1),
            when(asked_for("SectionWork"), Say(WORK)),
            otherwise(Say(WHOLE)),
        )
    )
    stage.write(FILES)
    report = stage.plays(*ASK, "--at-once", "1", status=4).report
    silent = report.sections[0]
    assert silent.outcome == "failed"
    assert silent.text
    assert silent.name in report.next_step
    told = next(prompt for prompt in stage.prompts if "RESULTS by section" in prompt)
    assert "it did not answer" in told  # whoever sums up knows what is missing


def test_a_section_that_is_alone_is_compared_with_nothing(scripted: Callable[[Script], Stage]) -> None:
    said = {**WORK, "unfinished": ["The docs."], "elsewhere": ["b.py: it calls this."]}
    stage = scripted(Script(when(asked_for("SectionWork"), Run("echo new > a.py"), Say(said))))
    stage.write({"a.py": "x = 1\n"})
    for words, steps in (
        (ASK, ["Work on each section"]),
        ((*ASK, "--write"), ["Work on each section", "Put the changes together"]),
    ):
        plan = stage.plays(*words, "--dry-run").json
        assert (plan["steps"], plan["depends"]) == (steps, steps[1:])
        report = stage.plays(*words).report
        assert [step["name"] for step in stage.plays("status", "last", "--json").json["steps"]] == steps
        assert [worker.label for worker in report.workers] == ["w1-section"]
        assert report.answer == ("Done.\n\nLeft undone:\n- The docs.\n\nTo be done elsewhere:\n- b.py: it calls this.")
        assert report.notes == ()
    assert stage.plays("report", "last").out.count("Done.") == 1


# ── writers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

MANY = {f"{part}/f{number:02}.py": f"x = {number}\n" for part in "abc" for number in range(30)}
WRITE = ("split", ".", "--task", "Say what each file is for", "--write", "--json")


def writers(**moves: Run) -> Script:
    """A writer for each of the three sections, by its first file; then whoever looks at the whole."""
    said = {"result": "Said.", "changes": [], "elsewhere": [], "unfinished": []}
    own = [when(f"- {part}/f00.py", moves[part], Say(said)) for part in "abc"]
    return Script(*own, when(asked_for("Consistency"), Run("ls; head -1 */f00.py"), Say(WHOLE)))


def doc(part: str, more: str = "true") -> Run:
    """Really changes a file of the section, through codex's own shell."""
    return Run(f"sed -i '1i # {part}' {part}/f00.py && {more}")


def test_writers_change_their_own_trees_and_are_put_together_one_after_the_other(
    scripted: Callable[[Script], Stage],
) -> None:
    stage = scripted(writers(a=doc("a"), b=doc("b", "echo new > b/new.py"), c=doc("c")))
    stage.write(MANY)
    report = stage.plays(*WRITE).report
    assert [section.name for section in report.sections] == ["a", "b", "c"]
    assert [change.worker for change in report.changes] == [section.worker for section in report.sections]
    assert [[file.path for file in change.files] for change in report.changes] == [
        ["a/f00.py"],
        ["b/f00.py", "b/new.py"],
        ["c/f00.py"],
    ]
    assert len({change.branch for change in report.changes}) == 3
    # Each began with what the user has, not with what another made of it.
    for change in report.changes:
        changed = stage.git("diff", "--name-only", "main", str(change.branch)).split()
        assert changed == [file.path for file in change.files]
    # Whoever looked at the whole stood in a tree that held all of it.
    whole = (stage.runs[-1] / "workers" / report.workers[-1].label / "attempt-1/events.jsonl").read_text()
    assert all(f"# {part}" in whole for part in "abc")
    # The user's own files are as they were until the changes are taken over, all by one command.
    assert (stage.project / "a/f00.py").read_text() == MANY["a/f00.py"]
    taken = stage.plays("integrate", report.run)
    assert all((stage.project / f"{part}/f00.py").read_text().startswith(f"# {part}\n") for part in "abc"), taken
    assert (stage.project / "b/new.py").exists()
    assert stage.git("log", "--merges", "--format=%s", "main").count("\n") == 2


def test_a_conflict_stops_the_putting_together_and_names_the_files(scripted: Callable[[Script], Stage]) -> None:
    both = "echo mine > shared.txt"
    stage = scripted(writers(a=doc("a", both), b=doc("b", both.replace("mine", "ours")), c=doc("c")))
    stage.write(MANY)
    report = stage.plays(*WRITE).report
    first, second, third = report.changes
    assert (first.conflicts, second.conflicts, third.conflicts) == ((), ("shared.txt",), ())
    assert "shared.txt" in report.next_step
    [told] = [note for note in report.notes if "does not fit" in note]
    assert f"What {second.worker} changed does not fit with what {first.worker} changed" in told
    assert f"Not tried after that: {third.worker}." in told
    whole = (stage.runs[-1] / "workers" / report.workers[-1].label / "attempt-1/events.jsonl").read_text()
    assert "# a" in whole
    assert "# c" not in whole
    # ... and was told so, with who worked on what.
    asked = next(prompt for prompt in stage.prompts if "RESULTS by section" in prompt)
    assert f"put together one after the other. {told}" in asked
    assert f'"section": "b",\n  "worker": "{second.worker}"' in asked
    # Taking over stops at the same place, and leaves the user's tree as clean as it was.
    taken = stage.plays("integrate", report.run, status=None)
    assert taken.status != 0
    assert "shared.txt" in taken.out + taken.err
    assert stage.git("status", "--porcelain") == ""


def test_a_writer_that_leaves_its_section_is_told_of(scripted: Callable[[Script], Stage]) -> None:
    astray = doc("a", "echo x >> b/f07.py && rm c/f03.py && echo y > c/new.py")
    stage = scripted(writers(a=astray, b=doc("b"), c=doc("c")))
    stage.write(MANY)
    report = stage.plays(*WRITE).report
    first = report.changes[0].worker
    assert report.notes == (f"{first} changed files outside its section: b/f07.py, c/f03.py.",)


def test_a_writer_that_fails_is_named_and_the_others_are_put_together(scripted: Callable[[Script], Stage]) -> None:
    script = writers(a=doc("a"), b=doc("b"), c=doc("c"))
    stage = scripted(Script(when("- b/f00.py", Fail(400)), *script.rules))
    stage.write(MANY)
    report = stage.plays(*WRITE, status=4).report
    assert [section.outcome for section in report.sections] == ["answered", "failed", "answered"]
    assert [change.worker for change in report.changes] == [report.sections[0].worker, report.sections[2].worker]
    silent = report.unanswered[0].label
    assert silent == report.sections[1].worker
    assert report.next_step == f"Ask again for what is missing (b): `orchestra resume {report.run}`."
