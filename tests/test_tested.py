"""Whether any test ran, by what the runners people use print."""

import pytest

from orchestra.tested import no_test_ran

PRINTED = [
    ("pytest", "collected 0 items\n\n==== no tests ran in 0.01s ====\n", True),
    ("pytest -q", "\nno tests ran in 0.00s\n", True),
    ("pytest, all left out", "collected 3 items / 3 deselected / 0 selected\n\n3 deselected in 0.02s\n", False),
    ("pytest, some", "collected 2 items\n\n2 passed in 0.01s\n", False),
    ("pytest, all failed", "collected 1 item\n\n1 failed in 0.01s\n", False),
    ("unittest", "\n-----\nRan 0 tests in 0.000s\n\nOK\n", True),
    ("unittest, one", "Ran 1 test in 0.000s\n\nOK\n", False),
    ("go", "?   \texample.org/a\t[no test files]\n", True),
    ("go, one of two", "?   \texample.org/a\t[no test files]\nok  \texample.org/b\t0.003s\n", False),
    ("cargo", "running 0 tests\r\n\r\ntest result: ok. 0 passed; 0 failed; 0 ignored\r\n", True),
    ("cargo, and no doc tests", "running 2 tests\n..\ntest result: ok. 2 passed\n\nrunning 0 tests\n", False),
    ("jest", "No tests found, exiting with code 0\n", True),
    ("node", "\u2139 tests 0\n\u2139 pass 0\n", True),
    ("node, TAP", "# tests 4\n# pass 4\n", False),
    ("two suites", "collected 0 items\nno tests ran in 0.01s\n3 passed in 0.2s\n", False),
    ("no runner", "all is well\n", False),
    ("nothing", "", False),
]


@pytest.mark.parametrize(("printed", "nothing"), [row[1:] for row in PRINTED], ids=[row[0] for row in PRINTED])
def test_what_runners_print(printed: str, nothing: bool) -> None:
    assert no_test_ran(printed) is nothing
