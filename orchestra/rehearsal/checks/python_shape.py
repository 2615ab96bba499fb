"""Python checks of statements and expressions: what is written in a shape that does something else than it says."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from orchestra.rehearsal.checks.problem import Checks, Problem, Seen
from orchestra.rehearsal.checks.python_source import Source, at

_check: Checks[Source] = Checks()
LONG_FUNCTION = 60
"""Lines; about what a screen shows."""
MANY_PARAMETERS = 7


def problems(source: Source) -> Iterator[Problem]:
    """What these checks see in the module."""
    return _check.problems(source)


@_check(
    "correctness",
    "risk",
    severity="high",
    confidence=0.8,
    category="error handling",
    do="Name the exceptions that are expected here and let all others through.",
)
def bare_except(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            what = "It also catches KeyboardInterrupt, SystemExit and every programming error, and hides them."
            yield at(node, "Bare except catches everything", what)


@_check(
    "correctness",
    "risk",
    "operations",
    severity="medium",
    confidence=0.8,
    category="error handling",
    do="Handle the failure, log it, or say in a comment why it may be ignored.",
)
def swallowed_exception(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        match node:
            case ast.ExceptHandler(type=None | ast.Name(id="Exception" | "BaseException"), body=[ast.Pass() as end]):
                if not any("#" in source.lines[number] for number in range(node.lineno, end.lineno + 1)):
                    caught = ast.unparse(node.type) if node.type else "Every exception"
                    what = "Whatever goes wrong in the block, programming errors included, nobody learns of it."
                    yield at(node, f"{caught} is swallowed without a trace", what, last=end.lineno)


@_check(
    "correctness",
    severity="high",
    confidence=0.9,
    category="shared state",
    do="Default to None and make the object inside the function.",
)
def mutable_default(source: Source) -> Iterator[Seen]:
    for function in source.functions:
        arguments = function.args
        for default in [*arguments.defaults, *filter(None, arguments.kw_defaults)]:
            makes = isinstance(default, ast.Call) and ast.unparse(default.func) in {"list", "dict", "set"}
            if makes or isinstance(default, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
                made = f"{ast.unparse(default)} is made once, when {function.name} is defined"
                yield at(default, f"Mutable default argument in {function.name}", f"{made}, and all calls share it.")


@_check(
    "correctness",
    "clarity",
    severity="low",
    confidence=0.9,
    category="comparison",
    do="Write `is None` or `is not None`.",
)
def compared_with_none(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        if isinstance(node, ast.Compare):
            for operator, right in zip(node.ops, node.comparators, strict=True):
                if isinstance(operator, ast.Eq | ast.NotEq) and isinstance(right, ast.Constant) and right.value is None:
                    what = (
                        "== asks the object, which may answer anything; None is one object and is asked for with `is`."
                    )
                    yield at(node, f"{ast.unparse(node.left)} is compared with None by ==", what)


@_check(
    "correctness",
    severity="medium",
    confidence=0.9,
    category="comparison",
    do="Compare with what was meant, or drop the comparison.",
)
def compared_with_itself(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        if (
            isinstance(node, ast.Compare)
            and "#" not in source.lines[node.lineno]
            and any(
                ast.dump(left) == ast.dump(right) and not isinstance(left, ast.Constant | ast.Call)
                for left, right in zip([node.left, *node.comparators], node.comparators, strict=False)
            )
        ):
            what = f"Both sides of {ast.unparse(node)} are the same: the result does not depend on what is compared."
            yield at(node, f"{ast.unparse(node)} compares a thing with itself", what)


@_check(
    "correctness",
    severity="high",
    confidence=0.9,
    category="comparison",
    do="Compare with ==.",
)
def identity_of_literal(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        if isinstance(node, ast.Compare):
            for operator, right in zip(node.ops, node.comparators, strict=True):
                literal = isinstance(right, ast.Constant) and type(right.value) in {str, bytes, int, float}
                if isinstance(operator, ast.Is | ast.IsNot) and literal:
                    what = "`is` asks whether two things are one object; for equal values the answer is an accident."
                    yield at(node, f"{ast.unparse(node)} tests identity, not equality", what)


@_check(
    "correctness",
    "risk",
    severity="high",
    confidence=0.95,
    category="assertion",
    do="Take the parentheses away: `assert condition, message`.",
)
def assert_on_tuple(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Tuple) and node.test.elts:
            yield at(node, "An assertion that can never fail", "A tuple that is not empty is always true.")


@_check(
    "correctness",
    "clarity",
    severity="medium",
    confidence=0.95,
    category="dead code",
    do="Delete it, or move it to where it was meant to run.",
)
def unreachable(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            for before, after in pairwise(block) if isinstance(block, list) else ():
                if isinstance(before, ast.Return | ast.Raise | ast.Break | ast.Continue):
                    word = type(before).__name__.lower()
                    yield at(after, f"Code after {word} is never run", f"Line {before.lineno} leaves the block.")
                    break


@_check(
    "correctness",
    severity="medium",
    confidence=0.8,
    category="error handling",
    do="Return after the `try` statement.",
)
def leaves_finally(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        for statement in node.finalbody if isinstance(node, ast.Try) else ():
            if isinstance(statement, ast.Return | ast.Break | ast.Continue):
                what = "Leaving `finally` this way drops the exception that was on its way."
                yield at(statement, "An exception is lost in finally", what)


@_check(
    "correctness",
    severity="high",
    confidence=0.8,
    category="iteration",
    do="Iterate over a copy, or collect what is to go and remove it afterwards.",
)
def changed_while_iterated(source: Source) -> Iterator[Seen]:
    changing = {"append", "remove", "pop", "insert", "clear", "add", "discard", "extend"}
    for loop in source.nodes:
        if not isinstance(loop, ast.For):
            continue
        over = ast.unparse(loop.iter)
        for node in (inner for statement in loop.body for inner in ast.walk(statement)):
            match node:
                case ast.Call(func=ast.Attribute(value=changed, attr=how)) if how in changing:
                    pass
                case ast.Delete(targets=[ast.Subscript(value=changed)]):
                    pass
                case _:
                    continue
            if ast.unparse(changed) == over:
                what = f"The loop of line {loop.lineno} steps over elements, or stops with an error."
                yield at(node, f"{over} is changed while it is iterated over", what)


@_check(
    "clarity",
    "maintainability",
    severity="low",
    confidence=0.6,
    category="size",
    do="Find the second thing it does and give it a name of its own.",
)
def long_function(source: Source) -> Iterator[Seen]:
    for function in source.functions:
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > LONG_FUNCTION:
            what = f"{function.name} has {length} lines: more than a reader keeps in view."
            yield at(function, f"{function.name} is {length} lines long", what)


@_check(
    "clarity",
    "maintainability",
    severity="low",
    confidence=0.6,
    category="interface",
    do="Put what belongs together into one value, and make the rest keyword-only.",
)
def many_parameters(source: Source) -> Iterator[Seen]:
    for function in source.functions:
        count = len(function.args.posonlyargs) + len(function.args.args)
        if count > MANY_PARAMETERS:
            what = f"{count} positional parameters: a caller who swaps two of them is not told."
            yield at(function, f"{function.name} takes {count} positional parameters", what)
