"""What lies in the tree: its files, listed in pages through the shell."""

import shlex

from orchestra.rehearsal.errand import PATIENCE, Errand
from orchestra.rehearsal.moves import Run

PAGE = 120
"""Paths asked for at once: a tool's output is cut at 10 kB."""
MOST = 2400
"""Paths that are looked at; of a larger tree the number is known."""
_LIST = (
    "{ git -c core.quotepath=off ls-files -co --exclude-standard 2>/dev/null | grep . || "
    r"find . \( -name .git -o -name node_modules -o -name .venv -o -name __pycache__ \) -prune -o -type f -print "
    r"| sed 's|^\./||'; } | LC_ALL=C sort"
)


def listed() -> Errand[tuple[tuple[str, ...], int]]:
    """The paths, and how many there are in all."""
    [output] = yield Run(f"{_LIST} | wc -l", wait=PATIENCE)
    digits = output.text.strip()
    count = int(digits) if digits.isdigit() else 0
    pages = [f"{_LIST} | sed -n '{first},{first + PAGE - 1}p'" for first in range(1, min(count, MOST) + 1, PAGE)]
    outputs = (yield Run(*pages, wait=PATIENCE)) if pages else []
    paths = [path for output in outputs if not output.truncated for path in output.text.split("\n") if path]
    return tuple(dict.fromkeys(paths)), count


def found(term: str, *, most: int = 6) -> Errand[tuple[str, ...]]:
    """Where a term stands in the tree, as `path:line:text`."""
    quoted = shlex.quote(term)
    grep = f"git grep -nIF --untracked -e {quoted} 2>/dev/null || grep -rnIF --exclude-dir=.git -e {quoted} ."
    [output] = yield Run(f"{{ {grep}; }} | cut -c1-200 | head -n {most}", wait=PATIENCE)
    return tuple(line.removeprefix("./") for line in output.text.split("\n") if line.count(":") >= 2)
