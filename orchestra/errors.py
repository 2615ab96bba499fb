"""Every error orchestra raises on purpose: what happened, where to look, what to do next, and the exit code.

The tree reads as a table of contents. `cli/` is the only place that turns one into text and an exit status.
"""

import copyreg
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path


class OrchestraError(Exception):
    """Every error raised on purpose: `what` happened, `where`, the `next_step`.

    `where` is a file or a log to look at, the next step something a person can do. `orchestra.errors` has its
    kinds. `exit_code` is what the command line would have ended with.

    Example:
        >>> try:
        ...     orchestra.review("src/", lens=["risk"])
        ... except orchestra.OrchestraError as error:
        ...     print(error.what)
        There is no input of review 'lens'. Did you mean 'lenses'? There are: ...
    """

    exit_code = 3
    usual_next_step: str | None = None
    """Where the one who raises it knows nothing better."""

    def __init__(self, what: str, *, where: str | Path | None = None, next_step: str | None = None) -> None:
        self.what = _ended(what)
        super().__init__(self.what)
        self.where = where
        step = next_step or self.usual_next_step
        self.next_step = _ended(step) if step else None

    def __str__(self) -> str:
        """The last lines of a traceback; the command line says the same."""
        lines = [self.what]
        lines += [f"  where: {self.where}"] if self.where else []
        lines += [f"  next:  {self.next_step}"] if self.next_step else []
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Each kind is made from other words than it keeps, so that making it again would fail: it is put together."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]  # pickle's own


def _ended(sentence: str) -> str:
    """With a full stop: what others say of themselves (git, TOML, the system) is put in, and has one or has none."""
    return sentence if sentence.endswith((".", "?", "!", "…")) else f"{sentence}."


# ── 2: usage and settings ────────────────────────────────────────────────────────────────────────────────────────────


class UsageError(OrchestraError):
    """What was asked cannot be done as it was said. Nothing was started, nothing was spent."""

    exit_code = 2


class UnknownName(UsageError):
    """A lens, a pattern, an engine or a run that is not there; lists what is, and the nearest name.

    `besides` are names that are known too, and are too many to be listed; `within` says where it was looked for.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        next_step: str | None = None,
        besides: Iterable[str] = (),
        within: str = "",
    ) -> None:
        self.name, self.known = name, sorted(set(known))
        near = get_close_matches(name, [*self.known, *besides], n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        listing = f"There are: {', '.join(self.known)}." if self.known else "There are none."
        step = next_step or ("Name one of these." if self.known else None)
        place = f" {within}" if within else ""
        super().__init__(f"There is no {kind} {name!r}{place}.{guess} {listing}", next_step=step)


class SettingsInvalid(UsageError):
    """A settings file that cannot be read or says something that is not known."""

    usual_next_step = "Mend it there."


class ContextInvalid(UsageError):
    """A Context Pack that cannot be read, or says something no pack can say."""

    usual_next_step = "Mend it there."


class TargetInvalid(UsageError):
    """What should be looked at is not there, is empty, or cannot be read."""

    usual_next_step = "Name another target."


class TemplateBroken(UsageError):
    """A prompt template with a variable that is missing or never used."""

    usual_next_step = "Mend it there, or remove it; a built-in one of its name is used then."


class PromptTooLong(UsageError):
    """A prompt the engine would refuse; said before anything is started."""

    def __init__(self, label: str, size: int, limit: int) -> None:
        self.label, self.size, self.limit = label, size, limit
        super().__init__(
            f"The prompt of {label} has {size:,} characters; codex takes at most {limit:,}.",
            next_step="Give the worker less: a smaller target, more sections, or a shorter Context Pack.",
        )


class NestedRun(UsageError):
    """A worker tried to start workers of its own."""

    def __init__(self) -> None:
        super().__init__(
            "This process is itself a worker of an orchestra run, and workers start no workers.",
            next_step="Unset ORCHESTRA_WORKER if this is a person's own terminal.",
        )


# ── 3: the environment ───────────────────────────────────────────────────────────────────────────────────────────────


class EnvironmentLacking(OrchestraError):
    """The machine has not got what a run needs."""


class EngineMissing(EnvironmentLacking):
    """The program an engine runs was not found."""

    def __init__(self, program: str, looked: Sequence[str], next_step: str) -> None:
        self.program, self.looked = program, tuple(looked)
        super().__init__(f"{program} was not found. Looked at: {'; '.join(looked)}.", next_step=next_step)


class EngineTooOld(EnvironmentLacking):
    """A codex below the floor: its exit status and its last message cannot be trusted."""

    def __init__(self, path: Path, found: str, floor: str) -> None:
        self.path, self.found, self.floor = path, found, floor
        super().__init__(
            f"codex {found} is too old: orchestra needs {floor} or newer.",
            where=path,
            next_step="Update codex, or name a newer one with --codex PATH or ORCHESTRA_CODEX.",
        )


class NotLoggedIn(EnvironmentLacking):
    """codex's own provider, no login and no key: every worker would end unauthorised after 14 s of retries."""


class NoRoom(EnvironmentLacking):
    """PTYs, descriptors or memory do not suffice for so many workers; says what to lower."""


class StateUnusable(EnvironmentLacking):
    """The folder that holds the runs cannot be written, is a link, or belongs to somebody else."""

    usual_next_step = "Make room, mend what lies there or its permissions, or start orchestra somewhere else."


# ── 4, 5, 130: a run that did not get all it asked for ───────────────────────────────────────────────────────────────


class NoAnswer(OrchestraError):
    """A worker the pattern cannot do without did not answer."""

    exit_code = 4


class BudgetReached(OrchestraError):
    """What is left of the budget does not suffice for the next worker."""

    exit_code = 5


class Interrupted(OrchestraError):
    """A person or a program asked the run to stop."""

    exit_code = 130
