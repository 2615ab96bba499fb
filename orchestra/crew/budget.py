"""Whether one more worker still fits into the tokens a run may use. Admission only: nothing is killed for it."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from orchestra.usage import Usage

CHARACTERS_A_TOKEN = 4  # English prose and code, roughly; only used until a first worker of the role has ended
TURNS_GUESSED = 3  # how often a worker of an unknown role probably reads its own prompt again


class Budget:
    """Learns what a worker of a role needs, from this run's workers and from earlier runs'."""

    def __init__(self, max_tokens: int | None, earlier: Iterable[tuple[str, Usage]] = ()) -> None:
        self.max_tokens = max_tokens
        self.spent = 0
        self._reserved: dict[str, int] = {}
        self._here: dict[str, list[int]] = defaultdict(list)
        self._earlier: dict[str, list[int]] = defaultdict(list)
        for role, usage in earlier:
            self._earlier[role].append(usage.total)

    def expected(self, role: str, prompt: str) -> int:
        """What a worker of this role will probably need."""
        known = self._here[role] or self._earlier[role]
        return int(median(known)) if known else TURNS_GUESSED * len(prompt) // CHARACTERS_A_TOKEN

    def fits(self, role: str, prompt: str) -> bool:
        """It fits beside what is spent and what the running ones will need."""
        if self.max_tokens is None:
            return True
        return self.spent + sum(self._reserved.values()) + self.expected(role, prompt) <= self.max_tokens

    @property
    def waiting_helps(self) -> bool:
        """Somebody is running who may need less than expected."""
        return bool(self._reserved)

    def reserve(self, label: str, role: str, prompt: str) -> None:
        """A worker starts."""
        self._reserved[label] = self.expected(role, prompt)

    def settle(self, label: str, role: str, usage: Usage | None) -> None:
        """A worker ended. One that failed before its turn was over reports no usage: only what is seen is counted."""
        self._reserved.pop(label, None)
        self.count_in(role, usage)

    def count_in(self, role: str, usage: Usage | None) -> None:
        """Paid, in this life of the run or an earlier one."""
        if usage is not None:
            self.spent += usage.total
            self._here[role].append(usage.total)
