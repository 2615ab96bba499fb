"""What reviewers really looked at: a finding is gone only where somebody looked for it again and answered."""

from collections.abc import Iterable, Mapping, Sequence

from orchestra.findings.anchor import Anchors
from orchestra.findings.finding import Location, MergedFinding, Place
from orchestra.value import Value


class Look(Value):
    """The same files, given to some reviewers; and through which lens each of them looked."""

    files: tuple[str, ...]
    answered: Mapping[str, str]
    """Label -> lens of those that answered; of a worker without one, the lens is empty."""
    silent: Mapping[str, str]
    """Of those that did not, or were seen to read nothing."""
    changes_only: bool = False
    """They were to look at what changed in the files, not at all of them."""


class Looked(Value):
    """Whether a finding's lines were looked at again, and why it is believed."""

    again: bool
    why: str


def looked(finding: MergedFinding, looks: Sequence[Look], given: Mapping[str, str], lying: Mapping[str, str]) -> Looked:
    """Were all lines of a finding really looked at again, by somebody who looks for such things?

    `given` are the files of the target, by path; `lying` is the text of whatever lies there now, of the target or not.
    Every reviewer with a lens of those who said it must have answered, of all that were given the file.
    """
    lenses = {lens for said in finding.said_by for lens in _lenses(said.lens)}
    places = [place for place in finding.places if place.anchor.found]
    if not places:
        return _at_everything(lenses, looks)
    by_path = {place.path: [one for one in places if one.path == place.path] for place in places}
    verdicts = [_at_file(path, here, lenses, looks, given, lying) for path, here in by_path.items()]
    return next((verdict for verdict in verdicts if not verdict.again), verdicts[0])


def _at_file(
    path: str,
    places: Iterable[Place],
    lenses: set[str],
    looks: Sequence[Look],
    given: Mapping[str, str],
    lying: Mapping[str, str],
) -> Looked:
    # What was given and lies there no more has gone meanwhile, perhaps elsewhere: only who saw it can tell.
    if path not in given and path not in lying:
        return Looked(again=True, why=f"{path} is gone")
    if path not in given:
        return Looked(again=False, why=f"{path} was not part of the target")
    here = [look for look in looks if path in look.files]
    if problem := _lacking(here, lenses, path):
        return Looked(again=False, why=problem)
    if any(look.changes_only for look in here) and stand(places, lying.get(path, "")):
        return Looked(again=False, why="only what changed was looked at, and its lines did not")
    return Looked(again=True, why="looked at again and not reported")


def _at_everything(lenses: set[str], looks: Sequence[Look]) -> Looked:
    """For a finding that names no place that was ever found."""
    problem = _lacking(looks, lenses, "anything")
    if not problem and any(look.changes_only for look in looks):
        problem = "only what changed was looked at"
    return Looked(again=not problem, why=problem or "looked at again and not reported")


def _lacking(looks: Sequence[Look], lenses: set[str], what: str) -> str:
    """Why these looks are not the look that is needed; empty where they are."""
    silent = [label for look in looks for label, lens in look.silent.items() if lenses & _lenses(lens)]
    if silent:
        return f"{', '.join(sorted(set(silent)))} did not answer"
    if not any(lenses & _lenses(lens) for look in looks for lens in look.answered.values()):
        through = f" through {' or '.join(sorted(lenses))}" if any(lenses) else ""
        return f"nobody looked at {what}{through}"
    return ""


def stand(places: Iterable[Place], text: str) -> bool:
    """All that is quoted still stands in the text, wherever it has moved; what was not quoted is not looked for."""
    anchors = Anchors({"": text})
    return all(
        anchors.place(
            Location(path="", start_line=place.start_line, end_line=place.end_line, quote=place.quote)
        ).anchor.found
        for place in places
        if place.quote.strip()
    )


def _lenses(said: str | None) -> set[str]:
    """`clarity+evidence` are two; no lens is one of its own."""
    return set((said or "").split("+"))
