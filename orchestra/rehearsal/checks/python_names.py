"""Python checks of names: what is imported or assigned and never used, and what hides something else."""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterator

from orchestra.rehearsal.checks.problem import Checks, Problem, Seen
from orchestra.rehearsal.checks.python_source import Source, at

_check: Checks[Source] = Checks()
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_") and name.islower())

_GONE = {
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), "3.12"),
    **dict.fromkeys(
        ("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "mailcap", "msilib", "nis", "nntplib"), "3.13"
    ),
    **dict.fromkeys(("ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"), "3.13"),
}
"""Standard modules that are no more, and since when."""


def problems(source: Source) -> Iterator[Problem]:
    """What these checks see in the module."""
    return _check.problems(source)


@_check(
    "clarity",
    "maintainability",
    severity="low",
    confidence=0.8,
    category="dead code",
    do="Delete the import.",
)
def unused_import(source: Source) -> Iterator[Seen]:
    used = {node.id for node in source.nodes if isinstance(node, ast.Name)}
    words = {
        word
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in node.value.replace("[", " ").replace("]", " ").replace(".", " ").split()
    }  # names in __all__ and in annotations that are strings
    for node in source.tree.body:
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
def unused_variable(source: Source) -> Iterator[Seen]:
    for function in source.functions:
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        if any(name.id == "locals" for name in names):
            continue  # every variable is read
        read = Counter(node.id for node in names if not isinstance(node.ctx, ast.Store))
        outer = {
            name for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
        }
        for statement in ast.walk(function):
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
                if (
                    isinstance(target, ast.Name)
                    and not read[target.id]
                    and target.id not in outer
                    and not target.id.startswith("_")
                ):
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
def shadowed_builtin(source: Source) -> Iterator[Seen]:
    for function in source.functions:
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
def changes_global(source: Source) -> Iterator[Seen]:
    for function in source.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                names = ", ".join(node.names)
                what = f"{names} is changed behind the back of everybody who reads it, other threads included."
                yield at(node, f"{function.name} changes the global {names}", what)


@_check(
    "consistency",
    "clarity",
    severity="low",
    confidence=0.7,
    category="naming",
    do="Name it like the others.",
)
def other_naming(source: Source) -> Iterator[Seen]:
    plain = [function for function in source.functions if "_" in function.name.strip("_")]
    for function in source.functions:
        if len(plain) > 2 and re.match(r"[a-z]+[A-Z]", function.name) and "_" not in function.name:
            what = f"{len(plain)} other functions of the file are written with underscores."
            yield at(function, f"{function.name} is named in another style than the rest", what)


@_check(
    "compatibility",
    severity="high",
    confidence=0.9,
    category="removed module",
    do="Use its successor; the release notes of the version that removed it name one.",
)
def removed_module(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named = [node.module]
        for name in named:
            if gone := _GONE.get(name.partition(".")[0]):
                yield at(node, f"{name} is gone since Python {gone}", "The import fails there, and with it the module.")
