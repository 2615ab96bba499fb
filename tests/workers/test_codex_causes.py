"""What codex's own sentences are cases of, and when they say to ask again."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.outcome import Outcome
from orchestra.workers.engines.codex_causes import cause_of, retry_after

FAILED, LIMITED, UNAUTHORISED = Outcome.FAILED, Outcome.RATE_LIMITED, Outcome.UNAUTHORISED
NOW = datetime(2026, 11, 20, 16, 0, 30)

# sentence, outcome, can it pass
SENTENCES = {
    "exceeded retry limit, last status: 429 Too Many Requests": (LIMITED, True),
    "exceeded retry limit, last status: 401 Unauthorized": (UNAUTHORISED, False),
    "exceeded retry limit, last status: 502 Bad Gateway": (FAILED, True),
    "unexpected status 403 Forbidden: no, url: http://x": (UNAUTHORISED, False),
    "unexpected status 404 Not Found: The model `m` does not exist": (FAILED, False),
    "unexpected status 400 Bad Request: rate limit of words": (FAILED, False),
    "Rate limit reached for m. Please try again in 1.5s.": (LIMITED, True),
    "Quota exceeded. Check your plan and billing details.": (LIMITED, False),
    "You\N{RIGHT SINGLE QUOTATION MARK}ve hit your usage limit. Visit https://x or try again later.": (LIMITED, False),
    "You've hit your usage limit. Upgrade to Pro or try again at 5:14 PM.": (LIMITED, True),
    "Missing environment variable: `X_KEY`.": (UNAUTHORISED, False),
    "Not logged in": (UNAUTHORISED, False),
    "Your access token could not be refreshed because your refresh token was revoked.": (UNAUTHORISED, False),
    "We're currently experiencing high demand, which may cause temporary errors.": (FAILED, True),
    "Selected model is at capacity. Please try a different model.": (FAILED, True),
    "stream disconnected before completion: idle timeout waiting for SSE": (FAILED, True),
    "Connection failed: error sending request": (FAILED, True),
    "thread/resume failed: thread 1 already has an active writer (code -32600)": (FAILED, True),
    "database is locked": (FAILED, True),
    "Model provider `nosuch` not found": (FAILED, False),
    "Codex ran out of room in the model's context window.": (FAILED, False),
    "": (FAILED, False),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_it_is_a_case_of(sentence: str) -> None:
    cause = cause_of(sentence, NOW)
    assert (cause.outcome, cause.can_pass) == SENTENCES[sentence]
    assert cause.said == sentence


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": {"message": "bad", "type": "t", "code": "c"}}', "bad (c)"),
        ('{"error": {"message": "bad", "type": "t", "code": null}}', "bad (t)"),
        ('{"error": {"message": "bad"}}', "bad"),
        ('{"error": {}}', '{"error": {}}'),
        ('{"error": "bad"}', '{"error": "bad"}'),
        ("[1]", "[1]"),
        ("5", "5"),
    ],
)
def test_the_sentence_comes_out_of_its_body(body: str, said: str) -> None:
    assert cause_of(body).said == said


WAITS: dict[str, float | None] = {
    "Please try again in 3s.": 3,
    "Please try again in 1.5s": 1.5,
    "try again in 250ms": 0.25,
    "Try again in 2m30s.": 150,
    "try again in 6m0s": 360,
    "try again in 1 hour and 5 minutes": 3900,
    "try again in 2 days 3 hours 1 minute.": 2 * 86400 + 3 * 3600 + 60,
    "try again in 20 seconds": 20,
    "Retry-After: 17": 17,
    "retry after 17": 17,
    # codex cuts the seconds off, so a minute is added: 17:14:00 is 4410 s away
    "try again at 5:14 PM.": 4470,
    "try again at 17:14": 4470,
    "try again at Nov 20th, 2026 5:14 PM.": 4470,
    "try again at Nov 21st, 2026 5:14 PM.": 4470 + 86400,
    "try again at December 1st, 2026 12:00 AM.": 10 * 86400 + 28770 + 60,
    "try again at 3:59 PM.": 86400 - 90 + 60,
    "try again at 4:00 PM.": 30,
    "try again at Nov 19th, 2026 5:14 PM.": 0,
    "try again at Nub 21st, 2026 5:14 PM.": None,
    "try again at Nov 41st, 2026 5:14 PM.": None,
    "try again at 25:00": None,
    "try again later": None,
    "in 3s": None,
}


@pytest.mark.parametrize("sentence", WAITS)
def test_when_to_ask_again(sentence: str) -> None:
    assert retry_after(sentence, NOW) == WAITS[sentence]


@given(st.text() | st.from_regex(r"try again (in|at) [0-9A-Za-z :.,]{0,30}"))
def test_no_sentence_is_too_strange(sentence: str) -> None:
    wait = cause_of(sentence).retry_after
    assert wait is None or wait >= 0
