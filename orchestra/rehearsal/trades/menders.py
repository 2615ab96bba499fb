"""What the understudy can mend by rule: for some of its own checks, the change that does away with what they see.

Only where the rule is right whoever wrote the code; everything else is left to somebody who understands it.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from orchestra.rehearsal.checks.python_source import Function, Source, read_source

Lines = tuple[str, ...]


class Left(Exception):
    """It is not mended; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Text to be put in place of what stands between two points; columns are bytes, as in the syntax tree."""

    first: int
    begin: int
    last: int
    end: int
    text: str


def mend(path: str, lines: Sequence[str], title: str, first: int) -> Lines:
    """The lines without the problem that its check sees at a line; raises `Left`."""
    for pattern, mender in _MENDERS:
        if re.fullmatch(pattern, title):
            return mender(path, tuple(lines), first, title)
    raise Left("there is no rule by which it can be mended; it takes somebody who understands it")


def _python(path: str, lines: Lines) -> Source:
    try:
        return read_source(dict(enumerate(lines, 1)))
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Left(f"{path} cannot be parsed: {error}") from error


def _doubled_word(path: str, lines: Lines, line: int, title: str) -> Lines:
    return _line(lines, line, lambda text: re.sub(r"\b(\w+)(\s+)\1\b", r"\1", text, count=1, flags=re.IGNORECASE))


def _bare_except(path: str, lines: Lines, line: int, title: str) -> Lines:
    return _line(lines, line, lambda text: re.sub(r"\bexcept\s*:", "except Exception:", text, count=1))


def _line(lines: Lines, line: int, change: Callable[[str], str]) -> Lines:
    changed = change(lines[line - 1])
    if changed == lines[line - 1]:
        raise Left("the line is not written the way the rule knows")
    return (*lines[: line - 1], changed, *lines[line:])


def _none(path: str, lines: Lines, line: int, title: str) -> Lines:
    source = _python(path, lines)
    if any(re.search(r"^\s*(?:from|import) (?:sqlalchemy|peewee|pandas|numpy|polars)\b", text) for text in lines):
        raise Left("the file uses a library in which == None has a meaning of its own")
    return _operators(source, lines, line, {ast.Eq: (r"==", "is"), ast.NotEq: (r"!=", "is not")}, {type(None)}, title)


def _identity(path: str, lines: Lines, line: int, title: str) -> Lines:
    wanted: dict[type[ast.cmpop], tuple[str, str]] = {
        ast.Is: (r"\bis\b", "=="),
        ast.IsNot: (r"\bis\s+not\b", "!="),
    }
    return _operators(_python(path, lines), lines, line, wanted, {str, bytes, int, float}, title)


def _operators(
    source: Source,
    lines: Lines,
    line: int,
    wanted: dict[type[ast.cmpop], tuple[str, str]],
    literals: set[type],
    title: str,
) -> Lines:
    cuts = []
    for node in source.nodes:
        if not isinstance(node, ast.Compare) or node.lineno != line or not title.startswith(_named(node, wanted)):
            continue
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, node.comparators, strict=False):
            if type(operator) in wanted and isinstance(right, ast.Constant) and type(right.value) in literals:
                cuts.append(_operator(lines, left, right, *wanted[type(operator)]))
    return _cut(lines, cuts)


def _named(node: ast.Compare, wanted: dict[type[ast.cmpop], tuple[str, str]]) -> str:
    """How the title of the check begins that saw this comparison, and not another one in its line."""
    return f"{ast.unparse(node.left)} is compared" if ast.Eq in wanted else f"{ast.unparse(node)} tests"


def _operator(lines: Lines, left: ast.expr, right: ast.expr, pattern: str, instead: str) -> Cut:
    first, begin = left.end_lineno or left.lineno, left.end_col_offset or 0
    if first != right.lineno:
        raise Left("the comparison goes over several lines")
    between = lines[first - 1].encode()[begin : right.col_offset].decode()
    return Cut(first, begin, first, right.col_offset, re.sub(rf"\s*{pattern}\s*", f" {instead} ", between, count=1))


def _assertion(path: str, lines: Lines, line: int, title: str) -> Lines:
    for node in _python(path, lines).nodes:
        if isinstance(node, ast.Assert) and node.lineno == line and isinstance(node.test, ast.Tuple):
            test = node.test
            if len(test.elts) != 2 or test.lineno != test.end_lineno:
                raise Left("it is not one condition and one message in one line")
            end = test.end_col_offset or 0
            inner = lines[line - 1].encode()[test.col_offset + 1 : end - 1].decode().strip().rstrip(",")
            return _cut(lines, [Cut(line, test.col_offset, line, end, inner)])
    raise Left("the assertion is not at this line")


def _timeout(path: str, lines: Lines, line: int, title: str) -> Lines:
    for call, name in _python(path, lines).calls:
        named = re.search(r"(?:requests|httpx)\.\w+$|urlopen$|socket\.create_connection$", name)
        if call.lineno == line and named and "timeout" not in {keyword.arg for keyword in call.keywords}:
            last, end = call.end_lineno or line, (call.end_col_offset or 1) - 1
            before = lines[last - 1].encode()[:end].decode().rstrip()
            if last != line or before.endswith(","):
                raise Left("the call goes over several lines")
            some = bool(call.args or call.keywords)
            return _cut(lines, [Cut(last, len(before.encode()), last, end, ", timeout=30" if some else "timeout=30")])
    raise Left("the call is not at this line")


def _safe_load(path: str, lines: Lines, line: int, title: str) -> Lines:
    for call, name in _python(path, lines).calls:
        if call.lineno == line and name == "yaml.load" and len(call.args) == 1 and not call.keywords:
            return _line(lines, line, lambda text: text.replace("yaml.load(", "yaml.safe_load(", 1))
    raise Left("the call names a loader of its own, or is not at this line")


def _import(path: str, lines: Lines, line: int, title: str) -> Lines:
    if path.endswith("__init__.py"):
        raise Left("what a package imports may be what others import from it")
    source, text = _python(path, lines), lines[line - 1]
    for node in source.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and node.lineno == line:
            if node.end_lineno != line or "#" in text or ";" in text:
                raise Left("the import goes over several lines, shares one, or has a comment")
            unused = title.split()[0]
            kept = [alias for alias in node.names if (alias.asname or alias.name).partition(".")[0] != unused]
            if not kept:
                return (*lines[: line - 1], *lines[line:])
            node.names = kept
            return (*lines[: line - 1], ast.unparse(node), *lines[line:])
    raise Left("the import is not at this line")


def _default(path: str, lines: Lines, line: int, title: str) -> Lines:
    source = _python(path, lines)
    for function in source.functions:
        cuts = list(_defaults(function, lines, line))
        if cuts:
            return _cut(lines, cuts)
    raise Left("the default is not at this line")


def _defaults(function: Function, lines: Lines, line: int) -> Iterator[Cut]:
    """None in place of each such default at the line, and the object made first of all in the function."""
    made = []
    for argument, default in _defaulted(function.args):
        if default.lineno == line == default.end_lineno and _mutable(default):
            if isinstance(argument.annotation, ast.Constant):
                raise Left("the annotation is a string")
            written = lines[line - 1].encode()[default.col_offset : default.end_col_offset].decode()
            made.append((argument.arg, written))
            yield Cut(line, default.col_offset, line, default.end_col_offset or 0, "None")
            if (noted := argument.annotation) and "None" not in ast.unparse(noted):
                at, end = noted.end_lineno or line, noted.end_col_offset or 0
                yield Cut(at, end, at, end, " | None")
    if not made:
        return
    body = function.body
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    begins = body[1] if documented and len(body) > 1 else body[0]
    indent = " " * body[0].col_offset
    # Decorated things begin at their decorators.
    number = min([begins.lineno, *(one.lineno for one in getattr(begins, "decorator_list", ()))])
    if lines[number - 1][: begins.col_offset].strip() or (documented and len(body) == 1):
        raise Left("the body of the function does not begin on a line of its own")
    guards = "".join(f"{indent}if {name} is None:\n{indent}    {name} = {written}\n" for name, written in made)
    yield Cut(number, 0, number, 0, guards)


def _defaulted(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    placed = [*arguments.posonlyargs, *arguments.args]
    if arguments.defaults:
        yield from zip(placed[-len(arguments.defaults) :], arguments.defaults, strict=True)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield argument, default


def _mutable(default: ast.expr) -> bool:
    if isinstance(default, ast.Call):
        return ast.unparse(default.func) in {"list", "dict", "set"}
    return isinstance(default, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def _cut(lines: Lines, cuts: Sequence[Cut]) -> Lines:
    """The lines after the cuts, which do not overlap."""
    if not cuts:
        raise Left("the place is not written the way the rule knows")
    texts = [line.encode() for line in lines]
    for cut in sorted(cuts, key=lambda one: (one.first, one.begin), reverse=True):
        head, rest = texts[cut.first - 1][: cut.begin], texts[cut.last - 1][cut.end :]
        texts[cut.first - 1 : cut.last] = [head + cut.text.encode() + rest]
    return tuple(b"\n".join(texts).decode().split("\n"))


_MENDERS: tuple[tuple[str, Callable[[str, Lines, int, str], Lines]], ...] = (
    (r"Bare except catches everything", _bare_except),
    (r"Mutable default argument in .+", _default),
    (r".+ is compared with None by ==", _none),
    (r".+ tests identity, not equality", _identity),
    (r"An assertion that can never fail", _assertion),
    (r".+ is imported and not used", _import),
    (r".+ waits without a timeout", _timeout),
    (r"yaml\.load can run code from what it loads", _safe_load),
    (r"A word stands twice: .+", _doubled_word),
)
"""By the title of the check's problem."""

CAVEATS: tuple[tuple[str, str], ...] = (
    (r".+ waits without a timeout", "30 seconds is a guess: nobody said how long these calls may take."),
    (
        r".+ is imported and not used",
        "An import can be there for what it does when it is imported; that was not tried.",
    ),
    (r"Bare except .+", "KeyboardInterrupt and SystemExit go through now; the exceptions meant are still not named."),
)
"""What a mended problem of this title leaves open."""
