"""A language model at OpenAI that answers in a given shape."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar, cast

import openai
from pydantic import BaseModel, ValidationError

from pipeline.breakers import CLOSED, Breaker, counted, left_alone
from pipeline.catalogue.openai import PROVIDER
from pipeline.catalogue.openai_words import LanguageModel, turn_of
from pipeline.errors import BadOutput, ContentRejected, StageFailed
from pipeline.paying import Bought, Till
from pipeline.providers.openai.faults import fault_of, lost
from pipeline.turns import OPEN, Gate, Patience, in_turn

Shape = TypeVar("Shape", bound=BaseModel)
Part = dict[str, str]


class _Usage(BaseModel):
    input_tokens: int
    output_tokens: int


class _Told(BaseModel):
    """The part of an answer that tells what it cost."""

    usage: _Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """What `model` is told is not kept for later requests; it is asked in its turn at `gate`.

    Who asks has another model to fall back on, so that an open `breaker` is not waited for.

    `client` must not retry by itself. After `seconds` the outcome counts as unknown.
    """

    client: openai.AsyncOpenAI
    model: LanguageModel
    seconds: float = 45.0
    gate: Gate = OPEN
    breaker: Breaker = CLOSED
    patience: Patience = field(default_factory=partial(Patience, most=20.0))

    async def ask(
        self, till: Till, shape: type[Shape], instructions: str, parts: Sequence[Part]
    ) -> Shape:
        """Return the answer; raise `StageFailed` where there is none of that shape."""
        ask = partial(self._counted, shape, instructions, parts)
        return await self.patience(partial(self._bought, till, ask))

    async def _bought(self, till: Till, ask: Callable[[], Awaitable[Bought[Shape]]]) -> Shape:
        turn = turn_of(self.model)
        if await self.breaker.rests(turn) is not None:
            raise left_alone(self.model.name)
        async with in_turn(self.gate, turn):
            return await till.buy(self.model.name, PROVIDER, self.model.expected, ask)

    async def _counted(
        self, shape: type[Shape], instructions: str, parts: Sequence[Part]
    ) -> Bought[Shape]:
        """Count against the model what it did, and nothing that our own ledger refuses."""
        async with counted(self.breaker, turn_of(self.model)):
            return await self._asked(shape, instructions, parts)

    async def _asked(
        self, shape: type[Shape], instructions: str, parts: Sequence[Part]
    ) -> Bought[Shape]:
        content = [{"role": "user", "content": list(parts)}]
        try:
            async with asyncio.timeout(self.seconds):
                raw = await self.client.responses.with_raw_response.parse(
                    model=self.model.name,
                    instructions=instructions,
                    input=cast("Any", content),
                    text_format=shape,
                    reasoning={"effort": "low"},
                    store=False,
                )
        except openai.APIError as error:
            raise fault_of(error) from error
        except TimeoutError as error:
            raise lost() from error
        cost, name = self._cost(raw.text), raw.request_id
        try:
            return Bought(value=_parsed(raw, shape), cost=cost, external_id=name)
        except StageFailed as failed:
            failed.cost, failed.external_id = cost, name
            raise

    def _cost(self, answer: str) -> Decimal:
        """Return what it cost, also where it can't be read otherwise."""
        try:
            usage = _Told.model_validate_json(answer).usage
        except ValidationError:
            return self.model.expected
        return self.model.usd(usage.input_tokens, usage.output_tokens)


def words(text: str) -> Part:
    return {"type": "input_text", "text": text}


def picture(address: str) -> Part:
    """Return an image as a part; the address may be a data URI."""
    return {"type": "input_image", "image_url": address, "detail": "auto"}


def _parsed(raw: Any, shape: type[Shape]) -> Shape:
    try:
        answer = raw.parse()
    except (openai.APIError, ValidationError) as error:
        raise BadOutput("OpenAI's answer has another shape", charged=True) from error
    if not isinstance(answer.output_parsed, shape):
        raise _empty(answer)
    return answer.output_parsed


def _empty(answer: Any) -> ContentRejected | BadOutput:
    said = [part for item in answer.output for part in getattr(item, "content", ())]
    if any(getattr(part, "type", "") == "refusal" for part in said):
        return ContentRejected("OpenAI's model declined to answer", charged=True)
    return BadOutput("OpenAI answered nothing", charged=True)
