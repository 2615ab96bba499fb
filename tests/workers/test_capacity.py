"""Whether so many workers fit, said before the first is started."""

import json
import resource
import subprocess
import sys
import textwrap

import pytest

from orchestra.errors import NoRoom
from orchestra.workers.capacity import Room, ensure, free_room

GIB = 2**30
PLENTY = Room(ptys=4000, descriptors=20_000, memory=64 * GIB)


@pytest.mark.parametrize(
    ("room", "what", "next_step"),
    [
        (
            Room(ptys=12, descriptors=20_000, memory=64 * GIB),
            "64 workers at once need a PTY each, and 12 are free (kernel.pty.max): there is room for 12.",
            "Lower --at-once to 12.",
        ),
        (
            Room(ptys=4000, descriptors=92, memory=64 * GIB),
            "64 workers at once need 3 file descriptors each, and 92 are free (ulimit -Hn): there is room for 20.",
            "Lower --at-once to 20.",
        ),
        (
            Room(ptys=4000, descriptors=20_000, memory=3 * GIB),
            "64 workers at once need about 150 MiB of memory each, and 3.0 GiB are free: there is room for 20.",
            "Lower --at-once to 20.",
        ),
        (
            Room(ptys=30, descriptors=20_000, memory=3 * GIB),  # the scarcest is the one to name
            "64 workers at once need about 150 MiB of memory each, and 3.0 GiB are free: there is room for 20.",
            "Lower --at-once to 20.",
        ),
        (
            Room(ptys=0, descriptors=20_000, memory=None),
            "64 workers at once need a PTY each, and 0 are free (kernel.pty.max): there is room for 0.",
            "Raise that limit, close other programs, or use another machine.",
        ),
    ],
)
def test_what_does_not_fit_says_what_to_lower(room: Room, what: str, next_step: str) -> None:
    with pytest.raises(NoRoom) as refused:
        ensure(64, room=room)
    assert refused.value.what == what
    assert refused.value.next_step == next_step
    assert refused.value.exit_code == 3


def test_what_fits_is_let_through() -> None:
    ensure(64, room=PLENTY)
    ensure(64, memory_each=0, room=Room(ptys=64, descriptors=20_000, memory=0))
    assert PLENTY.workers() == 436
    assert Room(ptys=None, descriptors=3032, memory=None).workers() == 1000


def test_this_machine_has_room_for_one() -> None:
    room = free_room()
    assert room.workers() is not None
    ensure(1)


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    """In a process of its own: a limit that was raised does not come down again by itself."""
    code = """
        import json, resource
        from orchestra.workers.capacity import ensure, free_room
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        free = free_room().descriptors
        ensure(30, memory_each=0)
        print(json.dumps([hard, free, *resource.getrlimit(resource.RLIMIT_NOFILE)]))
    """
    answer = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    hard, free, soft_now, hard_now = json.loads(answer.stdout)
    assert soft_now == hard_now == hard
    if hard != resource.RLIM_INFINITY:
        assert 0 < hard - free < 64
