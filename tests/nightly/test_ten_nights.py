"""Ten nights of a shop: real commits, the real codex, the understudy; and what is told after each of them.

Defects come, move, are re-worded, fixed, accepted, and come back. One night loses two workers, one is killed in the
middle, one finds the disk full, one runs twice at once. Report, history, exit code and page must agree every morning.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestra.rehearsal import StandIn
from orchestra.reports.gate import gate
from orchestra.reports.report import Report
from tests.cli.house import until
from tests.cli.warm import Warm
from tests.nightly.shop import FILLERS, FOLDERS, PATIENCE, SETTINGS, Model, Shop, rows, told_in
from tests.nightly.shop_code import (
    CART,
    CART_MENDED,
    EVAL,
    EXPORT,
    FIRST_WORDS,
    IN_OTHER_WORDS,
    LETTER,
    MOVED,
    PICKLE,
    SESSION,
    SHARED,
    SHELL,
)
from tests.reports.browser import chromium

DECIDED = ("accepted", "dismissed")


# ── how a night goes ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Morning:
    """What a night left: its line of the summary, if it lived to print one."""

    end: Mapping[str, Any] | None
    exit: int


def quietly(shop: Shop, *words: str) -> Morning:
    """Nothing special happens."""
    done = shop.run("nightly", *words, "--json", exit=None)
    return Morning(json.loads(done.stdout)["jobs"][0], done.returncode)


def in_other_words(shop: Shop) -> Morning:
    """From now on the model finds other words for everything; it is asked everything anew."""
    shop.model.words = IN_OTHER_WORDS
    return quietly(shop, "--fresh")


def losing_two(shop: Shop) -> Morning:
    shop.model.loses = lambda asked: asked.section == "accounts"
    return quietly(shop)


def killed(shop: Shop) -> Morning:
    """When the accounts are answered for and the bills are not, the machine goes down."""
    shop.model.holds = lambda asked: asked.section == "billing"
    with shop.started("nightly") as child:
        until(lambda: shop.events("ended") == 2 and len(shop.model.asked) == 4, PATIENCE)
        child.kill()
        return Morning(None, child.wait())


def with_a_full_disk(shop: Shop) -> Morning:
    """The disk fills up while the workers are at work."""
    with shop.full() as fill:
        shop.model.when_asked = fill
        return quietly(shop)


def twice_at_once(shop: Shop) -> Morning:
    """Two timers fire; the model answers when one of the two has gone, and finds its first words again."""
    shop.model.words = {}
    shop.model.holds = lambda asked: True
    with shop.started("nightly", "--json") as one, shop.started("nightly", "--json") as other:
        nights = (one, other)
        until(lambda: any(night.poll() is not None for night in nights), PATIENCE)
        (left,) = (night for night in nights if night.poll() is not None)
        (goes_on,) = (night for night in nights if night is not left)
        shop.model.may_answer.set()
        out, _ = goes_on.communicate(timeout=PATIENCE)
        (alone,) = json.loads(left.communicate()[0])["jobs"]
        assert (alone["state"], left.returncode) == ("left alone", 0)
        return Morning(json.loads(out)["jobs"][0], goes_on.returncode)


# ── what the developer does in the days between ──────────────────────────────────────────────────────────────────────


def founds_the_shop(shop: Shop) -> None:
    for folder in FOLDERS:
        for number in range(FILLERS):
            shop.write(f"{folder}/rate{number:02}.py", f"RATE = {number}\n")
    shop.write("billing/export.py", EXPORT)
    shop.write("billing/cart.py", CART)
    shop.write("accounts/session.py", SESSION)
    (shop.project / "orchestra.toml").write_text(SETTINGS)


def goes_fishing(shop: Shop) -> None:
    """Nothing is changed."""


def adds_code_above_and_indents(shop: Shop) -> None:
    for old, new in MOVED.items():
        shop.change("billing/export.py", old, new)


def mends_the_cart_accepts_the_shell_writes_letters(shop: Shop) -> None:
    shop.run("accept", named(shop, SHELL), "--reason", "runs on the build machine only", "--by", "Ada")
    shop.write("billing/cart.py", CART_MENDED)
    shop.write("accounts/letters.py", LETTER)
    shop.change("accounts/session.py", "pickle.loads(data)", "pickle.loads(data[1:])")


def comments_the_session(shop: Shop) -> None:
    shop.change("accounts/session.py", "import pickle\n", "import pickle  # of the standard library\n")


def lets_the_shell_write_a_log(shop: Shop) -> None:
    """What the decision rests on is another line now."""
    shop.change("billing/export.py", '--to {path}"', '--to {path} --log {path}.log"')


def mends_the_letters(shop: Shop) -> None:
    shop.write("accounts/letters.py", LETTER.replace("eval(template, {", "template.format(**{"))


def brings_the_old_cart_back_dismisses_and_moves_the_session(shop: Shop) -> None:
    shop.run("dismiss", named(shop, PICKLE), "--reason", "the cookie is signed", "--by", "Ada")
    shop.write("billing/cart.py", CART)
    shop.move("accounts/session.py", to="accounts/cookies.py")


def named(shop: Shop, title: str) -> str:
    """The id of a finding, as the last nights call it."""
    titles = {title, IN_OTHER_WORDS.get(title, {}).get("title", title)}
    (one,) = (life["id"] for life in shop.json("history")["findings"] if life["title"] in titles)
    return str(one)


# ── the nights ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Night:
    """A day's work, the night after it, and the morning."""

    date: str
    day: Callable[[Shop], None]
    night: Callable[[Shop], Morning]
    exit: int
    asked: int
    """Workers that are paid."""
    lives: Mapping[str, str] | None = field(default=None)
    """None: the night has no report, and everything is told as the night before told it."""


# fmt: off
NIGHTS = (
    Night("2026-11-02", founds_the_shop, quietly, exit=1, asked=4,
          lives={SHELL: "new", SHARED: "new", PICKLE: "new"}),
    Night("2026-11-03", goes_fishing, quietly, exit=0, asked=0,
          lives={SHELL: "still there", SHARED: "still there", PICKLE: "still there"}),
    Night("2026-11-04", adds_code_above_and_indents, quietly, exit=0, asked=2,
          lives={SHELL: "still there", SHARED: "still there", PICKLE: "still there"}),
    Night("2026-11-05", goes_fishing, in_other_words, exit=0, asked=4,
          lives={SHELL: "still there", SHARED: "still there", PICKLE: "still there"}),
    Night("2026-11-06", mends_the_cart_accepts_the_shell_writes_letters, quietly, exit=1, asked=4,
          lives={SHELL: "still there, accepted", SHARED: "gone", PICKLE: "changed", EVAL: "new"}),
    Night("2026-11-07", comments_the_session, losing_two, exit=4, asked=2,
          lives={SHELL: "still there, accepted", SHARED: "gone", PICKLE: "not seen", EVAL: "not seen"}),
    Night("2026-11-08", lets_the_shell_write_a_log, killed, exit=-9, asked=4),
    Night("2026-11-09", goes_fishing, quietly, exit=1, asked=2,
          lives={SHELL: "reopened", SHARED: "gone", PICKLE: "still there", EVAL: "still there"}),
    Night("2026-11-10", mends_the_letters, with_a_full_disk, exit=3, asked=2),
    Night("2026-11-11", brings_the_old_cart_back_dismisses_and_moves_the_session, twice_at_once, exit=1, asked=4,
          lives={SHELL: "still there", SHARED: "back", PICKLE: "still there, dismissed", EVAL: "gone"}),
)
# fmt: on


@pytest.fixture
def shop(shop_disk: Path, warm: Warm) -> Iterator[Shop]:
    project = shop_disk / "shop"
    project.mkdir()
    model = Model(project)
    with StandIn(model) as served:
        yield Shop(project, warm, served, model)


def test_ten_nights(shop: Shop) -> None:
    told = Told()
    for number, night in enumerate(NIGHTS, 1):
        shop.model.begin_night()
        night.day(shop)
        shop.commit(night.day.__name__.replace("_", " "), night.date)
        morning = night.night(shop)
        assert morning.exit == night.exit, f"night {number}: {morning}"
        look(shop, night, morning, told)
    each_answer_was_paid_once(shop)
    one_life_is_told_whole(shop, told)
    a_browser_shows_it(shop, told)


@dataclass
class Told:
    """What the mornings so far told."""

    ids: dict[str, str] = field(default_factory=dict)
    """What a problem was first called -> the id it was first given."""
    lives: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    threads: set[str] = field(default_factory=set)
    """Of every worker the model ever heard of."""
    runs: list[str] = field(default_factory=list)
    """With a report."""


def look(shop: Shop, night: Night, morning: Morning, told: Told) -> None:
    """Report, history, exit code, page and the model's end say the same."""
    paid = {one.thread for one in shop.model.asked}
    assert len(shop.model.asked) == len(paid) == night.asked
    if night.lives is None:
        assert (history(shop), shop.page()) == (told.lives, told.page)
    else:
        assert morning.end is not None
        report = shop.report(morning.end["run"])
        for finding in report.findings:
            told.ids.setdefault(FIRST_WORDS.get(finding.title, finding.title), finding.id)
        expected = {told.ids[title]: life for title, life in night.lives.items()}
        assert told_in(report) == expected, [(finding.id, finding.title) for finding in report.findings]
        assert history(shop) == expected
        assert {worker.thread_id for worker in report.workers if not worker.reused_from} - told.threads == paid
        assert morning.end["paid"] == night.asked
        assert bool(morning.end["failing"]) == (night.exit == 1)
        on_the_page(shop, report, expected)
        told.lives, told.page = expected, shop.page()
        told.runs.append(report.run)
    told.threads |= paid


def history(shop: Shop) -> dict[str, str]:
    """What `orchestra history` says of each finding."""
    return {
        life["id"]: f"{life['state']}, {life['standing']}" if life["standing"] in DECIDED else life["state"]
        for life in shop.json("history")["findings"]
    }


def on_the_page(shop: Shop, report: Report, lives: Mapping[str, str]) -> None:
    """The newest night of the index, and the newest night of every finding's own page."""
    row = rows(shop.page(), "nights")[0]
    counted = Counter(life.partition(",")[0] for life in lives.values())
    gone = report.history.gone_in(report.run) if report.history else ()
    own = sum(not worker.reused_from for worker in report.workers)
    failing = gate("new:high").names(report)
    assert row["state"].startswith(report.state.value)
    assert row["gate"] == (f"failed by {len(failing)}" if failing else "passed")
    assert row["paid"] == f"{own} of {len(report.workers)}"
    assert row["gone"] == f"{len(gone)}" + f" {counted['not seen']} not seen" * bool(counted["not seen"])
    told = {"new": ("new",), "still there": ("still there", "changed"), "back": ("back", "reopened")}
    assert {name: int(row[name]) for name in told} == {
        name: sum(counted[life] for life in several) for name, several in told.items()
    }
    for id, life in lives.items():
        newest = rows(shop.page(f"findings/{id}"), "nights lived")[0]
        assert newest["what"].startswith(life.partition(",")[0])


def each_answer_was_paid_once(shop: Shop) -> None:
    """Where the same was asked of the same files again, somebody wanted everything fresh."""
    answers = Counter(one.what for one in shop.model.answered)
    assert Counter(answers.values()) == {1: len(answers) - 4, 2: 4}


def one_life_is_told_whole(shop: Shop, told: Told) -> None:
    """Of the finding that lived through all of it; the run the full disk had ended tells of it, too."""
    nights = shop.json("history", told.ids[SHELL])["nights"]
    assert len(nights) == len(told.runs) + 1
    assert [night["state"] for night in nights if night["run"] in told.runs] == [
        night.lives[SHELL].partition(",")[0] for night in NIGHTS if night.lives is not None
    ]


def a_browser_shows_it(shop: Shop, told: Told) -> None:
    """Every night that has a run of its own, and from there to a finding: the killed one was gone on with."""
    with chromium() as browser:
        browser.open(shop.project / ".orchestra/site/index.html")
        assert browser.read("document.querySelector('table.nights').tBodies[0].rows.length") == len(NIGHTS) - 1
        table = "document.querySelector('.scrolling:has(table.nights)')"
        assert browser.read(f"{table}.scrollWidth <= {table}.clientWidth"), "nothing of a night is out of sight"
        browser.click(f"ul.kept a[href='findings/{told.ids[SHARED]}.html']")
        browser.until("document.readyState === 'complete' && location.pathname.includes('/findings/')")
        assert "back" in browser.read("document.querySelector('table.lived').tBodies[0].rows[0].innerText")
        assert browser.complaints == []
