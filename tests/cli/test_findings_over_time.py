"""`accept`, `dismiss`, `reopen`, `decisions`, `history`: typed in a project in which runs really ran."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.house import NOTHING, ONE_HIGH, House

FINDING: Any = ONE_HIGH["findings"][0]
JOB = '[jobs.night]\ntargets = ["src"]\nlenses = ["risk", "clarity"]\nfail_on = "new:high"\nfresh = true\n'


@pytest.fixture
def reviewed(house: House) -> House:
    """One run with one finding, in a repository whose user is Ada."""
    subprocess.run(["git", "init", "-q", house.project], check=True)
    subprocess.run(["git", "-C", house.project, "config", "user.name", "Ada"], check=True)
    house.says(ONE_HIGH)
    house.review(lenses="risk", exit=0)
    return house


def the_finding(house: House) -> str:
    return str(house.json("report", "last")["findings"][0]["id"])


def decisions_in(house: House) -> dict[str, Any]:
    return tomllib.loads((house.project / "orchestra-decisions.toml").read_text())


def standing(house: House) -> str:
    return str(house.json("report", "last")["findings"][0]["standing"])


def test_accepting_keeps_a_decision_that_every_run_applies(reviewed: House) -> None:
    name = the_finding(reviewed)
    said = reviewed.run("accept", name, "--reason", "behind the VPN", "--until", "2999-01-31")
    assert "It rests on 1 line of src/a.py" in said.stderr
    kept = decisions_in(reviewed)[name]
    assert (kept["decision"], kept["by"], kept["reason"]) == ("accepted", "Ada", "behind the VPN")
    assert kept["places"] == [{"path": "src/a.py", "line": 1, "lines": ["def add(item, to=[]):"]}]
    assert standing(reviewed) == "open", "a saved report says what held when its run ended"

    reviewed.review("--fail-on", "high", lenses="risk", exit=0)
    assert standing(reviewed) == "accepted"
    text = reviewed.run("report", "last").stdout
    assert "not counted: 1 accepted" in text
    assert f"accepted by Ada on {kept['on']} until 2999-01-31: behind the VPN" in text


def test_a_decision_lapses_with_its_lines_and_says_so(reviewed: House) -> None:
    name = the_finding(reviewed)
    reviewed.run("dismiss", name, "--reason", "nobody calls it twice", "--by", "Grace")
    source = reviewed.project / "src/a.py"
    source.write_text("\n\n" + source.read_text().replace("def add", "def  add"))
    reviewed.review(lenses="risk")
    assert standing(reviewed) == "dismissed"
    assert reviewed.json("decisions")["decisions"][0]["holds"]

    source.write_text(source.read_text().replace("item,", "thing,"))
    quote = {**FINDING["locations"][0], "quote": "def  add(thing, to=[]):"}
    reviewed.says({**ONE_HIGH, "findings": [{**FINDING, "locations": [quote]}]})
    reviewed.review("--fail-on", "high", lenses="risk", exit=1)
    assert "it lapsed: what it rested on changed: src/a.py:1" in " ".join(reviewed.run("report", "last").stdout.split())
    assert "holds no longer: what it rested on changed: src/a.py:1" in reviewed.run("decisions").stdout
    assert not reviewed.json("decisions")["decisions"][0]["holds"]


def test_reopening_takes_it_back_and_leaves_the_rest_of_the_file(reviewed: House) -> None:
    name = the_finding(reviewed)
    reviewed.run("accept", name, "--reason", "for now")
    file = reviewed.project / "orchestra-decisions.toml"
    by_hand = "# Ours.\n" + file.read_text()
    file.write_text(by_hand)
    file.chmod(0o640)
    assert reviewed.json("reopen", name) == {"schema_version": 1, "finding": name, "reopened": True}
    assert file.read_text().startswith("# Ours.\n# What people decided")
    assert file.stat().st_mode & 0o777 == 0o640
    assert decisions_in(reviewed) == {}
    reviewed.review("--fail-on", "high", lenses="risk", exit=1)


def test_who_decides_anew_is_told_what_was_decided_before(reviewed: House) -> None:
    """Also where an editor of another system has been at the file."""
    name = the_finding(reviewed)
    reviewed.run("accept", name, "--reason", "behind the VPN")
    file = reviewed.project / "orchestra-decisions.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    said = reviewed.run("dismiss", name, "--reason", "it is none", "--by", "Grace").stderr
    assert f"It was accepted by Ada on {decisions_in(reviewed)[name]['on']}: behind the VPN; that is replaced." in said
    assert reviewed.json("accept", name, "--reason", "no, it is")["instead_of"]["by"] == "Grace"


def test_fix_leaves_alone_what_was_accepted(reviewed: House) -> None:
    name = the_finding(reviewed)
    reviewed.run("accept", name, "--reason", "behind the VPN")
    said = reviewed.run("fix", "--only", name, exit=2).stderr
    assert f"{name} was accepted by Ada" in said
    assert f"orchestra reopen {name}" in said
    assert len(reviewed.runs()) == 1


def test_nobody_is_asked_to_refute_or_to_mend_what_was_accepted(reviewed: House) -> None:
    reviewed.run("accept", the_finding(reviewed), "--reason", "behind the VPN")
    for words in (["review", "src", "--verify", "all"], ["fix", "src"]):
        before = len(reviewed.asked())
        reviewed.run(*words, "--lenses", "risk")
        assert reviewed.asked()[before:] == ["risk"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["accept", "f-zzzz", "--reason", "r"], "There is no finding"),
        (["accept", "{}", "--reason", " "], "needs a reason"),
        (["accept", "{}", "--reason", "r", "--until", "soon"], "'soon' is no date"),
        (["accept", "{}", "--reason", "r", "--until", "2001-01-01"], "is over"),
        (["accept", "{}", "--reason", "r", "--run", "nope"], "There is no run 'nope'"),
        (["reopen", "{}"], "Nothing was decided"),
        (["history", "f-zzzz"], "There is no finding 'f-zzzz'"),
        (["history", "--job", "nope"], "no report of the job 'nope'"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_written(reviewed: House, words: list[str], said: str) -> None:
    name = the_finding(reviewed)
    refused = reviewed.run(*(word.format(name) for word in words), exit=2)
    assert said in refused.stderr
    assert not (reviewed.project / "orchestra-decisions.toml").exists()


def test_where_nothing_was_run_a_run_is_what_comes_next(house: House) -> None:
    said = house.run("accept", "f-0000", "--reason", "Fine", exit=2).stderr
    assert "There are no runs in " in said
    assert "`orchestra review . --rehearse`" in said


def test_who_mistypes_a_finding_is_told_those_of_all_runs_each_once(reviewed: House) -> None:
    name = the_finding(reviewed)
    reviewed.review(lenses="clarity")
    reviewed.says(NOTHING)
    reviewed.review(lenses="risk")
    said = reviewed.run("accept", name[:-1], "--reason", "r", exit=2).stderr
    assert f"in any run. Did you mean {name!r}? There are: {name}." in said


def test_a_broken_file_of_decisions_is_told_before_anything_is_spent(reviewed: House) -> None:
    (reviewed.project / "orchestra-decisions.toml").write_text('\n[f-1]\ndecision = "acepted"\n')
    asked = len(reviewed.asked())
    for words in (["review", "src"], ["accept", the_finding(reviewed), "--reason", "r"], ["decisions"]):
        said = reviewed.run(*words, exit=2).stderr
        assert "orchestra-decisions.toml:" in said
    assert len(reviewed.asked()) == asked


def test_two_who_decide_at_once_lose_nothing(house: House) -> None:
    findings = [
        {**FINDING, "title": f"{word} is wrong here", "category": word, "problem": f"The {word} of it is {word}."}
        for word in ("colour", "gravity", "harbour", "lantern", "meadow", "quartz")
    ]
    for number, one in enumerate(findings):
        (house.project / f"src/{number}.py").write_text(f"value_{number} = {number}\n")
        one["locations"] = [
            {"path": f"src/{number}.py", "start_line": 1, "end_line": 1, "quote": f"value_{number} = {number}"}
        ]
    house.says({"summary": "s", "findings": findings})
    house.review(lenses="risk")
    names = [one["id"] for one in house.json("report", "last")["findings"]]
    assert len(names) == len(findings)
    children = [house.start("accept", name, "--reason", "r", "--by", "Ada") for name in names]
    for child in children:
        _, said = child.communicate(timeout=60)
        assert child.returncode == 0, said
    assert list(decisions_in(house)) == sorted(names)
    assert not list(house.project.glob(".orchestra-decisions*"))


def with_a_job(house: House) -> None:
    file = house.project / "orchestra.toml"
    file.write_text(file.read_text() + JOB)


def night(house: House, message: object, exit: int) -> dict[str, Any]:
    house.says(message)
    house.run("nightly", "night", exit=exit)
    found = json.loads((house.runs()[-1] / "report.json").read_text())
    assert isinstance(found, dict)
    return found


def test_a_finding_lives_through_the_nights_of_a_job(reviewed: House) -> None:
    with_a_job(reviewed)
    house, reports = reviewed, []
    reports.append(night(house, ONE_HIGH, 1))
    name = reports[0]["findings"][0]["id"]
    reports.append(night(house, ONE_HIGH, 0))
    house.fails("risk")
    house.fails("clarity")
    reports.append(night(house, NOTHING, 4))
    house.works("risk")
    house.works("clarity")
    reports.append(night(house, NOTHING, 0))
    reports.append(night(house, ONE_HIGH, 1))
    house.run("accept", name, "--reason", "for now")
    reports.append(night(house, ONE_HIGH, 0))
    house.run("reopen", name)
    reports.append(night(house, ONE_HIGH, 1))

    states = [(told["state"], told["standing"]) for told in house.json("history", name, "--job", "night")["nights"]]
    assert states == [
        ("new", "open"),
        ("still there", "open"),
        ("not seen", None),
        ("gone", None),
        ("back", "open"),
        ("still there", "accepted"),
        ("reopened", "open"),
    ]
    (life,) = house.json("history", "--job", "night")["findings"]
    assert (life["id"], life["state"], life["runs_seen"]) == (name, "reopened", 5)
    assert life["first_seen"] == reports[0]["run"]
    assert "w1-risk, w2-clarity did not answer" in house.run("history", name).stdout

    # What a kept report tells is not lost with the runs before it.
    house.run("prune", "--keep", "1")
    (kept,) = house.json("history", "--job", "night")["findings"]
    assert kept == life


def test_a_night_whose_earlier_report_is_gone_says_so_and_calls_nothing_gone(reviewed: House) -> None:
    with_a_job(reviewed)
    first = night(reviewed, ONE_HIGH, 1)
    file = Path(reviewed.runs()[-1] / "report.json")
    file.write_text("{")
    second = night(reviewed, ONE_HIGH, 1)
    assert second["history"]["since"] is None
    assert second["history"]["departed"] == []
    assert any(note.startswith(f"The report of {first['run']}") for note in second["notes"])
