"""What a scout answers: where things are, what was seen, and what could not be found out."""

from orchestra.brief.lenience import Answer


class KeyFile(Answer):
    """A file that matters for the goal."""

    path: str
    why: str = ""


class Fact(Answer):
    """Something that was seen, and where."""

    fact: str
    seen_in: str = ""
    """`src/app.py:12`, or the command whose output shows it."""


class Ambiguity(Answer):
    """A term, or the goal itself, that can be understood in more than one way."""

    term: str
    readings: tuple[str, ...] = ()
    question: str = ""
    """One short question whose answer settles it."""
    assumption: str = ""
    """The reading that is most probably meant."""

    @property
    def asked(self) -> str:
        """The question, also where the scout only named the readings."""
        return self.question or f"What is meant by {self.term}: {', or '.join(self.readings) or 'which reading'}?"

    @property
    def otherwise(self) -> str:
        """What is taken for meant where nobody answers."""
        return self.assumption or next(iter(self.readings), "what the goal says, word for word")


class ScoutMap(Answer):
    """Where things are, what was seen, and what could not be found out."""

    map: str
    """How the part of the tree that matters is laid out, in a few sentences."""
    key_files: tuple[KeyFile, ...] = ()
    facts: tuple[Fact, ...] = ()
    unknowns: tuple[str, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
