"""What the SDK's errors mean: whether OpenAI ran it, and what can be done about it."""

import re
from typing import Final, cast

import httpx2
import openai

from pipeline.errors import (
    REMEDY,
    BadOutput,
    ContentRejected,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
    Throttled,
)
from pipeline.said_waits import in_header, in_words

_NOT_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
_REFUSALS: Final = frozenset({"moderation_blocked", "content_policy_violation"})
_NO_MONEY: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "project_spend_limit_exceeded"}
)
_UNASKABLE: Final = "can't be asked what became of the call: whether it is billed shows there"
_UNKNOWN: Final = f"OpenAI broke off before it answered, and {_UNASKABLE}"


def fault_of(error: openai.APIError, *, charged: bool = False) -> StageFailed:
    """Return our error; `charged` says that refusing the content costs money.

    Only what was not sent, and what is refused with a status below 500, is known not to have run.
    """
    match error:
        case openai.APIStatusError():
            return _refusal(error, charged=charged)
        case openai.APIError(code=code) if code in _REFUSALS:
            # A stream tells it in its midst, without a status.
            return _moderated(error, charged=charged)
        case openai.APIResponseValidationError():
            return BadOutput("OpenAI answered what can't be read", charged=True)
        case openai.APIConnectionError() if isinstance(error.__cause__, _NOT_SENT):
            return ProviderUnavailable("OpenAI can't be reached", transient=True, everywhere=True)
        case _:
            return OutcomeUnknown(_UNKNOWN)


def lost() -> OutcomeUnknown:
    """Return the error for a call that OpenAI does not answer."""
    return OutcomeUnknown(_UNKNOWN)


def unaskable() -> OutcomeUnknown:
    """Return the error for a call whose end was ours not to hear."""
    return OutcomeUnknown(f"OpenAI {_UNASKABLE}")


def _refusal(error: openai.APIStatusError, *, charged: bool) -> StageFailed:
    status, reason = error.status_code, _reason(error)
    if error.code in _REFUSALS:
        return _moderated(error, charged=charged)
    if status == 401:
        # What OpenAI says of it repeats a part of the key.
        return ProviderUnavailable("OpenAI does not accept the key", everywhere=True)
    gone = status == 404 or error.code == "model_not_found"
    if gone or status == 403:
        lacks = "does not offer this model" if gone else "does not accept the key"
        return ProviderUnavailable(f"OpenAI {lacks}: {reason}")
    if status == 429:
        return _throttled(error, reason)
    if status < 500 and status != 408:
        return StageFailed(f"OpenAI refused the request: {reason}", code="REQUEST_REFUSED")
    return OutcomeUnknown(_UNKNOWN)


def _moderated(error: openai.APIError, *, charged: bool) -> ContentRejected:
    return ContentRejected(
        f"OpenAI refused the content ({_reason(error)}): {REMEDY}",
        charged=charged,
    )


def _throttled(error: openai.APIStatusError, reason: str) -> ProviderUnavailable:
    if error.code in _NO_MONEY:
        broke = f"The account at OpenAI has no credit: {reason}"
        return ProviderUnavailable(broke, everywhere=True)
    return Throttled("OpenAI", retry_after=_wait_of(error))


def _reason(error: openai.APIError) -> str:
    said = re.search(r"safety_violations=\[([^\]]+)\]", error.message)
    if said:
        return said[1]
    body = cast("dict[str, object]", error.body) if isinstance(error.body, dict) else {}
    message = body.get("message")
    return message if isinstance(message, str) else error.code or "no reason"


def _wait_of(error: openai.APIStatusError) -> float | None:
    """Return the seconds that a 429 asks to wait, in its headers or in its text."""
    headers = error.response.headers
    seconds = in_header(headers.get("retry-after-ms", ""), unit=0.001)
    if seconds is None:
        seconds = in_header(headers.get("retry-after", ""))
    return in_words(error.message) if seconds is None else seconds
