"""The project's page: what a month of runs looks like in a real Chromium, and what making it again costs."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.errors import OrchestraError, UsageError
from orchestra.nightly.site import build
from orchestra.nightly.site.chart import LEAST, SHOWN, chart
from orchestra.nightly.site.night import Belonging, Night, NoReport, night
from orchestra.reports.gate import gate
from tests.cli.house import NOTHING, ONE_HIGH, House
from tests.nightly.nights import NEW, RACE, STILL, WILD, a_week, keep, left, lives, run_id, told
from tests.nightly.stage import describe
from tests.reports.browser import Browser, chromium
from tests.reports.stories import STORIES, merged, report
from tests.reports.test_page import TAGS, Tags, contrast, rgb

GATES = {"docs & <code>": gate("new:high")}
OURS = {"svg", "g", "desc", "defs", "pattern", "rect", "line", "text", "nav"}
"""Tags a page of the site has, and a report has not."""


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with some nights; its first page."""
    project = tmp_path_factory.mktemp("a <project>")
    a_week(project)
    return build(project, gates=GATES)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def project(tmp_path: Path) -> Path:
    a_week(tmp_path)
    return tmp_path


def words(file: Path) -> str:
    """What a reader without a browser reads."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", file.read_text("utf-8"), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def rows(browser: Browser, table: str = "table.nights") -> list[str]:
    """The lines of the first table a person sees."""
    found: list[str] = browser.read(
        f"[...document.querySelector('{table}').tBodies[0].rows].map(r => r.innerText.replace(/\\s+/g, ' '))"
    )
    return found


# ── read and clicked ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_the_nights_to_a_night_to_a_finding_and_back(browser: Browser, week: Path) -> None:
    browser.open(week)
    browser.click(f"table.nights a[href='nights/{run_id(6)}.html']")
    browser.until("document.readyState === 'complete' && location.pathname.includes('/nights/')")
    assert browser.read("document.querySelector('h1').textContent") == report().asked
    browser.click("#f-0003 > summary")
    browser.click("#f-0003 a.history")
    browser.until("document.readyState === 'complete' && location.pathname.endsWith('/findings/f-0003.html')")
    assert browser.read("document.querySelector('h1').textContent").strip().startswith("low Wild: <script>alert(1)")
    assert browser.read("document.querySelector('.alone blockquote') !== null")
    browser.click(f"table.lived a[href*='{run_id(2)}']")
    browser.until(f"location.pathname.endsWith('{run_id(2)}.html') && document.readyState === 'complete'")
    assert browser.read("document.getElementById('f-0003').open")
    browser.read("document.querySelector('.overline a').focus()")  # the page still scrolls to the finding
    browser.press("Enter")
    browser.until("location.pathname.endsWith('/index.html') && document.readyState === 'complete'")
    assert browser.complaints == []
    asked = {address.partition("#")[0] for address in browser.requests if address != "about:blank"}
    assert all(address.startswith(week.parent.as_uri()) for address in asked)


def test_each_night_is_told_as_it_was(browser: Browser, week: Path) -> None:
    browser.open(week)
    told = dict(line.split(" ", 1) for line in rows(browser))
    assert told["2026-11-01"].startswith("03:15 complete failed by 1 1 high 1 medium 2 0 0 0 0")
    assert told["2026-11-02"].startswith("03:15 incomplete 1 of 2 workers did not answer passed 1 high 0 0 1 not seen")
    assert told["2026-11-03"].startswith("03:15 complete passed 1 medium 1 low 1 0 2 0 1 ")
    assert told["2026-11-04"].startswith("03:15 The file holds no report: it is not JSON.")
    assert told["2026-11-05"].startswith("03:15 complete passed 1 low 0 1 2 0 1")
    assert told["2026-11-06"].startswith("03:15 complete passed 1 low 0 0 2 0 1"), "gone is said once"
    assert told["2026-11-07"].startswith("03:15 complete passed 1 medium 1 low 0 0 2 1 1 88,600 1 of 2 6m 53s")
    assert list(told) == sorted(told, reverse=True)


def test_a_finding_s_page_tells_every_night(browser: Browser, week: Path) -> None:
    browser.open(week.parent / "findings/f-0002.html")
    assert [line[:10] + line[16:].rstrip() for line in rows(browser, "table.lived")][1:] == [
        "2026-11-05 gone its lines were looked at again",
        "2026-11-04 no report The file holds no report: it is not JSON.",
        "2026-11-03 still there medium src/part_2.py:6-7 w1-correctness, w2-risk 2 of 2 say so",
        "2026-11-02 not seen its worker did not answer",
        "2026-11-01 new medium src/part_2.py:6-7 w1-correctness, w2-risk 2 of 2 say so",
    ]
    assert rows(browser, "table.lived")[0].startswith("2026-11-07 03:15 back medium")
    assert "Open in the last night of docs & <code>, 2026-11-07 03:15." in words(week.parent / "findings/f-0002.html")
    accepted = words(week.parent / "findings/f-0001.html")
    assert (
        "Accepted in the last night of docs & <code>, 2026-11-07 03:15: accepted by Ada: <b>VPN</b> only." in accepted
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_no_cell_is_empty(browser: Browser, week: Path, width: int) -> None:
    for page in [week, *(week.parent / "findings").iterdir()]:
        browser.open(page, width=width)
        told = browser.read(
            "[...document.querySelectorAll('tbody tr')].map(row => [row.closest('table').tHead.rows[0].cells.length,"
            " [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0),"
            " [...row.cells].filter(cell => cell.checkVisibility() && !cell.innerText.trim()).length])"
        )
        assert told
        assert all(head == cells and not empty for head, cells, empty in told), page.name


def test_a_night_like_the_one_before_says_so_whole_and_quietly(browser: Browser, week: Path) -> None:
    browser.open(week.parent / "findings/f-0003.html")
    same = "still there low src/part_3.py:9-10 w1-correctness, w2-risk 2 of 2 say so"
    assert [line[17:].rstrip() for line in rows(browser, "table.lived")[:3]] == [same] * 3
    assert browser.read("document.querySelectorAll('.same td:not([colspan])').length") == 4 * 2
    browser.resize(390, 900)
    assert [line.split()[2:] for line in rows(browser, "table.lived")[:1]] == [["still", "there"]]


def test_what_is_no_night_stands_apart(browser: Browser, week: Path) -> None:
    browser.open(week)
    alone = browser.read("[...document.querySelectorAll('#alone tbody th')].map(e => e.innerText)")
    assert [line.split("\n")[-1] for line in alone] == ["shard 2 of 5 of docs & <code>", "fix of <src>"]
    titles = browser.read("[...document.querySelectorAll('main > section > h2')].map(e => e.textContent)")
    assert titles == ["docs & <code>", "docs & <code>, rehearsed", "Other runs"]


def test_the_chart_has_its_figures_behind_it(browser: Browser, week: Path) -> None:
    browser.open(week)
    assert browser.read("document.querySelectorAll('svg .bar').length") > 10
    name, told = browser.read(
        "document.querySelector('svg').getAttribute('aria-labelledby').split(' ')"
        ".map(id => document.getElementById(id).textContent)"
    )
    assert "Open findings of docs & <code>" in name
    assert "7 nights from 2026-11-01 to 2026-11-07: open findings went from 2 to 2. 2 nights incomplete." in told
    assert not browser.read("document.querySelector('.figures table').checkVisibility()")
    browser.click(".figures > summary")
    assert rows(browser, ".figures table")[0] == "2026-11-07 03:15 0 0 1 1 1 0"
    assert rows(browser, ".figures table")[-1] == "2026-11-01 03:15 0 1 1 0 2 0", "in the first night all is new"
    heights = browser.read(
        "[...document.querySelectorAll('svg > a')].map(a => [...a.querySelectorAll('.high, .medium, .low')]"
        ".reduce((sum, bar) => sum + Number(bar.getAttribute('height')), 0))"
    )
    assert heights == [pytest.approx(150 / 4 * count, abs=0.1) for count in (2, 1, 2, 1, 1, 2)]
    in_the_table = browser.read(
        "[...document.querySelector('table.nights').tBodies[0].rows].filter(row => row.cells.length > 2).reverse()"
        ".map(row => ['new', 'back', 'gone'].map(name => Number(row.querySelector(`[data-of='${name}']`)"
        ".firstChild.textContent)))"
    )
    in_the_chart = browser.read(
        "[...document.querySelectorAll('svg > a')].map(a => ['came', 'went'].map(sort =>"
        " Number(a.querySelector(`.${sort}`)?.getAttribute('height') ?? 0)))"
    )
    assert in_the_chart == [[14 * (new + back), 14 * gone] for new, back, gone in in_the_table]
    assert in_the_chart[0] == [14 * 2, 0]
    assert "2 open (1 high, 1 medium), 2 new or back, 0 gone" in browser.read(
        "document.querySelector('svg > a').textContent"
    )


def test_the_keyboard_goes_everywhere(browser: Browser, week: Path) -> None:
    browser.open(week)
    browser.read(f"document.querySelector(\"table.nights a[href*='{run_id(6)}']\").focus()")
    browser.press("Enter")
    browser.until("location.pathname.includes('/nights/')")
    browser.open(week)
    assert browser.read(
        "[...document.querySelectorAll('a, summary, button')].every(e => e.tabIndex >= 0 || e.closest('svg'))"
    )


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("page", ["index.html", "findings/f-0003.html"])
def test_nothing_is_wider_than_the_window(browser: Browser, week: Path, page: str, width: int) -> None:
    browser.open(week.parent / page, width=width)
    browser.read("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    assert browser.read("document.documentElement.scrollWidth") <= width
    assert browser.complaints == []


def test_a_phone_sees_the_newest_night_first(browser: Browser, tmp_path: Path) -> None:
    for number in range(40):
        keep(tmp_path, run_id(number), told(number, RACE, history=lives(0, f_0001=STILL)), {"job": "nightly"})
    browser.open(build(tmp_path), width=390)
    last = browser.read(
        "(() => { const r = [...document.querySelectorAll('svg > a')].at(-1).getBoundingClientRect();"
        " return [r.left, r.right]; })()"
    )
    assert 0 < last[0] < last[1] < 390


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark(browser: Browser, week: Path, dark: bool) -> None:
    browser.open(week, dark=dark)
    ground = rgb(browser.read("getComputedStyle(document.querySelector('.part')).backgroundColor"))
    assert (sum(ground) < 384) is dark
    for what in (".nights .ok", ".meta", ".tick", ".failed", "h1", ".nights a", ".quieter"):
        style = browser.read(
            f"(() => {{ const s = getComputedStyle(document.querySelector('{what}')); return [s.color, s.fill]; }})()"
        )
        assert contrast(ground, rgb(style[1] if what == ".tick" else style[0])) >= 4.5, what


def test_what_a_model_says_is_read_and_does_nothing(browser: Browser, week: Path) -> None:
    for page in ("index.html", "findings/f-0003.html", f"nights/{run_id(6)}.html"):
        browser.open(week.parent / page)
        assert browser.complaints == []
        assert browser.read("document.scripts.length") == 1
        assert browser.read("document.querySelectorAll('img, iframe, object').length") == 0
        assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in browser.read("document.body.textContent")


@pytest.mark.parametrize("name", ["index.html", "findings/f-0003.html", f"nights/{run_id(6)}.html"])
def test_no_tag_and_no_address_but_our_own(week: Path, name: str) -> None:
    reader = Tags()
    reader.feed((week.parent / name).read_text("utf-8"))
    assert not [attribute for attribute in reader.names if attribute.startswith("on") or attribute in ("style", "src")]
    assert reader.tags <= TAGS | OURS
    assert all(
        re.match(r"#|data:,|(\.\./)?(nights|findings)/[\w.#-]+$|\.\./index\.html$", to) for to in reader.addresses
    )
    assert reader.scripts == 1


# ── made again ───────────────────────────────────────────────────────────────────────────────────────────────────────


def pages(index: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a site, and when it was written."""
    files = [file for file in index.parent.rglob("*") if file.is_file()]
    return {str(file.relative_to(index.parent)): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def test_the_same_runs_give_the_same_bytes(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / project.name
    shutil.copytree(project, elsewhere, copy_function=shutil.copyfile)
    one, other = pages(build(project)), pages(build(elsewhere))
    assert {name: text for name, (_, text) in one.items()} == {name: text for name, (_, text) in other.items()}
    assert pages(build(project)) == one, "and nothing is written where nothing is new"


def test_a_new_night_leaves_the_pages_of_the_others_alone(project: Path) -> None:
    before = pages(build(project))
    made = told(10, WILD, history=lives(6, f_0003=STILL))
    keep(project, run_id(10), made, {"job": "docs & <code>"})
    after = pages(build(project))
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {
        "index.html",
        f"nights/{run_id(10)}.html",
        f"nights/{run_id(10)}.json",
        *(f"findings/f-000{number}.html" for number in (1, 2, 3)),
    }
    assert "the report does not speak of it" in words(project / ".orchestra/site/findings/f-0001.html")


@pytest.mark.parametrize("what", ["nights/{}.html", "nights/{}.json"])
def test_what_is_lost_or_broken_is_made_again(project: Path, what: str) -> None:
    index = build(project)
    before = pages(index)
    (index.parent / what.format(run_id(0))).write_text("{}") if what.endswith("json") else None
    (index.parent / what.format(run_id(1))).unlink()
    assert {name: text for name, (_, text) in pages(build(project)).items()} == {
        name: text for name, (_, text) in before.items()
    }


def test_a_report_that_changed_is_told_anew(project: Path) -> None:
    index = build(project)
    file = project / ".orchestra/runs" / run_id(0) / "report.json"
    times = file.stat()
    file.write_text(told(0, RACE, history=lives(None, f_0001=NEW)).model_dump_json())
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # also where the clock went back
    build(project)
    assert "f-0002" not in (index.parent / f"nights/{run_id(0)}.html").read_text()


def test_what_was_pruned_leaves_no_page_and_what_is_not_ours_stays(project: Path) -> None:
    index = build(project)
    foreign = [index.parent / "nights/notes.html", index.parent / "findings/f-0001.txt", index.parent / "CNAME"]
    for file in foreign:
        file.write_text("mine")
    for number in (0, 7):
        shutil.rmtree(next((project / ".orchestra/runs").glob(f"*{number:04x}")))
    build(project)
    assert not list((index.parent / "nights").glob(f"{run_id(0)}*"))
    assert not (index.parent / "findings/f-0009.html").exists(), "nobody speaks of it any more"
    assert all(file.read_text() == "mine" for file in foreign)
    assert "since 2026-11-01 03:15" in words(index), "a kept report tells what a pruned run first saw"


def test_no_runs_are_no_nights(tmp_path: Path) -> None:
    assert "There are no runs yet." in words(build(tmp_path))


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("{torn", "it is not JSON"),
        ("[]", "it has no schema_version"),
        ('{"schema_version": 99}', "written by a newer orchestra (schema 99"),
        ('{"schema_version": 1, "run": 3}', "The file holds no report: run should be a text, not 3."),
        ("\udcff", "it is not JSON"),
        ("[" * 200_000, "The report cannot be read"),
        (None, "No report: interrupted"),
    ],
    ids=["torn", "a list", "newer", "not one", "no UTF-8", "deep", "interrupted"],
)
def test_a_run_that_cannot_be_read_is_a_line(tmp_path: Path, made: str | None, why: str) -> None:
    folder = keep(tmp_path, run_id(1), None, {"job": "nightly"})
    record = {"pattern": "review", "function": "a:b", "inputs": {}, "settings": {}, "origins": {}, "versions": {}}
    said = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**said, **record, "asked": "x", "started": "2026-11-02T03:15:00Z"}))
    if made is not None:
        (folder / "report.json").write_bytes(made.encode("utf-8", "surrogateescape"))
    keep(tmp_path, run_id(0), told(0, RACE, history=lives(None, f_0001=NEW)), {"job": "nightly"})
    said_of_it = words(build(tmp_path))
    assert why in said_of_it
    assert "nightly 2026-11-02 03:15" in said_of_it, "the first lines speak of the last night, also where it failed"


@pytest.mark.parametrize("story", sorted(set(STORIES) - {"2000 findings"}))
def test_every_report_is_a_night(tmp_path: Path, story: str) -> None:
    keep(tmp_path, run_id(0), STORIES[story](), {"job": "nightly"})
    index = build(tmp_path)
    assert (index.parent / f"nights/{run_id(0)}.html").is_file()
    state = re.findall(r'data-of="state">\s*<(?:b|span class="ok")>([\w ]+)<', index.read_text("utf-8"))
    silent = ("nobody asked", "everybody silent", "one silent", "hostile", "all standings")
    assert state == ["incomplete" if story in silent else "complete"]


def test_an_id_in_two_jobs_is_told_apart(tmp_path: Path) -> None:
    keep(tmp_path, run_id(0), told(0, RACE, history=lives(None, f_0001=NEW)), {"job": "one"})
    other = merged(5, id="f-0001", title="Another problem by chance")
    keep(tmp_path, run_id(1), told(1, other, history=lives(None, f_0001=NEW)), {"job": "two"})
    said = words(build(tmp_path).parent / "findings/f-0001.html")
    assert "In the nights of one" in said
    assert "In the nights of two" in said
    assert said.index("Another problem by chance") < said.index("The lock is taken too late")


@pytest.mark.parametrize("id", ["../../escaped", "f-..", "f-" + "a" * 300, "<b>"])
def test_an_id_that_is_no_name_gets_no_page(tmp_path: Path, id: str) -> None:
    keep(tmp_path, run_id(0), told(0, merged(1, id=id), history=lives(None)), {"job": "nightly"})
    index = build(tmp_path)
    assert list((index.parent / "findings").iterdir()) == []
    assert "1 high" in words(index)


# ── where it goes ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_its_owner_reads_what_lies_in_the_state_folder(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    index = build(project)
    assert {file.stat().st_mode & 0o77 for file in (index.parent, *index.parent.rglob("*"))} == {0}
    before = os.umask(0o022)
    try:
        public = build(project, tmp_path_factory.mktemp("public") / "html")
    finally:
        os.umask(before)
    assert public.stat().st_mode & 0o777 == 0o644
    assert (public.parent / "nights").stat().st_mode & 0o777 == 0o755


def test_a_link_in_the_way_is_refused(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    away = tmp_path_factory.mktemp("away")
    site = project / ".orchestra/site"
    site.symlink_to(away)
    with pytest.raises(OrchestraError, match="symbolic link"):
        build(project)
    site.unlink()
    site.mkdir()
    (site / "nights").symlink_to(away)
    with pytest.raises(OrchestraError, match="symbolic link"):
        build(project)
    assert list(away.iterdir()) == []
    (site / "nights").unlink()
    (site / "nights").touch()
    with pytest.raises(UsageError, match="here lies a file"):
        build(project)


def test_the_command_says_where_it_lies_and_shows_it(house: House, tmp_path: Path) -> None:
    house.says(ONE_HIGH)
    house.review()
    shown = tmp_path / "shown"
    house.environment["BROWSER"] = f"sh -c 'echo %s > {shown}'"
    index = Path(house.run("site", "--open").stdout.strip())
    assert index == house.project / ".orchestra/site/index.html"
    assert shown.read_text().strip() == index.as_uri()
    assert "1 high" in words(index)
    elsewhere = house.run("site", "--out", "public").stdout.strip()
    assert (house.project / elsewhere).is_file()
    assert "here lies a file" in house.run("site", "--out", "src/a.py", exit=2).stderr


def test_a_job_makes_it_after_each_night(house: House, browser: Browser) -> None:
    describe(house, nightly='targets = ["src"]\nlenses = "risk,clarity"\nfail_on = "new:high"\n')
    house.says(ONE_HIGH)
    house.run("nightly", exit=1)
    (house.project / "src/a.py").write_text("def add(item, to):\n    to.append(item)\n")
    house.says(NOTHING)
    house.run("nightly")
    browser.open(house.project / ".orchestra/site/index.html")
    told = [re.sub(r"^[\d-]+ [\d:]+ ", "", line) for line in rows(browser)]
    assert told[0].startswith("complete passed none 0 1 0 0 0 0 2 of 2")
    assert told[1].startswith("complete failed by 1 1 high 1 0 0 0 0 0 2 of 2")
    browser.click("table.nights a")
    browser.until("document.readyState === 'complete' && location.pathname.includes('/nights/')")
    browser.click(".marked a.history")
    browser.until("document.readyState === 'complete' && location.pathname.includes('/findings/')")
    assert [re.sub(r"^[\d-]+ [\d:]+ ", "", line)[:4] for line in rows(browser, "table.lived")] == ["gone", "new "]
    assert browser.read("document.querySelector('.alone .excerpt').textContent").count("def add(item, to=[]):") == 1
    assert browser.complaints == []


def test_a_night_with_nothing_to_do_renders_no_other_night_again(house: House) -> None:
    describe(house, nightly='targets = ["src"]\nlenses = "risk,clarity"\n')
    house.says(ONE_HIGH)
    house.run("nightly")
    nights = house.project / ".orchestra/site/nights"
    [first] = nights.glob("*.html")
    first.write_text("as it lay")  # whoever renders it writes what is not the same
    assert "0 of 2 workers paid" in house.run("nightly").stdout
    assert first.read_text() == "as it lay"
    assert len(list(nights.glob("*.html"))) == 2


# ── the chart ────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 300), st.integers(0, 300))), min_size=2, max_size=90))
def test_every_bar_is_in_the_picture_and_as_high_as_what_it_counts(counts: list[tuple[int, int] | None]) -> None:
    line = [_counted(number, count) for number, count in enumerate(counts)]
    drawn = chart(line)
    if not [one for one in line[-SHOWN:] if isinstance(one, Night)]:
        assert drawn is None
        return
    assert drawn is not None
    assert len(drawn.columns) == min(len(line), SHOWN)
    assert drawn.left_out == len(line) - len(drawn.columns)
    heights, moved = [], []
    for one, column in zip(line[-SHOWN:], drawn.columns, strict=True):
        bars = [bar for bar in column.bars if bar.sort in ("critical", "high", "medium", "low")]
        assert all(bar.y >= 0 and bar.y + bar.height <= drawn.height - 20 and bar.height > 0 for bar in column.bars)
        assert all(column.x <= bar.x and bar.x + bar.width <= column.x + column.width for bar in column.bars)
        if isinstance(one, Night):
            heights.append((len(one.open), sum(bar.height for bar in bars)))
            moves = {bar.sort: bar.height for bar in column.bars}
            moved += [(one.came, moves.get("came", 0)), (len(one.gone), moves.get("went", 0))]
    assert all((height >= LEAST) if count else height == 0 for count, height in moved)
    most, highest = max(moved)
    for count, height in moved:
        assert height <= LEAST or height * most == pytest.approx(count * highest, abs=most * 0.05)
    most, highest = max(heights)
    for count, height in heights:
        assert height * most == pytest.approx(count * highest, abs=most * 0.05)


def _counted(number: int, count: tuple[int, int] | None) -> Night | NoReport:
    if count is None:
        return NoReport(run=run_id(number), line="nightly", why="No report")
    made = night(report(), Belonging(line="nightly"), run_id(number), None)
    return made.model_copy(update={"seen": _WHOLE.seen[: count[0]], "missing": _WHOLE.missing[: count[1]]})


_MANY = [merged(number) for number in range(1, 302)]
_LEFT = [left(finding, 0).model_copy(update={"gone_since": None}) for finding in _MANY]
_ALL_NEW = lives(0, _LEFT, **{finding.id: NEW for finding in _MANY})
_WHOLE = night(told(0, *_MANY, history=_ALL_NEW), Belonging(), run_id(0), None)
"""A night in which all there is to count came and went."""
