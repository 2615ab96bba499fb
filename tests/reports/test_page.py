"""The page in a real Chromium: somebody clicks, types and reads, with a mouse, a keyboard and a phone."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from orchestra.findings.finding import MergedFinding, Ref
from orchestra.reports.plain import one_line
from orchestra.reports.renderers.html import render
from orchestra.reports.report import Report
from orchestra.reports.selection import seen_through
from tests.reports.browser import Browser, chromium
from tests.reports.stories import STORIES, every_part, many, merged, real, report, worker

TAGS = {
    *("html", "head", "meta", "link", "title", "style", "body", "script", "header", "main", "section", "footer"),
    *("h1", "h2", "h3", "p", "a", "b", "br", "div", "span", "small", "time", "ul", "li", "code", "pre", "mark", "kbd"),
    *("details", "summary", "figure", "figcaption", "blockquote", "dl", "dt", "dd"),
    *("form", "fieldset", "legend", "label", "input", "button", "select", "option"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
COUNT = "document.getElementById('count').textContent"
SEEN = "[...document.querySelectorAll('details.finding')].filter(e => e.checkVisibility())"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def page(folder: Path, name: str, made: Report) -> Path:
    file = folder / f"{name}.html"
    if not file.exists():
        file.write_text(render(made), encoding="utf-8")
    return file


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Browser:
    browser.open(page(folder, "real", real()))
    return browser


def seen(browser: Browser) -> list[str]:
    """The ids of the findings a person can see now."""
    found: list[str] = browser.read(f"{SEEN}.map(e => e.id)")
    return found


def test_it_opens_without_a_complaint_and_asks_for_nothing(opened: Browser) -> None:
    assert opened.complaints == []
    assert [address.partition("#")[0] for address in opened.requests if address != "about:blank"] == [
        opened.read("location.href")
    ]
    assert opened.read("document.querySelector('h1').textContent") == real().asked
    assert seen(opened) == [finding.id for finding in real().open]
    assert opened.read(COUNT) == f"{len(real().open)} findings"


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low"])
def test_a_click_on_a_severity_leaves_only_those(opened: Browser, severity: str) -> None:
    button = f"button[data-filter=severity][data-value={severity}]"
    wanted = [finding.id for finding in real().open if finding.severity == severity]
    opened.click(button)
    assert seen(opened) == wanted
    assert opened.read(COUNT) == f"{len(wanted)} of {len(real().open)} findings"
    assert opened.read(f"document.querySelector('{button}').getAttribute('aria-pressed')") == "true"
    opened.click(button)
    assert len(seen(opened)) == len(real().open)


def test_filters_widen_within_a_kind_and_narrow_across(opened: Browser) -> None:
    opened.click("button[data-value=critical]")
    opened.click("button[data-value=high]")
    opened.click("button[data-filter=lens][data-value=security]")
    wanted = [f.id for f in real().open if f.severity in ("critical", "high") and "security" in seen_through(f)]
    assert seen(opened) == wanted
    assert 0 < len(wanted) < len(real().open)
    opened.click("#clear")
    assert len(seen(opened)) == len(real().open)
    assert not opened.read("document.getElementById('clear').checkVisibility()")


@pytest.mark.parametrize("kind", ["file", "worker"])
def test_a_file_or_a_worker_is_chosen_from_a_list(opened: Browser, kind: str) -> None:
    def of(finding: MergedFinding) -> set[str]:
        if kind == "file":
            return {place.path for place in finding.places}
        return {ref.worker for ref in (*finding.said_by, *finding.also_said_by)}

    value = sorted(of(real().open[0]))[0]
    opened.read(
        f"(() => {{ const list = document.getElementById('{kind}'); list.value = {json.dumps(value)};"
        " list.dispatchEvent(new Event('change')); })()"
    )
    assert seen(opened) == [finding.id for finding in real().open if value in of(finding)]


def test_search_is_typed_and_left_with_the_keyboard_alone(opened: Browser) -> None:
    opened.press("/")
    assert opened.read("document.activeElement.id") == "search"
    opened.type("Concurrency SLOT")
    opened.until(f"{COUNT}.includes(' of ')")
    assert real().open[0].id in seen(opened)
    assert 0 < len(seen(opened)) < len(real().open)
    opened.press("Escape")
    opened.until(f"!{COUNT}.includes(' of ')")
    assert len(seen(opened)) == len(real().open)


def test_a_search_for_nothing_that_is_there_says_so(opened: Browser) -> None:
    opened.click("#search")
    opened.type("zebra crossing")
    opened.until("document.getElementById('nothing').checkVisibility()")
    assert seen(opened) == []


def test_the_list_is_walked_and_opened_with_keys(opened: Browser) -> None:
    focused = "document.activeElement.closest('details.finding')?.id"
    for step, key in enumerate(["j", "j", "j", "k"]):
        opened.press(key)
        assert opened.read(focused) == real().open[[0, 1, 2, 1][step]].id
    second = f"document.getElementById('{real().open[1].id}')"
    assert not opened.read(f"{second}.open")
    opened.press("Enter")
    opened.until(f"{second}.open")
    opened.press("e")
    assert opened.read(f"{SEEN}.every(e => e.open)")
    opened.press("e")
    assert opened.read(f"{SEEN}.every(e => !e.open)")


def test_the_findings_that_count_are_numbered_as_everywhere(browser: Browser, folder: Path) -> None:
    made = STORIES["all standings"]()
    browser.open(page(folder, "all-standings", made))
    numbers = browser.read("[...document.querySelectorAll('.finding .rank')].map(e => e.textContent)")
    apart = len(made.findings) - len(made.open)
    assert numbers == [*(str(number) for number in range(1, len(made.open) + 1)), *[""] * apart]


def test_a_finding_shows_its_code_with_the_meant_lines_marked(opened: Browser) -> None:
    finding = real().open[0]
    marked = opened.read(f"[...document.querySelectorAll('#{finding.id} .excerpt mark')].map(e => e.textContent)")
    assert "await self._slots.acquire()" in [line.strip() for line in marked]
    numbers = opened.read(f"[...document.querySelectorAll('#{finding.id} .line.meant')].map(e => Number(e.dataset.n))")
    place = finding.places[0]
    assert set(range(place.start_line, place.end_line + 1)) <= set(numbers)
    assert opened.read(f"document.querySelector('#{finding.id} .line:not(.meant)').checkVisibility()")


def test_a_corrected_line_stands_as_far_from_the_edge_as_a_quoted_one(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "corrected", report([merged(1, rewrite="return [*prices]")])))
    indent = "parseFloat(getComputedStyle(document.querySelector('.excerpt:last-of-type pre > *')).paddingLeft)"
    assert "return [*prices]" in browser.read("document.querySelector('.excerpt:last-of-type pre > *').textContent")
    assert browser.read(indent) > 5


def test_who_names_it_beside_another_problem_is_named_once(browser: Browser, folder: Path) -> None:
    also = (Ref(worker="w9-risk", index=1), Ref(worker="w9-risk", index=4))
    browser.open(page(folder, "also", report([merged(1, also_said_by=also)])))
    words = browser.read("document.querySelector('.wordings > p').textContent")
    assert words == "Also named by w9-risk, beside another problem"


def test_every_worker_s_own_words_stand_behind_a_fold(opened: Browser) -> None:
    finding = real().open[0]
    fold = f"#{finding.id} .wordings"
    assert not opened.read(f"document.querySelector('{fold} blockquote').checkVisibility()")
    opened.click(f"{fold} > summary")
    assert opened.read(f"document.querySelector('{fold} blockquote').checkVisibility()")
    words = opened.read(f"[...document.querySelectorAll('{fold} blockquote')].map(e => e.textContent)")
    for said, told in zip(finding.said_by, words, strict=True):
        assert said.worker in told
        assert one_line(said.finding.title).replace("`", "")[:60] in told.replace("`", "")


def test_the_address_carries_the_view(browser: Browser, folder: Path) -> None:
    file = page(folder, "real", real())
    browser.open(file, anchor="#severity=critical&lens=security")
    wanted = [f.id for f in real().open if f.severity == "critical" and "security" in seen_through(f)]
    assert seen(browser) == wanted
    browser.click("button[data-value=high]")
    assert "severity=high" in browser.read("location.hash")
    other = real().open[5].id
    browser.open(file, anchor=f"#{other}")
    assert browser.read(f"document.getElementById('{other}').open")
    browser.click(".next a")
    browser.until(f"document.getElementById('{real().open[0].id}').open")


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
@pytest.mark.parametrize("story", ["real", "hostile", "hostile parts", "every part", "a title of 10,000 characters"])
def test_nothing_is_wider_than_the_window(browser: Browser, folder: Path, story: str, width: int) -> None:
    browser.open(page(folder, story.replace(" ", "-"), STORIES[story]()), width=width)
    browser.read("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    assert browser.read("document.documentElement.scrollWidth") <= width


def test_a_phone_has_the_filters_folded_and_they_work(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "real", real()), width=390, height=800)
    assert not browser.read("document.querySelector('.chip').checkVisibility()")
    browser.click("#more > summary")
    browser.click("button[data-value=low]")
    assert seen(browser) == [finding.id for finding in real().open if finding.severity == "low"]
    smallest = browser.read("Math.min(...[...document.querySelectorAll('.chip')].map(e => e.offsetHeight))")
    assert smallest >= 28, "big enough for a finger"


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark_follow_the_system_and_the_button(browser: Browser, folder: Path, dark: bool) -> None:
    browser.open(page(folder, "real", real()), dark=dark)
    ground = "getComputedStyle(document.body).backgroundColor"
    assert (sum(rgb(browser.read(ground))) < 384) is dark
    assert contrast(rgb(browser.read(ground)), rgb(browser.read("getComputedStyle(document.body).color"))) > 10
    for sort in ("critical", "high", "medium", "low"):
        badge = f"getComputedStyle(document.querySelector('.finding.{sort} .badge'))"
        ink, wash = rgb(browser.read(f"{badge}.color")), rgb(browser.read(f"{badge}.backgroundColor"))
        assert contrast(ink, wash) >= 4.5, sort
    browser.click("#theme")
    assert (sum(rgb(browser.read(ground))) < 384) is not dark
    browser.click("#theme")


def test_hostile_words_are_read_and_do_nothing(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "hostile", STORIES["hostile"]()))
    assert browser.complaints == []
    assert browser.read("document.scripts.length") == 1
    assert browser.read("document.querySelectorAll('img, iframe, object, form:not(#filters)').length") == 0
    assert browser.read("[...document.links].map(a => a.getAttribute('href')).filter(h => !h.startsWith('#'))") == []
    title = browser.read("document.querySelector('.finding .title').textContent")
    assert title.startswith("<script>alert(1)</script><img src=x onerror=alert(2)> </details></article>--><!--")
    browser.click("button[data-filter=lens]")
    assert len(browser.read("document.querySelector('h1').textContent")) > 100


def test_the_page_s_own_policy_refuses_a_script_that_got_in_all_the_same(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "real", real()))
    browser.read(
        "(() => { const s = document.createElement('script'); s.textContent = 'window.inside = 1';"
        " document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=http://127.0.0.1:9/x.png>');"
        " document.body.setAttribute('onclick', 'window.inside = 2'); document.body.click(); })()"
    )
    assert browser.read("window.inside") is None
    for _ in range(200):
        if browser.refused:
            break
        browser.read("new Promise(done => setTimeout(done, 20))")
    assert browser.refused == ["csp"]
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)


def test_a_printed_page_is_whole(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "real", real()))
    whole = browser.printed().count(b"/Type /Page\n")
    assert whole >= 8, "22 findings with their code and words on fewer pages: something is still folded"
    assert not browser.read(f"document.getElementById('{real().open[3].id}').open"), "and folded again afterwards"


def test_one_of_two_thousand_findings_is_found(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "many", many()))
    assert browser.read(COUNT) == "2,000 findings"
    browser.click("#search")
    browser.type("number 1999")
    browser.until(f"{COUNT}.includes(' of ')")
    assert "f-07cf" in seen(browser)


def test_a_click_waits_for_what_it_brings_into_the_window_and_not_for_the_rest(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "many", many()))
    both = "document.querySelector('button[data-value=high]').click()"
    assert 0 < browser.read(f"{both}, {both}, {SEEN}.length") < 1000
    assert browser.read(COUNT) == "2,000 findings"
    browser.until(f"{SEEN}.length === 2000")
    assert browser.read(f"{both}, {both}, document.getElementById('unfold').click(), {SEEN}.every(e => e.open)")
    assert browser.read(f"{SEEN}.length") == 2000


def test_a_very_long_list_is_printed_as_it_is_open(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "many", many()))
    opened = "document.querySelectorAll('details.finding[open]').length"
    assert browser.read(f"dispatchEvent(new Event('beforeprint')), {opened}") == 1
    browser.click("#search")
    browser.type("number 199")
    browser.until(f"{COUNT}.includes(' of ')")
    assert browser.read(f"dispatchEvent(new Event('beforeprint')), {opened}") > 1


def test_a_link_to_a_finding_shows_it_whatever_the_filters_say(opened: Browser) -> None:
    first = real().open[0]
    opened.click(f"button[data-filter=severity]:not([data-value={first.severity}])")
    assert first.id not in seen(opened)
    opened.click(".next a")
    opened.until(f"{COUNT} === '{len(real().open)} findings'")
    assert opened.read(f"document.getElementById('{first.id}').checkVisibility()")


def test_the_other_parts_are_read_too(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "every-part", every_part()))
    links = browser.read("[...document.links].map(a => a.getAttribute('href')).filter(h => !h.startsWith('#'))")
    assert links == ["https://example.org/q?a=1&b=2"]
    assert browser.read("document.querySelector('.diff .add').textContent").startswith("+    with lock")
    browser.click("button[data-filter=life][data-value=new]")
    assert seen(browser) == ["f-0001"]


HEADS = "[...document.querySelectorAll('[aria-labelledby=workers] th')].map(e => e.textContent)"


@pytest.mark.parametrize(
    ("said", "heads"),
    [
        ({"findings": 2, "continue_command": "codex resume 1"}, ["worker", "outcome", "findings", "time", "to go on"]),
        ({"findings": None, "continue_command": None}, ["worker", "outcome", "time"]),
    ],
)
def test_a_column_in_which_nobody_has_anything_is_not_there(
    said: dict[str, Any], heads: list[str], browser: Browser, folder: Path
) -> None:
    made = report(workers=[worker("w1-section", usage=None, seconds=3.0, **said)])
    browser.open(page(folder, f"columns-{len(heads)}", made))
    assert browser.read(HEADS) == heads
    cells = browser.read("document.querySelectorAll('[aria-labelledby=workers] tbody td').length")
    assert cells == len(heads)


def test_keys_are_told_where_there_is_something_to_walk_through(opened: Browser, folder: Path) -> None:
    keys = "document.querySelectorAll('.keys').length"
    assert opened.read(keys) == 1
    opened.open(page(folder, "no findings", report()))
    assert opened.read(keys) == 0


def test_what_is_to_be_copied_is_in_the_type_of_code(browser: Browser, folder: Path) -> None:
    browser.open(page(folder, "every-part", every_part()))
    codes = browser.read("[...document.querySelectorAll('.marked code')].map(e => e.textContent)")
    (change,) = every_part().changes
    assert {change.branch, change.commit, change.integrate, change.files[0].path} <= set(codes)


@pytest.mark.parametrize("story", STORIES)
def test_the_file_holds_no_tag_and_no_attribute_but_our_own(story: str) -> None:
    """Without a browser too: every report, every tag."""
    reader = Tags()
    reader.feed(render(STORIES[story]()))
    assert reader.tags <= TAGS
    assert not [name for name in reader.names if name.startswith("on") or name in ("style", "src", "srcdoc", "action")]
    assert all(address.startswith(("#", "data:,", "https://example.org/")) for address in reader.addresses)
    assert reader.scripts == 1


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            self.names.add(name)
            if name == "href":
                self.addresses.append(value or "")


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(float(part) for part in colour.removeprefix("rgba(").removeprefix("rgb(").rstrip(")").split(",")[:3])


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    def light(colour: tuple[float, ...]) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
