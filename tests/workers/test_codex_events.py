"""The event stream's laws: any cut of the same bytes reads the same, nothing unbounded is kept, nothing raises."""

import json
import tracemalloc
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.usage import Usage
from orchestra.workers.engines.codex_events import CodexEvents
from orchestra.workers.engines.event_lines import EventLines

from .stub_codex import COMPLETED, STARTED, TURN, ran, said


def _lines(data: bytes, cuts: list[int], longest: int = 1000) -> tuple[list[bytes], EventLines]:
    lines = EventLines(longest)
    found: list[bytes] = []
    places = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
    for start, end in pairwise(places):
        found += lines.feed(data[start:end])
    return found, lines


@given(st.binary() | st.text("{}\r\n\u00e9x").map(str.encode), st.lists(st.integers(min_value=0), max_size=12))
def test_lines_do_not_depend_on_the_cuts(data: bytes, cuts: list[int]) -> None:
    found, lines = _lines(data, cuts)
    *whole, torn = data.split(b"\n")
    events = [line for line in whole if line.startswith(b"{")]
    assert found == [line.rstrip(b"\r") for line in events]
    assert lines.others == len(whole) - len(events)
    assert lines.torn == (torn if torn.startswith(b"{") else b"")


@given(st.lists(st.integers(min_value=0), max_size=12))
def test_an_event_too_long_is_counted_and_not_kept(cuts: list[int]) -> None:
    found, lines = _lines(b'{"a":1}\n{' + b"x" * 50 + b'\n{"b":2}\n{' + b"y" * 90, cuts, longest=20)
    assert found == [b'{"a":1}', b'{"b":2}']
    assert lines.too_long == [51]
    assert len(lines.torn) <= 20


def test_a_line_of_100_megabytes_is_not_kept() -> None:
    events = CodexEvents()
    chunk = b"x" * 65536
    events.heard(b'{"type":"item.completed","item":"')
    tracemalloc.start()
    for _ in range(1600):
        events.heard(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    events.heard(b'"}\n' + json.dumps(COMPLETED).encode() + b"\n")
    assert events.completed
    assert peak < 16 << 20


@pytest.mark.timeout(60)
def test_a_flood_of_short_lines_is_passed_over() -> None:
    """50 MB, 25 million lines: read one by one they would take two minutes."""
    events, chunk = CodexEvents(), b"y\n" * 32768
    for _ in range(763):
        events.heard(chunk)
    events.heard(json.dumps(STARTED).encode() + b"\n")
    assert events.thread_id == STARTED["thread_id"]


def _one_of(words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words.split())


_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_kinds = _one_of(
    "thread.started turn.started turn.completed turn.failed error item.started item.updated item.completed "
    "item . turn new.kind"
)
_items = _one_of(
    "agent_message reasoning command_execution file_change mcp_tool_call web_search todo_list error collab"
)
_names = _one_of(
    "id text command exit_code status changes items usage message error thread_id server tool query path kind"
)


@given(_kinds, st.dictionaries(_names, _values), _items, st.dictionaries(_names, _values))
def test_no_event_is_too_strange(kind: str, fields: dict[str, Any], item: str, inside: dict[str, Any]) -> None:
    events = CodexEvents()
    events.take(json.dumps({**fields, "type": kind, "item": {**inside, "type": item}}).encode())
    assert events.seen == 1
    assert events.doing.isprintable()
    assert len(events.doing) < 200


@given(st.binary())
def test_no_line_is_too_strange(line: bytes) -> None:
    events = CodexEvents()
    events.take(line)
    assert events.seen + events.unreadable == 1


def test_deep_nesting_is_no_way_in() -> None:
    events = CodexEvents()
    events.take(b'{"type":"error","message":' + b"[" * 200_000)
    assert events.unreadable == 1


# what codex says of tokens, what is made of it
USAGES: dict[str, tuple[object, Usage | None]] = {
    "all": (
        {
            "input_tokens": 4,
            "cached_input_tokens": 3,
            "cache_write_input_tokens": 9,
            "output_tokens": 2,
            "reasoning_output_tokens": 1,
        },
        Usage(input_tokens=4, cached_input_tokens=3, output_tokens=2, reasoning_output_tokens=1),
    ),
    "fewer": ({"input_tokens": 4, "output_tokens": 2}, Usage(input_tokens=4, output_tokens=2)),
    "no counts": ({"input_tokens": "4", "output_tokens": None}, Usage()),
    "none": (None, None),
}


@pytest.mark.parametrize("story", USAGES)
def test_usage(story: str) -> None:
    told, usage = USAGES[story]
    events = CodexEvents()
    events.take(json.dumps({"type": "turn.completed", "usage": told}).encode())
    assert events.usage == usage


def _item(kind: str, stage: str = "started", **fields: object) -> dict[str, object]:
    return {"type": f"item.{stage}", "item": {"type": kind, "id": "i", **fields}}


DOING: dict[str, tuple[Mapping[str, object], str]] = {
    "nothing yet": ({"type": "new"}, "starting"),
    "thread": (STARTED, "starting"),
    "turn": (TURN, "thinking"),
    "command": (_item("command_execution", command="/bin/bash -lc 'rg -n TODO src'"), "running rg -n TODO src"),
    "long command": (_item("command_execution", command="x" * 500), "running " + "x" * 59 + "\N{HORIZONTAL ELLIPSIS}"),
    "command with control characters": (_item("command_execution", command="a\x1b[31m\nb"), "running a [31m b"),
    "command done": (ran("ls"), "thinking"),
    "message": (said("hello"), "writing"),
    "reasoning": (_item("reasoning", text="hm"), "thinking"),
    "change": (_item("file_change", changes=[{"path": "a.py", "kind": "add"}]), "changing a.py"),
    "tool": (_item("mcp_tool_call", server="board", tool="post"), "asking board: post"),
    "search": (_item("web_search", query="why"), "searching the web: why"),
    "plan": (
        _item("todo_list", items=[{"text": "read", "completed": True}, {"text": "judge", "completed": False}]),
        "judge",
    ),
    "retry": ({"type": "error", "message": "Reconnecting... 1/5"}, "in trouble: Reconnecting... 1/5"),
    "end": (COMPLETED, "done"),
    "failure": ({"type": "turn.failed", "error": {"message": "x"}}, "failed"),
}


@pytest.mark.parametrize("story", DOING)
def test_what_it_is_doing(story: str) -> None:
    event, words = DOING[story]
    events = CodexEvents()
    events.take(json.dumps(event).encode())
    assert events.doing == words
