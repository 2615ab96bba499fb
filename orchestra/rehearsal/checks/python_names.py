"""Python checks of names: what is imported or assigned and never used, and what hides something else."""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator

from orchestra.rehearsal.checks.problem import Checks, Problem, Seen
from orchestra.rehearsal.checks.python_shape import at, functions

_check: Checks[ast.Module] = Checks()
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_") and name.islower())


def problems(tree: ast.Module) -> Iterator[Problem]:
    """What these checks see in the tree."""
    return _check.problems(tree)


@_check(
    "clarity",
    "maintainability",
    severity="low",
    confidence=0.8,
    category="dead code",
    do="Delete the import.",
)
def unused_import(tree: ast.Module) -> Iterator[Seen]:
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    words = {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in node.value.replace("[", " ").replace("]", " ").replace(".", " ").split()
    }  # names in __all__ and in annotations that are strings
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or getattr(node, "module", None) == "__future__":
            continue
        for alias in node.names:
            name = (alias.asname or alias.name).partition(".")[0]
            reexported = alias.asname == alias.name
            if name not in used | words and name != "*" and not reexported:
                yield at(node, f"{name} is imported and not used", f"Nothing in the file mentions {name} again.")


@_check(
    "clarity",
    "correctness",
    severity="low",
    confidence=0.8,
    category="dead code",
    do="Delete the assignment, or use what it holds.",
)
def unused_variable(tree: ast.Module) -> Iterator[Seen]:
    for function in functions(tree):
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        read = Counter(node.id for node in names if not isinstance(node.ctx, ast.Store))
        outer = {
            name for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
        }
        for statement in ast.walk(function):
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
                if isinstance(target, ast.Name) and not read[target.id] and target.id not in outer and target.id != "_":
                    what = f"{function.name} assigns {target.id} and never reads it."
                    yield at(statement, f"{target.id} is assigned and not used in {function.name}", what)


@_check(
    "clarity",
    "correctness",
    severity="low",
    confidence=0.7,
    category="naming",
    do="Give it a name of its own.",
)
def shadowed_builtin(tree: ast.Module) -> Iterator[Seen]:
    for function in functions(tree):
        arguments = function.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            if argument.arg in _BUILTINS:
                what = f"Inside {function.name} the builtin {argument.arg} cannot be reached any more."
                yield at(argument, f"Parameter {argument.arg} of {function.name} hides a builtin", what)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name) and target.id in _BUILTINS:
                        what = f"From here on {target.id} is not the builtin."
                        yield at(target, f"Variable {target.id} in {function.name} hides a builtin", what)


@_check(
    "risk",
    "maintainability",
    "correctness",
    severity="low",
    confidence=0.5,
    category="shared state",
    do="Pass the value in and return it, or keep it in an object.",
)
def changes_global(tree: ast.Module) -> Iterator[Seen]:
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                names = ", ".join(node.names)
                what = f"{names} is changed behind the back of everybody who reads it, other threads included."
                yield at(node, f"{function.name} changes the global {names}", what)
