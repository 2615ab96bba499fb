"""What kept reports tell of findings: every one ever known, and one of them run by run."""

from orchestra.reports.lives import ALONE, GONE, NOT_SEEN, Kept, every_life, life_of
from orchestra.reports.renderers import lives_text
from tests.reports.nights import Nights


def three_nights(room: int = 1000) -> Nights:
    nights = Nights(room=room)
    nights.night(["leak", "race", "secret"])
    nights.night(["race", "secret"])
    nights.night(["race"], silent=["security"])
    return nights


def test_the_newest_report_of_a_job_says_how_each_finding_stands() -> None:
    nights = three_nights()
    lives = {life.id: life for life in every_life([Kept("night", one) for one in nights.reports])}
    states = {
        name: (lives[one].state, lives[one].runs_seen, lives[one].last_seen[6:8]) for name, one in nights.ids.items()
    }
    assert states == {"leak": (GONE, 1, "01"), "race": ("still there", 3, "03"), "secret": (NOT_SEEN, 2, "02")}
    assert [life.state for life in lives.values()] == ["still there", NOT_SEEN, GONE], "what is there comes first"


def test_one_kept_report_knows_all_that_was_carried_into_it() -> None:
    nights = three_nights()
    every = every_life([Kept("night", one) for one in nights.reports])
    assert every_life([Kept("night", nights.reports[-1])]) == every


def test_what_is_carried_no_more_is_still_told_by_the_reports_that_had_it() -> None:
    nights = three_nights(room=0)
    lives = {life.id: life for life in every_life([Kept("night", one) for one in nights.reports])}
    assert lives[nights.ids["leak"]].state == GONE
    assert lives[nights.ids["leak"]].why == "carried no more"
    assert nights.ids["leak"] not in {life.id for life in every_life([Kept("night", nights.reports[-1])])}


def test_jobs_do_not_mix_and_runs_that_stand_alone_are_counted() -> None:
    nights = three_nights()
    bare = nights.reports[0].model_copy(update={"history": None, "run": "20261201-000000-review-0000"})
    kept = [*(Kept("night", one) for one in nights.reports), Kept("other", nights.reports[0]), Kept(None, bare)]

    def told(kept: list[Kept]) -> set[tuple[str | None, str]]:
        return {(life.job, life.state) for life in every_life(kept) if life.id == nights.ids["leak"]}

    assert told(kept) == {("night", GONE), ("other", "new")}, "one of the jobs still has it"
    assert told([*kept[:-2], kept[-1]]) == {("night", GONE), (None, ALONE)}
    assert [night.state for night in life_of(nights.ids["leak"], kept)] == ["new", GONE, GONE, "new", ALONE]


def test_a_rehearsal_neither_ends_nor_brings_back_what_a_model_reported() -> None:
    nights, played = three_nights(), Nights()
    played.night(["leak"])
    played.night([])
    rehearsed = [one.model_copy(update={"rehearsed": True}) for one in played.reports]
    for kept in (
        [*(Kept("night", one) for one in nights.reports[:1]), *(Kept("night", one) for one in rehearsed)],
        [*(Kept("night", one) for one in rehearsed), *(Kept("night", one) for one in nights.reports[:1])],
    ):
        every = every_life(kept)
        assert {(life.id, life.rehearsed, life.state) for life in every} == {
            *((one, False, "new") for one in nights.ids.values()),
            (played.ids["leak"], True, GONE),
        }
        assert lives_text.every_life(every, width=200).count("rehearsed") == 1
        assert lives_text.one_life("f-1", life_of(played.ids["leak"], kept), width=200).count(", rehearsed") == 2


def test_runs_that_stand_alone_are_counted_apart_from_rehearsals() -> None:
    bare = three_nights().reports[0].model_copy(update={"history": None})
    kept = [Kept(None, bare), *[Kept(None, bare.model_copy(update={"rehearsed": True}))] * 2]
    every = every_life(kept)
    assert {(life.rehearsed, life.runs_seen) for life in every} == {(False, 1), (True, 2)}


def test_both_are_told_on_narrow_and_on_wide_terminals() -> None:
    nights = three_nights()
    kept = [Kept("night", one) for one in nights.reports]
    for width in (40, 60, 200):
        every = lives_text.every_life(every_life(kept), width=width)
        one = lives_text.one_life(nights.ids["secret"], life_of(nights.ids["secret"], kept), width=width)
        assert all(name in every for name in nights.ids.values())
        assert "w2-security did not answer" in " ".join(one.split())
        assert max(map(len, (every + one).split("\n"))) <= max(width, len("    20261101-031500-review-0000"))
