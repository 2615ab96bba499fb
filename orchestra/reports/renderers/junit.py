"""`junit`: for whoever shows test results: a suite of findings, and a suite of workers that must have answered."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from orchestra.findings.finding import MergedFinding, Standing
from orchestra.outcome import Outcome
from orchestra.reports.first_lines import headline, why_apart
from orchestra.reports.history import Departed, Lived
from orchestra.reports.places import spots
from orchestra.reports.plain import no_command, one_line, plain
from orchestra.reports.renderers.for_programs import lines_of, message, places_inside
from orchestra.reports.report import Report, WorkerLine


def render(report: Report) -> str:
    """Every finding is a case: an open one failed, one that is gone passed, the others are skipped.

    A worker that did not answer is an error.
    """
    lived = report.history.lived if report.history else {}
    cases = [_finding(finding, lived.get(finding.id)) for finding in report.findings]
    if report.history:
        cases += [_departed(one) for one in (*report.history.gone_in(report.run), *report.history.not_seen)]
    workers = [_worker(worker) for worker in report.workers]
    root = Element("testsuites", name=one_line(report.asked, 300), time=f"{report.seconds:.1f}")
    for name, suite in (("findings", cases), ("workers", workers)):
        root.append(_suite(name, suite, report))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    indent(root)
    text = tostring(root, encoding="unicode")
    return no_command(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _suite(name: str, cases: list[Element], report: Report) -> Element:
    suite = Element("testsuite", name=name, timestamp=report.started.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for count, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(kind) is not None for case in cases)))
    if name == "findings":
        SubElement(suite, "system-out").text = plain(headline(report))
    return suite


def _departed(one: Departed) -> Element:
    name = f"{one.severity}: {one_line(one.title, 300)} [{one.id}]"
    case = Element("testcase", name=name, classname=one_line(one.path, 300) or "no place", time="0")
    if not one.looked_again:
        SubElement(case, "skipped", message=f"not seen this time: {one_line(one.in_words, 300)}")
    else:
        SubElement(case, "system-out").text = plain(f"gone: {one.in_words}")
    return case


def _finding(finding: MergedFinding, lived: Lived | None) -> Element:
    where = spots(finding)
    name = f"{finding.severity}: {one_line(finding.title, 300)} [{finding.id}]"
    case = Element("testcase", name=name, classname=one_line(where[0].path, 300) if where else "no place", time="0")
    if places := places_inside(finding):
        case.set("file", one_line(places[0].path))
        case.set("line", str(lines_of(places[0])[0]))
    life = [plain(lived.in_words)] if lived else []
    told = "\n".join([*(spot.in_words for spot in where), *life, "", message(finding)])
    if finding.standing is Standing.OPEN:
        failure = SubElement(case, "failure", message=one_line(finding.title, 300), type=finding.severity.value)
        failure.text = told
    else:
        SubElement(case, "skipped", message=one_line(why_apart(finding), 300))
        SubElement(case, "system-out").text = told
    return case


def _worker(worker: WorkerLine) -> Element:
    case = Element("testcase", name=one_line(worker.label), classname="workers", time=f"{worker.seconds:.1f}")
    if worker.outcome is not Outcome.ANSWERED:
        SubElement(case, "error", message=one_line(worker.reason, 300), type=worker.ended)
    return case
