"""How the understudy reads: through the real codex, files as they come."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestra.rehearsal import Brain, StandIn, Understudy
from orchestra.rehearsal.assignment import Assigned, files_of
from orchestra.rehearsal.reading import BUDGET, TRIES, Reading, Text
from orchestra.rehearsal.request import ToolOutput

from .driving import Codex

SCHEMA = {
    "title": "ReviewMessage",
    "type": "object",
    "properties": {"summary": {"type": "string"}, "findings": {"type": "array", "items": {"type": "object"}}},
    "required": ["summary", "findings"],
    "additionalProperties": False,
}

WHOLE = {
    "short.txt": b"one\ntwo\n",
    "no newline at the end.txt": b"one\ntwo",
    "empty lines.txt": b"\n\none\n\n\n",
    "crlf.txt": b"one\r\ntwo\r\n",
    "umlauts/gr\u00fc\u00dfe \u2713.txt": "\u00e4\u00f6\u00fc \U0001f600\n".encode() * 700,
    "it's a $(name).txt": b"quoted\n",
    "-n.txt": b"no option\n",
    "long.txt": b"".join(b"line %d " % number + b"x" * 50 + b"\n" for number in range(1500)),
    "uneven.txt": b"short\n" * 900 + (b"y" * 4000 + b"\n") * 6 + b"short\n" * 900,
    "looks like codex.txt": b"Output:\nProcess exited with code 1\nOutput:\n",
    "null.txt": b"before\0after\n",
}


def read(codex: Codex, stage: Callable[[Brain], StandIn], root: Path, files: list[str]) -> dict[str, Text]:
    """What the understudy saw of the files when it had finished."""
    model = stage(Understudy())
    prompt = "FILES:\n" + "".join(f"- {name} (7 lines)\n" for name in files) + "\nLENS: clarity\n"
    heard = codex(model, prompt, cwd=root, schema=SCHEMA)
    assert (heard.status, len(heard.messages)) == (0, 1)
    last = model.requests[-1]
    reading = Reading(files_of(last.prompt), last.outputs)
    assert reading.next_commands() == ()
    return {text.path: text for text in reading.texts()}


def test_every_text_comes_back_to_the_byte(codex: Codex, stage: Callable[[Brain], StandIn], tmp_path: Path) -> None:
    for name, content in WHOLE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    texts = read(codex, stage, tmp_path, list(WHOLE))
    for name, content in WHOLE.items():
        expected = content.decode().removesuffix("\n").split("\n")
        assert (name, texts[name].missing) == (name, "")
        assert texts[name].lines == dict(enumerate(expected, 1))


def test_what_the_shell_says_at_its_start_is_no_part_of_a_file(
    codex: Codex, stage: Callable[[Brain], StandIn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".bashrc", ".bash_profile", ".profile"):
        (tmp_path / name).write_text("echo the start-up file speaks\n")
    (tmp_path / "a.txt").write_text("one\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.delenv("SHLVL", raising=False)
    text = read(codex, stage, tmp_path, ["a.txt"])["a.txt"]
    assert (text.lines, text.missing) == ({1: "one"}, "")


def test_what_cannot_be_seen_is_named(codex: Codex, stage: Callable[[Brain], StandIn], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "one line.txt").write_bytes(b"begin\n" + b"z" * 30_000 + b"\nend\n")
    (tmp_path / "latin.txt").write_bytes("gr\u00fc\u00dfe\nplain\n".encode("latin-1"))
    (tmp_path / "noise.bin").write_bytes(random.Random(7).randbytes(9_000))
    names = ["gone.txt", "folder", "empty.txt", "one line.txt", "latin.txt", "noise.bin"]
    texts = read(codex, stage, tmp_path, names)

    assert "No such file" in texts["gone.txt"].missing
    assert "directory" in texts["folder"].missing
    assert (texts["empty.txt"].missing, texts["empty.txt"].lines) == ("", {})
    assert texts["one line.txt"].lines == {1: "begin", 3: "end"}
    assert "longer are its lines 2" in texts["one line.txt"].missing
    assert texts["latin.txt"].lines[2] == "plain"
    assert "not all UTF-8" in texts["latin.txt"].missing
    assert not texts["noise.bin"].whole


def test_of_a_section_only_its_lines_are_read(codex: Codex, stage: Callable[[Brain], StandIn], tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text("".join(f"line {number}\n" for number in range(1, 201)))
    model = stage(Understudy())
    prompt = "FILES:\n- guide.md (lines 40-42 of 200)\n\nLENS: clarity\n"
    heard = codex(model, prompt, cwd=tmp_path, schema=SCHEMA)
    (text,) = Reading([Assigned("guide.md", 40, 42)], model.requests[-1].outputs).texts()
    assert text.lines == {40: "line 40", 41: "line 41", 42: "line 42"}
    assert "Not seen: guide.md (only lines 40 to 42 were asked for)" in heard.messages[0]


def test_more_than_it_can_read_is_left_and_said(
    codex: Codex, stage: Callable[[Brain], StandIn], tmp_path: Path
) -> None:
    (tmp_path / "first.txt").write_text("first\n")
    (tmp_path / "huge.txt").write_bytes(b"x" * 79 + b"\n" + (b"y" * 79 + b"\n") * (BUDGET // 80))
    (tmp_path / "last.txt").write_text("last\n")
    texts = read(codex, stage, tmp_path, ["first.txt", "huge.txt", "last.txt"])
    assert (texts["first.txt"].lines, texts["last.txt"].lines) == ({1: "first"}, {1: "last"})
    assert f"beyond the {BUDGET:,}" in texts["huge.txt"].missing


def said(command: str, text: str, exit_code: int = 0) -> ToolOutput:
    """What codex hands the model of a command."""
    raw = f"Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code {exit_code}\nOutput:\n{text}"
    return ToolOutput("1", "exec_command", {"cmd": command}, raw)


def test_what_codex_handed_out_in_part_is_asked_for_again() -> None:
    files = [Assigned("a.txt"), Assigned("gone.txt")]
    sizes = said("wc -l -c -- a.txt gone.txt 2>&1", "  3  13 a.txt\n")
    (again,) = Reading(files, [sizes]).next_commands()[:1]
    assert again == "wc -l -c -- gone.txt 2>&1", "of one file neither a size nor a complaint came"
    sizes_again = said(again, "wc: gone.txt: No such file or directory\n", 1)
    (page,) = Reading(files, [sizes, sizes_again]).next_commands()
    torn = said(page, "one\ntw")
    assert Reading(files, [sizes, sizes_again, torn]).next_commands() == (page,)
    whole = said(page, "one\ntwo\nfour\n")
    text, gone = Reading(files, [sizes, sizes_again, torn, whole]).texts()
    assert (text.whole, text.lines) == (True, {1: "one", 2: "two", 3: "four"})
    assert gone.missing == "No such file or directory"

    # Not for ever.
    assert Reading(files, [said("wc -l -c -- a.txt gone.txt 2>&1", "")] * TRIES).next_commands() == ()
    tired = Reading(files, [sizes, sizes_again, *[torn] * TRIES])
    assert tired.next_commands() == ()
    assert "did not hand out lines 1 to 4" in tired.texts()[0].missing
