"""Work that makes very many values and no circles of them: looking for circles meanwhile takes a fifth of its time."""

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")


def uncollected(work: Callable[Given, Made]) -> Callable[Given, Made]:
    """The same work, with the collector of circles at rest; what is let go is freed all the same."""

    @wraps(work)
    def at_rest(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        was = gc.isenabled()
        gc.disable()
        try:
            return work(*args, **kwargs)
        finally:
            if was:
                gc.enable()

    return at_rest
