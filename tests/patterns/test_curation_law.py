"""Whatever a curator says, every wording of every worker stands in exactly one finding."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from orchestra.brief.answers import Curation
from orchestra.brief.answers.curator import Group
from orchestra.findings.curate import Curated, Message, curate
from orchestra.findings.finding import Finding, Location, ReviewMessage, Severity
from orchestra.reports.curation import breach, curated_by
from orchestra.reports.refuting import still_open

TEXTS = {f"f{number}.py": f"line of file {number}\n" for number in range(8)}


def found(count: int, workers: int) -> Curated:
    """So many findings, some of them said by several workers, one unanchored."""

    def finding(number: int) -> Finding:
        place = Location(path=f"f{number}.py", start_line=1, end_line=1, quote=f"line of file {number}")
        if number == 7:
            place = place.model_copy(update={"quote": "nowhere to be found"})
        return Finding(
            title=f"Problem {number} of the file f{number}", severity=list(Severity)[number % 4], confidence=0.5,
            category=f"kind{number}", locations=(place,), problem=f"It is wrong in its own way {number}.",
            recommendation=f"Mend {number}.",
        )  # fmt: skip

    return curate(
        [
            Message(worker=f"w{worker}", message=ReviewMessage(summary="", findings=tuple(map(finding, range(count)))))
            for worker in range(1, workers + 1)
        ],
        TEXTS,
    )


def homes(curated: Curated) -> Counter[tuple[str, int]]:
    return Counter((said.worker, said.index) for one in curated.findings for said in one.said_by)


@given(
    count=st.integers(0, 8),
    workers=st.integers(1, 3),
    groups=st.lists(st.lists(st.integers(-1, 9), max_size=4), max_size=8),
    title=st.text(max_size=5),
)
def test_no_wording_is_lost_or_doubled_whatever_the_curator_says(
    count: int, workers: int, groups: list[list[int]], title: str
) -> None:
    before = found(count, workers)
    said = Curation(groups=tuple(Group(numbers=tuple(group), title=title) for group in groups))
    after = curated_by(before, said)
    assert homes(after) == homes(before)
    assert set(homes(after).values()) <= {1}
    if breach(said, len(still_open(before))):
        assert after.findings == before.findings
        assert len(after.notes) == len(before.notes) + 1


@given(data=st.data(), count=st.integers(1, 8))
def test_a_lawful_answer_is_taken_as_it_stands(data: st.DataObject, count: int) -> None:
    before = found(count, 2)
    numbers = list(range(1, len(still_open(before)) + 1))
    order = data.draw(st.permutations(numbers))
    cuts = sorted(data.draw(st.sets(st.integers(1, max(len(numbers) - 1, 1)), max_size=3)) if len(numbers) > 1 else [])
    parts = [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    said = Curation(groups=tuple(Group(numbers=tuple(part)) for part in parts))
    after = curated_by(before, said)
    assert homes(after) == homes(before)
    open_before = still_open(before)
    assert [one.id for one in still_open(after)] == [open_before[part[0] - 1].id for part in parts]
    for one, part in zip(still_open(after), parts, strict=True):
        members = [open_before[number - 1] for number in part]
        assert one.severity.weight == max(member.severity.weight for member in members)
        assert set(one.places) == {place for member in members for place in member.places}
