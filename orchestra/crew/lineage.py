"""What a run goes on from: the job it belongs to, and the earlier runs whose answers and findings it knows."""

from typing import Annotated

from pydantic import Field

from orchestra.value import Value


class Shard(Value):
    """One of several runs that share a job's asks: each does those whose key falls to it."""

    number: Annotated[int, Field(ge=1)]
    of: Annotated[int, Field(ge=1)]


class Lineage(Value):
    """Of a run that stands alone nothing is set. Part of `run.json`, so that a resumed run goes on from the same."""

    job: str | None = None
    """The name of the job, as the settings call it."""
    since: str | None = None
    """The run whose findings this one's are compared with: the newest complete one of the job."""
    reuse: tuple[str, ...] = ()
    """Runs whose answers are taken where the key is the same, the first that has it."""
    max_reuse_age: float | None = None
    """Seconds after which an answer is asked again; each at a moment of its own in the second half of them."""
    shard: Shard | None = None
    only_reuse: bool = False
    """Start no worker: what was not answered in `reuse` is reported as that."""
