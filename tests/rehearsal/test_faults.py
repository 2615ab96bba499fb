"""Every fault a script can commit, and what the real codex makes of it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from orchestra.rehearsal import (
    CutStream,
    Fail,
    FailTurn,
    Garble,
    Move,
    Reset,
    Say,
    Script,
    Silence,
    StandIn,
    quota_exceeded,
    usage_limit,
)

from .driving import HASTE, Codex, Heard


@dataclass(frozen=True)
class Story:
    """What the model does, and how codex takes it."""

    moves: tuple[Move, ...]
    requests: int
    """How often it asks, with one retry allowed where it would allow itself several."""
    complaint: str = ""
    """What it says of the failed turn; none, if the turn completes."""
    says: tuple[str, ...] = ()
    last_message: str | None = None


STORIES = {
    "bad request": Story((Fail(400, "no such model"),), 1, "no such model"),
    "unauthorised": Story((Fail(401),), 2, "401 Unauthorized"),
    "forbidden": Story((Fail(403),), 2, "403 Forbidden"),
    "not found": Story((Fail(404),), 2, "404 Not Found"),
    "rate limited": Story((Fail(429),), 1, "429 Too Many Requests"),
    "rate limited with Retry-After": Story((Fail(429, retry_after=1),), 2, "429 Too Many Requests"),
    "rate limited, then not": Story(
        (Fail(429, retry_after=0), Say("at last")), 2, says=("at last",), last_message="at last"
    ),
    "quota": Story((quota_exceeded(),), 1, "Quota exceeded"),
    "usage limit": Story((usage_limit(3600),), 1, "try again at"),
    "server error": Story((Fail(500),), 4, "high demand"),
    "unavailable": Story((Fail(503),), 4, "503 Service Unavailable"),
    "server error, then an answer": Story((Fail(500), Say("back")), 2, says=("back",), last_message="back"),
    "reset": Story((Reset(),), 4, "error sending request"),
    "cut stream": Story((CutStream(),), 2, "closed before response.completed"),
    "cut after a message": Story((CutStream("half"),), 2, "closed before response.completed", says=("half", "half")),
    "malformed stream": Story((Garble(),), 2, "closed before response.completed"),
    "failed turn": Story((FailTurn(message="out of order"),), 2, "out of order"),
    "context full": Story((FailTurn("context_length_exceeded", "too long"),), 1, "ran out of room"),
    "silence after the headers": Story((Silence(headers=True),), 2, "idle timeout"),
    "slow words": Story((Say("drop by drop", over=0.5),), 1, says=("drop by drop",), last_message="drop by drop"),
    "empty message": Story((Say(""),), 1, says=("",), last_message=""),
    "no message": Story((Say(),), 1, last_message=""),
    "several messages": Story((Say("first", "second"),), 1, says=("first", "second"), last_message="second"),
    "huge message": Story((Say("x" * 1_500_000),), 1, says=("x" * 1_500_000,), last_message="x" * 1_500_000),
}


@pytest.fixture(scope="module")
def performances(codex: Codex) -> Iterator[dict[str, "Future[tuple[Heard, StandIn]]"]]:
    """All stories, four at a time: most of their time is codex waiting before it asks again."""

    def perform(story: Story) -> tuple[Heard, StandIn]:
        with StandIn(Script(*story.moves)) as model:
            return codex(model, "Tell me.", *HASTE), model

    with ThreadPoolExecutor(4) as stages:
        yield {name: stages.submit(perform, story) for name, story in STORIES.items()}


@pytest.mark.parametrize("name", STORIES)
def test_codex_takes_a_fault_as_it_takes_the_real_one(
    name: str, performances: dict[str, "Future[tuple[Heard, StandIn]]"]
) -> None:
    story, (heard, model) = STORIES[name], performances[name].result()

    assert len(model.requests) == story.requests
    assert len(model.asks) == 1
    assert story.complaint in heard.complaint
    assert heard.messages == list(story.says)
    if story.complaint:
        assert (heard.status, heard.kinds[-1]) == (1, "turn.failed")
        assert not heard.last_message
    else:
        assert (heard.status, heard.kinds[-1]) == (0, "turn.completed")
        assert heard.last_message == story.last_message


def test_codex_waits_for_ever_for_headers(codex: Codex) -> None:
    """No setting of its own ends it: a driver needs a clock."""
    with StandIn(Script(Silence())) as model:
        heard = codex(model, "Tell me.", *HASTE, seconds=4)
        assert (heard.status, heard.kinds[-1]) == (None, "turn.started")
        assert len(model.wait_for(1)) == 1


def test_codex_waits_for_ever_for_a_server_that_refuses(codex: Codex) -> None:
    with StandIn(Script(Say("never said"))) as model:
        model.refuse()
        heard = codex(model, "Tell me.", *HASTE, seconds=4)
        assert heard.status is None
        assert "turn.failed" not in heard.kinds
        assert model.requests == ()


def test_an_answer_that_breaks_the_schema_is_passed_on(codex: Codex) -> None:
    """codex checks nothing: who wants a type validates it."""
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    with StandIn(Script(Say({"m": "wrong"}))) as model:
        heard = codex(model, "A number.", schema=schema)
        assert (heard.status, heard.last_message) == (0, '{"m": "wrong"}')
        assert model.requests[0].schema == schema
