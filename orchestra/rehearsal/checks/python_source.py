"""A Python module as its checks see it."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from orchestra.rehearsal.checks.problem import Lines, Seen

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
BYTE_ORDER_MARK = "\ufeff"
"""What some editors put in front of a file: Python passes over it, `ast.parse` of a text does not."""


@dataclass(frozen=True, slots=True)
class Source:
    """The tree, its nodes in a row, and the lines with the comments the tree has lost."""

    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    functions: tuple[Function, ...]
    calls: tuple[tuple[ast.Call, str], ...]
    """Every call, and what is called as it is written."""
    lines: Lines


def read_source(lines: Lines) -> Source:
    """Parse a whole file; raises what `ast.parse` raises."""
    # To the parser a lone CR ends a line, to everybody who counts lines it does not.
    text = "\n".join(lines[number].rstrip("\r").replace("\r", " ") for number in sorted(lines))
    tree = ast.parse(text.removeprefix(BYTE_ORDER_MARK))
    nodes = tuple(ast.walk(tree))
    functions = tuple(node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return Source(tree, nodes, functions, tuple(calls_in(nodes)), lines)


def calls_in(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.Call, str]]:
    """The calls among the nodes, each with what is called as it is written."""
    return ((node, ast.unparse(node.func)) for node in nodes if isinstance(node, ast.Call))


def at(node: ast.AST, title: str, problem: str, *, last: int | None = None) -> Seen:
    """A sighting at a node: its first line, and on to `last` where more lines decide."""
    first = getattr(node, "lineno", 1)
    return Seen(first, max(first, last or first), title, problem)
