"""What a run goes on from: the job it belongs to, and the earlier runs whose answers and findings it knows."""

import math
from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator

from orchestra.value import Value


class Shard(Value):
    """One of several runs that share a job's asks: each does those whose key falls to it."""

    number: Annotated[int, Field(ge=1)]
    of: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _is_one_of_them(self) -> "Shard":
        if self.number > self.of:
            raise ValueError(f"there is no shard {self.number} of {self.of}")
        return self

    def __str__(self) -> str:
        return f"{self.number} of {self.of}"

    def holding(self, key: str) -> "Shard":
        """The shard that does the ask with this key, out of as many as there are of this one."""
        return Shard(number=int(key[:8], 16) % self.of + 1, of=self.of)


class Origin(Value):
    """Where the answer of an earlier run comes from."""

    run: str
    """The run that paid for it, not the one it was copied from."""
    answered: datetime


class Lineage(Value):
    """Of a run that stands alone nothing is set. Part of `run.json`, so that a resumed run goes on from the same."""

    job: str | None = None
    """The name of the job, as the settings call it."""
    since: str | None = None
    """The run whose findings this one's are compared with: the newest complete one of the job."""
    reuse: tuple[str, ...] = ()
    """Runs whose answers are taken where the key is the same and they still hold, the first that has one."""
    parts: tuple[str, ...] = ()
    """Runs this one is made of, as out of shards: their answers are its own, and are taken as they are."""
    max_reuse_age: float | None = None
    """Seconds after which an answer is asked again; each at a moment of its own in the second half of them."""
    shard: Shard | None = None
    only_reuse: bool = False
    """Start no worker: what no run answered is reported as that."""

    def asks_again_after(self, key: str) -> float:
        """Seconds after which an answer is too old: for each key a moment of its own in the second half of the period.

        The answers of one night would otherwise all be asked again in one night.
        """
        if self.max_reuse_age is None:
            return math.inf
        # Other digits than those that choose the shard: a shard would otherwise hold answers of one age.
        return self.max_reuse_age * (0.5 + int(key[-8:], 16) / 2**33)
