"""Options side by side: the matrix of their scores, the one that is chosen, and what is worth keeping of the others."""

from collections.abc import Sequence
from itertools import combinations

from orchestra.brief.answers import Option as Proposed
from orchestra.brief.answers import Scores
from orchestra.reports.report_parts import Criterion, Matrix, Option, Score
from orchestra.value import Value

ALIKE = 75.0
"""Of 100. One proposal with a word changed reached 91, told anew 80; others about the same matter stayed under 50."""


class Compared(Value):
    """The matrix, and the option that goes on."""

    matrix: Matrix
    chosen: Proposed | None = None
    notes: tuple[str, ...] = ()

    @property
    def ideas(self) -> tuple[str, ...]:
        """What is worth keeping of the options that were not chosen."""
        return tuple(
            f"{option.name}: {idea}"
            for option in self.matrix.options
            if option.name != self.matrix.chosen
            for idea in option.keep
        )

    def refined(self, option: Proposed | None) -> Matrix:
        """The matrix with the chosen option worked out; as it was proposed, where nobody did that."""
        if option is None or self.chosen is None:
            return self.matrix
        parts = [option.idea, *(f"{number}. {step}" for number, step in enumerate(option.plan, 1))]
        parts += [f"Cost: {option.cost}"] if option.cost else []
        parts += [f"Risk: {risk}" for risk in option.risks]
        parts += [f"Would change its mind: {option.would_change_its_mind}"] if option.would_change_its_mind else []
        return self.matrix.model_copy(update={"refined": "\n".join(parts)})


def compared(
    question: str,
    criteria: Sequence[str],
    proposed: Sequence[tuple[str, str, Proposed]],
    scores: Scores | None,
) -> Compared:
    """The matrix of options, each with who proposed it and its stance, numbered from 1 in their order.

    A score of an option or criterion that is not there is left out, and a choice of none becomes the highest sum.
    """
    measures = [_criterion(said) for said in criteria]
    names = _apart([option.name for _, _, option in proposed])
    notes: list[str] = []
    options = tuple(
        _option(number, name, one, measures, scores, notes)
        for number, (name, one) in enumerate(zip(names, proposed, strict=True), 1)
    )
    chosen = _chosen(options, measures, scores, notes)
    matrix = Matrix(
        question=question,
        criteria=tuple(measures),
        options=options,
        chosen=names[chosen] if chosen is not None else None,
        because=scores.because if scores else "",
        alike=_alike(names, [option for _, _, option in proposed], scores),
    )
    return Compared(matrix=matrix, chosen=proposed[chosen][2] if chosen is not None else None, notes=tuple(notes))


def _criterion(said: str) -> Criterion:
    """`cost: effort to get there`, or a name alone."""
    name, _, meaning = said.partition(":")
    return Criterion(name=name.strip(), meaning=meaning.strip())


def _apart(names: Sequence[str]) -> list[str]:
    """The names, with a number where two are the same: the chosen one is known by its name."""
    return [
        f"{name} ({names[: place + 1].count(name)})" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def _option(
    number: int,
    name: str,
    one: tuple[str, str, Proposed],
    measures: Sequence[Criterion],
    scores: Scores | None,
    notes: list[str],
) -> Option:
    worker, stance, said = one
    given = {}
    for points in scores.scores if scores else ():
        if points.option == number:
            given[_word(points.criterion)] = points
    missing = [measure.name for measure in measures if scores and _word(measure.name) not in given]
    if missing:
        notes.append(f"{name} has no score for {', '.join(missing)}.")
    return Option(
        **{**said.model_dump(), "name": name},
        worker=worker,
        stance=stance,
        scores=tuple(
            Score(criterion=measure.name, points=found.points, why=found.why)
            for measure in measures
            if (found := given.get(_word(measure.name)))
        ),
        keep=tuple(best.idea for best in scores.best_ideas if best.option == number) if scores else (),
    )


def _chosen(
    options: Sequence[Option], measures: Sequence[Criterion], scores: Scores | None, notes: list[str]
) -> int | None:
    if scores is None or not options:
        return None
    if 1 <= scores.chosen <= len(options):
        return scores.chosen - 1
    totals = [option.total(measures) for option in options]
    notes.append(f"Option {scores.chosen} was chosen and is not there; the one with the most points stands instead.")
    return totals.index(max(totals))


def _alike(names: Sequence[str], options: Sequence[Proposed], scores: Scores | None) -> tuple[tuple[str, str], ...]:
    """Pairs that are nearly the same, by whoever scored them or by their words."""
    from rapidfuzz.fuzz import token_sort_ratio

    said = {pair for alike in (scores.alike if scores else ()) for pair in combinations(sorted(set(alike.options)), 2)}
    texts = [" ".join([option.idea, *option.plan]).casefold() for option in options]
    return tuple(
        (names[one], names[other])
        for one, other in combinations(range(len(options)), 2)
        if (one + 1, other + 1) in said or token_sort_ratio(texts[one], texts[other]) >= ALIKE
    )


def _word(criterion: str) -> str:
    return criterion.partition(":")[0].strip().casefold()
