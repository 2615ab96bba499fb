"""Split: every file in exactly one section, a silent section named, one result of all."""

import re
from collections import Counter
from collections.abc import Callable

from orchestra.rehearsal import Fail, Say, Script, asked_for, otherwise, when
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
