"""What the understudy mends by rule, line for line, and what it leaves alone."""

import ast
import re

import pytest

from orchestra.rehearsal.checks import problems_in
from orchestra.rehearsal.trades.menders import Left, mend


def problem_of(text: str, path: str, words: str) -> tuple[str, int]:
    """The title and line of the one problem of the text whose title has these words."""
    lines = dict(enumerate(text.split("\n"), 1))
    return next((p.seen.title, p.seen.first) for p in problems_in(path, lines, whole=True) if words in p.seen.title)


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("Bare except", "try:\n    f()\nexcept :\n    g()", "try:\n    f()\nexcept Exception:\n    g()"),
        (
            "Mutable default",
            "def f(a, b=[], *, c: dict = {}):\n    return a",
            "def f(a, b=None, *, c: dict | None = None):\n    if b is None:\n        b = []\n    if c is None:\n"
            "        c = {}\n    return a",
        ),
        (
            "Mutable default",
            'class A:\n    async def f(self, é="ü", b=list()):\n        """Doc."""\n\n        # why\n        return b',
            'class A:\n    async def f(self, é="ü", b=None):\n        """Doc."""\n\n        # why\n'
            "        if b is None:\n            b = list()\n        return b",
        ),
        (
            "Mutable default",
            "def f(\n    a,\n    b={},\n):\n    @once\n    def g(): ...\n    return g",
            "def f(\n    a,\n    b=None,\n):\n    if b is None:\n        b = {}\n"
            "    @once\n    def g(): ...\n    return g",
        ),
        ("compared with None", "if (x) ==None and y: f()", "if (x) is None and y: f()"),
        ("compared with None", "ok = a.b != None  # so", "ok = a.b is not None  # so"),
        ("tests identity", "if n is 3 or n is not 'x':\n    f()", "if n == 3 or n is not 'x':\n    f()"),
        ("can never fail", 'assert (x > 1, "small")', 'assert x > 1, "small"'),
        ("os is imported", "import os\nimport re\nre.A", "import re\nre.A"),
        ("b is imported", "from m import a, b, c as d\na, d", "from m import a, c as d\na, d"),
        (
            "without a timeout",
            "import requests\nr = requests.get(url)",
            "import requests\nr = requests.get(url, timeout=30)",
        ),
        ("yaml.load can", "import yaml\nyaml.load(text)", "import yaml\nyaml.safe_load(text)"),
    ],
)
def test_mended(words: str, before: str, after: str) -> None:
    title, line = problem_of(before, "a.py", words)
    mended = "\n".join(mend("a.py", before.split("\n"), title, line))
    assert mended == after
    ast.parse(mended)
    seen = [p.seen.title for p in problems_in("a.py", dict(enumerate(after.split("\n"), 1)), whole=True)]
    assert title not in seen


def test_a_word_that_stands_twice_in_prose() -> None:
    title, line = problem_of("# T\n\nWe go and and see.\n", "a.md", "twice")
    assert mend("a.md", ["# T", "", "We go and and see."], title, line) == ("# T", "", "We go and see.")


@pytest.mark.parametrize(
    ("words", "before", "why"),
    [
        ("Mutable default", "def f(a=[]): return a", "does not begin on a line of its own"),
        ("Mutable default", 'def f(a=[]):\n    """Doc."""', "does not begin on a line of its own"),
        ("Mutable default", "def f(a: 'list' = []):\n    return a", "annotation is a string"),
        ("Mutable default", "def f(a=[\n    1,\n]):\n    return a", "not at this line"),
        ("compared with None", "import sqlalchemy\nq = a == None\nsqlalchemy", "meaning of its own"),
        ("can never fail", "assert (x, y, z)", "not one condition and one message"),
        ("os is imported", "import os  # noqa: F401\n", "has a comment"),
        ("without a timeout", "import requests\nrequests.get(\n    url,\n)", "several lines"),
        ("yaml.load can", "import yaml\nyaml.load(text, Loader=yaml.Loader)", "loader of its own"),
        ("shell=True", "import subprocess\nr = subprocess.run(c, shell=True)", "no rule by which it can be mended"),
    ],
)
def test_left(words: str, before: str, why: str) -> None:
    title, line = problem_of(before, "a.py", words)
    with pytest.raises(Left, match=re.escape(why)):
        mend("a.py", before.split("\n"), title, line)


def test_an_import_of_a_package_is_left() -> None:
    with pytest.raises(Left, match="import from it"):
        mend("a/__init__.py", ["import os"], "os is imported and not used", 1)
