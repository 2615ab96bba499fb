"""Short ids, and the same problem found again in another run: moved, indented anew, in other words."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import combinations, islice, product

import pytest

from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import Anchor, MergedFinding, Place, Said
from orchestra.findings.merge import merge
from orchestra.findings.name import carry_ids, named, same_again
from tests.findings.tellings import entry, message, said
from tests.gold.cases import NAMES, Case, case


def run(told: Iterable[Said]) -> tuple[MergedFinding, ...]:
    return named(merge(told))


def moved(told: Iterable[Said], by: int) -> list[Said]:
    """The same in a file that grew at its top and was indented anew."""

    def place(one: Said) -> Said:
        places = tuple(
            where.model_copy(
                update={
                    "start_line": where.start_line + by,
                    "end_line": where.end_line + by,
                    "quote": "\n".join(f"\t\t{line.strip()}" for line in where.quote.splitlines()),
                }
            )
            for where in one.places
        )
        return one.model_copy(update={"places": places})

    return list(map(place, told))


def of(workers: Iterable[str], given: Case) -> list[Said]:
    return [one for one in given.said if one.worker in set(workers)]


def main_issue(finding: MergedFinding, given: Case) -> str:
    told = Counter(given.labels["labels"][f"{one.worker}#{one.index}"][0] for one in finding.said_by)
    return str(told.most_common(1)[0][0])


def issues(finding: MergedFinding, given: Case) -> set[str]:
    """All that its wordings report, the second problems too."""
    return {issue for one in finding.said_by for issue in given.labels["labels"][f"{one.worker}#{one.index}"]}


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_short_and_each_finding_has_its_own(name: str) -> None:
    findings = run(case(name).said)
    assert len({one.id for one in findings}) == len(findings)
    assert all(re.fullmatch(r"f-[0-9a-f]{4,6}", one.id) for one in findings)


def test_the_same_findings_get_the_same_ids_in_any_order() -> None:
    findings = merge(case("deploy").said)
    forwards = {one.title: one.id for one in named(findings)}
    assert {one.title: one.id for one in named(findings[::-1])} == forwards


def test_ids_stay_apart_when_their_letters_meet() -> None:
    twins = merge([said("w1")]) * 3
    assert [len(one.id) for one in named(twins)] == [6, 7, 8]
    assert named(twins[:1], taken=["f-" + named(twins[:1])[0].id[2:6]])[0].id != named(twins[:1])[0].id


def test_an_id_that_was_given_is_not_changed() -> None:
    findings = tuple(one.model_copy(update={"id": f"mine-{number}"}) for number, one in enumerate(merge([said("w1")])))
    assert [one.id for one in named(findings)] == ["mine-0"]


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_the_same_words_finds_every_problem_again(name: str) -> None:
    before, after = run(case(name).said), merge(moved(case(name).said, by=17))
    assert same_again(before, after) == {number: number for number in range(len(before))}
    assert [one.id for one in carry_ids(before, after)] == [one.id for one in before]


def test_what_is_told_word_for_word_is_found_again_however_many_say_it() -> None:
    """In a large run a word that stands everywhere is no longer looked at; a night with nothing new knows all the same.

    The sixth place is mended in between, the tenth is told in other words; in the end all but one are mended.
    """
    others = [
        said(f"w{number % 9}", number, 1, f"other{number:03}.py", title=f"{strange} {strange[::-1]}", problem=strange)
        for number, strange in enumerate(map("".join, islice(product("bcdfghjk", repeat=4), 1000)))
    ]
    often = [builtin(number, "A parameter hides a builtin") for number in range(24)]
    before = run([*others, *often])
    (one,) = (finding for finding in before if finding.title == "A parameter hides a builtin")
    assert len(one.said_by) == 24
    assert same_again(before, merge(moved([*others, *often], by=3))) == {
        number: number for number in range(len(before))
    }
    often[9:10] = [builtin(9, "The name of a parameter hides a builtin")]
    del often[5]
    again = carry_ids(before, merge([*others, *often]))
    assert [finding.id for finding in again if len(finding.said_by) > 20] == [one.id]
    last = carry_ids(before, merge([*others, often[7]]))
    assert [finding.id for finding in last if finding.title == "A parameter hides a builtin"] == [one.id]


def builtin(number: int, title: str) -> Said:
    quote = f"def load(path, type={number}):"
    where = Place(path=f"part{number:02}.py", start_line=7, end_line=7, quote=quote, anchor=Anchor.EXACT)
    return said("w1", 2000 + number, title=title, problem="Inside, the builtin is out of reach.", places=(where,))


@pytest.mark.parametrize("name", NAMES)
def test_other_workers_in_other_words_find_it_again_and_neighbours_stay_apart(name: str) -> None:
    given = case(name)
    workers = sorted(given.messages)
    possible = found = wrong = 0
    for first in combinations(workers, 2):
        before = run(of(first, given))
        after = merge(moved(of([one for one in workers if one not in first], given), by=-3))
        known = same_again(before, after)
        assert len(set(known.values())) == len(known), "nobody is met twice"
        possible += len({main_issue(one, given) for one in before} & {main_issue(one, given) for one in after})
        for new, old in known.items():
            same = issues(after[new], given) & issues(before[old], given)
            found, wrong = found + bool(same), wrong + (not same)
    assert found >= 0.95 * possible
    assert wrong <= 0.02 * found


def test_a_problem_that_is_gone_is_not_met_in_its_neighbour() -> None:
    given = case("kvcache")
    before = run(given.said)
    for gone in range(0, len(before), 4):
        left = [finding for number, finding in enumerate(before) if number != gone]
        after = merge(moved((one for finding in left for one in finding.said_by), by=5))
        carried = {one.id for one in carry_ids(before, after)}
        assert before[gone].id not in carried
        assert carried <= {one.id for one in before}


def test_a_new_problem_gets_an_id_of_its_own() -> None:
    before = run([said("w1")])
    new = said("w1", 2, 80, title="Secrets are logged", problem="The token is printed.", recommendation="Hide it.")
    after = carry_ids(before, merge([said("w1"), new]))
    assert [one.id for one in after if one.title == "The file is never closed"] == [before[0].id]
    assert len({one.id for one in after}) == 2


def test_an_own_id_is_given_up_where_the_earlier_run_used_it_for_another_problem() -> None:
    before = tuple(one.model_copy(update={"id": "f-0001"}) for one in merge([said("w1")]))
    other = merge(
        [said("w1", 1, 80, title="Secrets are logged", problem="The token is printed.", recommendation="Hide.")]
    )
    (after,) = carry_ids(before, [one.model_copy(update={"id": "f-0001"}) for one in other])
    assert after.id not in ("", "f-0001")


def test_nothing_before_and_nothing_after() -> None:
    findings = run([said("w1")])
    assert same_again((), findings) == {}
    assert same_again(findings, ()) == {}
    assert carry_ids((), findings) == findings
    assert carry_ids(findings, ()) == ()


def test_runs_over_changed_texts_end_to_end() -> None:
    old = "import os\n\nf = open(path)\nparse(f)\n"
    new = "import os\nimport sys\n\n\ndef load(path):\n    f = open(path)\n    return parse(f)\n"
    told = message(entry())
    again = message(
        entry(
            title="Descriptor leak: the file is never closed",
            locations=[{"path": "a.py", "start_line": 6, "end_line": 6, "quote": "f = open(path)"}],
            problem="open() without with: the handle stays open when parsing fails.",
        )
    )
    before = curate([Message(worker="w1", message=told)], {"a.py": old}).findings
    after = curate([Message(worker="w1", message=again)], {"a.py": new}).findings
    assert [one.id for one in carry_ids(before, after)] == [before[0].id]


def test_the_same_words_about_another_file_are_another_problem() -> None:
    before = run([said("w1", path="a.py")])
    (after,) = carry_ids(before, merge([said("w1", path="b.py", line=9)]))
    assert after.id != before[0].id


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (("Mutable default in total", "def total(p=[]):"), ("Mutable default in other", "def other(d={}):"), False),
        (("Mutable default in total", "def total(p=[]):"), ("Mutable default in total", "def total(p={}):"), True),
        (("The file log is never closed", "log = open(a)"), ("The file out is never closed", "out = open(b)"), False),
        (("a is 5 tests identity", "return a is 5"), ("a is 7 tests identity", "return a is 7"), True),
        (("The file is never closed", "log = open(a)"), ("This file is never closed", "log = open(b)"), True),
    ],
)
def test_the_same_words_of_another_name_are_another_problem(
    before: tuple[str, str], after: tuple[str, str], same: bool
) -> None:
    """The one was mended, the other came: a gate on what is new must see it."""
    (old,), (new,) = ([of_line(number, *told)] for number, told in ((3, before), (9, after)))
    assert (carry_ids(run([old]), merge([new]))[0].id == run([old])[0].id) is same


def of_line(line: int, title: str, quote: str) -> Said:
    place = Place(path="a.py", start_line=line, end_line=line, quote=quote, anchor=Anchor.EXACT)
    return said("w1", line=line, title=title, places=(place,))


def test_code_that_moved_to_another_file_takes_its_finding_with_it() -> None:
    place = Place(path="a.py", start_line=3, end_line=3, quote="    f = open(path)", anchor=Anchor.EXACT)
    there = place.model_copy(update={"path": "b.py", "start_line": 40, "quote": "f = open(path)"})
    before = run([said("w1", places=(place,))])
    (after,) = carry_ids(before, merge([said("w1", places=(there,))]))
    assert after.id == before[0].id
