"""What a machine may lack."""

import os
from typing import NoReturn

import pytest


def absent(what: str) -> NoReturn:
    """Skip a test for want of something, at home; where `CI` is set everything has to be there."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
