"""Whether a command that was to run tests ran any: an exit of 0 over no tests shows nothing."""

import re

_NONE = re.compile(
    r"\bno tests ran\b|^NO TESTS RAN|^Ran 0 tests|collected 0 items|\[no test files\]|^No tests? (?:files? )?found"
    r"|^running 0 tests\s*$|^\S tests 0\s*$|^0 examples, 0 failures",
    re.MULTILINE,
)
"""What pytest, unittest, go, jest, vitest, cargo, node and rspec print."""
_SOME = re.compile(
    r"\b[1-9]\d* (?:tests? )?(?:passed|passing|failed|failing)\b|^Ran [1-9]\d* tests?|^running [1-9]\d* tests?\b"
    r"|^(?:ok|FAIL)\s+\S+\s+(?:[\d.]+s|\(cached\))|^\S tests [1-9]|^[1-9]\d* examples?,",
    re.MULTILINE,
)
"""One suite of several may be empty."""


def no_test_ran(printed: str) -> bool:
    """What a command printed says that no test ran. False where it says nothing about tests."""
    return bool(_NONE.search(printed)) and not _SOME.search(printed)
