"""Values in the shape of a schema: the least it allows, with nothing claimed, and one made to fit it."""

from collections.abc import Mapping
from typing import Any

_NO_CLAIM = (
    "unclear",
    "unknown",
    "uncertain",
    "undecided",
    "inconclusive",
    "unverified",
    "not",
    "none",
    "skip",
    "other",
)
"""Beginnings of enum values that say that nothing is said, the most welcome first."""


def instance_of(schema: Mapping[str, Any], note: str) -> Any:
    """The smallest value that is valid under a strict-mode schema; every free text in it is the note."""
    return _least(schema, schema, note)


def fitted(value: Any, schema: Mapping[str, Any], note: str) -> Any:
    """The value in the shape of the schema: what the schema does not know is dropped, what it wants is filled in."""
    return _fit(value, schema, schema, note)


def _fit(value: Any, node: Mapping[str, Any], root: Mapping[str, Any], note: str) -> Any:
    if "$ref" in node:
        return _fit(value, _referred(root, str(node["$ref"])), root, note)
    if isinstance(value, list):
        return [_fit(item, node.get("items", {}), root, note) for item in value]
    if isinstance(value, dict) and isinstance(node.get("properties"), dict):
        wanted = node.get("required", ())
        return {
            name: _fit(value[name], part, root, note) if name in value else _least(part, root, note)
            for name, part in node["properties"].items()
            if name in value or name in wanted
        }
    return value


def _least(node: Mapping[str, Any], root: Mapping[str, Any], note: str) -> Any:
    if "$ref" in node:
        return _least(_referred(root, str(node["$ref"])), root, note)
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return _most_modest(node["enum"])
    for choice in ("anyOf", "oneOf"):
        if node.get(choice):
            options = node[choice]
            null = any(option.get("type") == "null" for option in options)
            return None if null else _least(options[0], root, note)
    kind = node.get("type", "object" if "properties" in node else "string")
    if isinstance(kind, list):
        kind = "null" if "null" in kind else kind[0]
    if kind == "object":
        wanted = node.get("required", node.get("properties", {}))
        return {name: _least(part, root, note) for name, part in node.get("properties", {}).items() if name in wanted}
    if kind == "array":
        return [_least(node.get("items", {}), root, note) for _ in range(node.get("minItems", 0))]
    if kind in {"integer", "number"}:
        return max(0, node.get("minimum", 0))
    return {"boolean": False, "null": None}.get(kind, note[: node.get("maxLength", len(note))])


def _most_modest(values: list[Any]) -> Any:
    for beginning in _NO_CLAIM:
        for value in values:
            if isinstance(value, str) and value.lower().startswith(beginning):
                return value
    return None if None in values else values[0]


def _referred(root: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    node: Any = root
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node if isinstance(node, Mapping) else {}
