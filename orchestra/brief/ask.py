"""What a pattern wants to know."""

from enum import StrEnum


class Scope(StrEnum):
    """What a worker may touch."""

    READ = "read"
    """Nothing."""
    SCRATCH = "scratch"
    """A throw-away copy it may build and test in."""
    WRITE = "write"
    """One tree of its own, whose changes are kept."""
