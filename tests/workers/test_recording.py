"""What a child wrote: the whole of it on disk, its end in memory."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.workers.recording import BATCH, TAIL, Recording


@given(st.lists(st.integers(1, 40_000), max_size=12))
def test_the_tail_is_the_end_of_it_all(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    recording = Recording(path)
    chunks = [bytes([65 + number % 26]) * size for number, size in enumerate(sizes)]
    for chunk in chunks:
        recording.keep(chunk)
    whole = b"".join(chunks)
    assert recording.tail() == whole[-TAIL:]
    recording.close()
    assert recording.kept == len(whole)
    assert (path.read_bytes() if whole else b"") == whole


def test_silence_makes_no_file(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "events.jsonl")
    recording.close()
    assert list(tmp_path.iterdir()) == []


def test_a_flood_waits_for_a_batch_or_the_flush(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "events.jsonl")
    for _ in range(5):
        recording.keep(b"x" * 4000)
    assert recording.waiting == 20_000
    assert list(tmp_path.iterdir()) == []
    recording.flush()
    assert recording.waiting == 0
    assert recording.kept == (tmp_path / "events.jsonl").stat().st_size == 20_000
    for _ in range(40):
        recording.keep(b"x" * 4000)
    assert recording.waiting < BATCH
    recording.close()
    assert recording.kept == (tmp_path / "events.jsonl").stat().st_size == 180_000


def test_every_line_is_on_disk_at_once(tmp_path: Path) -> None:
    """Nothing waits in memory for the orchestrator to be killed."""
    recording = Recording(tmp_path / "events.jsonl")
    recording.keep(b"one\n")
    assert (tmp_path / "events.jsonl").read_bytes() == b"one\n"
    assert (tmp_path / "events.jsonl").stat().st_mode & 0o777 == 0o600
    recording.close()


def test_a_full_disk_is_said_and_not_fatal() -> None:
    recording = Recording(Path("/dev/full"))
    recording.keep(b"one\n")
    recording.keep(b"two\n")
    assert recording.trouble == "the log /dev/full ends after 0 bytes: No space left on device"
    assert recording.tail() == b"one\ntwo\n"
    recording.close()


def test_a_link_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "events.jsonl").symlink_to(tmp_path / "precious")
    recording = Recording(tmp_path / "events.jsonl")
    recording.keep(b"one\n")
    assert recording.trouble is not None
    assert (tmp_path / "precious").read_text() == "kept"
