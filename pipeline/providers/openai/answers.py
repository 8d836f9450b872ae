"""Answers of the Images API, whole or as a stream of events, read into one value."""

from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import openai
from openai.types import ImagesResponse

from pipeline.errors import BadOutput
from pipeline.providers.openai.faults import lost

NO_IMAGE: Final = "OpenAI answered without an image"
_PARTIAL: Final = ".partial_image"
_COMPLETED: Final = ".completed"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What went in and came out."""

    text_in: int
    image_in: int
    out: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An image in base64, "" where there is none; tokens are None where it is not billed so."""

    encoded: str
    tokens: Tokens | None
    revised_prompt: str | None = None


def whole(answer: object) -> Answer:
    """Read an answer that came at once; raise `BadOutput` where it is none."""
    if not isinstance(answer, ImagesResponse):
        raise BadOutput(NO_IMAGE, charged=True)
    if not answer.data:
        return Answer("", _tokens(answer.usage))
    first = answer.data[0]
    return Answer(first.b64_json or "", _tokens(answer.usage), first.revised_prompt)


async def streamed(events: AsyncIterable[object], show: Callable[[str], Awaitable[None]]) -> Answer:
    """Read a stream to its end, showing what is on its way in base64.

    Raises `OutcomeUnknown` where it breaks off: the image may have been made, and is billed then.
    """
    answer: Answer | None = None
    try:
        async for event in events:
            kind = str(getattr(event, "type", ""))
            encoded = str(getattr(event, "b64_json", None) or "")
            if kind.endswith(_PARTIAL):
                await show(encoded)
            elif kind.endswith(_COMPLETED):
                answer = Answer(encoded, _tokens(getattr(event, "usage", None)))
    except openai.APIError:
        raise
    except (httpx2.HTTPError, ValueError) as error:
        raise lost() from error
    if answer is None:
        raise BadOutput(NO_IMAGE, charged=True)
    return answer


def _tokens(usage: Any) -> Tokens | None:
    if usage is None:
        return None
    sent = usage.input_tokens_details
    return Tokens(sent.text_tokens, sent.image_tokens, usage.output_tokens)
