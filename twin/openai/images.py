"""The Images API: generations and edits, whole or as a stream."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal
from time import time

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from twin.bill import Charge
from twin.connections import Half, close, gone
from twin.faults import (
    Broken,
    Dropped,
    Failed,
    Fault,
    Faults,
    Refused,
    Spoil,
    delay_of,
    spoil_of,
)
from twin.openai import refusals
from twin.openai.desk import Desk, is_late
from twin.openai.models import IMAGES
from twin.openai.orders import Ask, Sent, asked, sent_form, sent_json
from twin.outputs import Made, Outputs
from twin.painting import MEDIA_TYPES
from twin.requests import Call, fingerprint
from twin.stops import Stop
from twin.values import Json, JsonObject, as_text

_MODELS = {model.name: model for model in IMAGES}


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted request: `id` is the request's, `seconds` how long it takes."""

    id: str
    ask: Ask
    faults: Faults
    seed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Images:
    """The two endpoints."""

    desk: Desk
    outputs: Outputs

    async def generate(self, request: Request) -> Response:
        return await self._answer(request, "generate", await sent_json(request))

    async def edit(self, request: Request) -> Response:
        return await self._answer(request, "edit", await sent_form(request))

    async def _answer(self, request: Request, endpoint: str, sent: Sent) -> Response:
        name = as_text(sent.given.get("model"))
        call = Call("openai", endpoint, name, as_text(sent.given.get("prompt")))
        faults = self.desk.admit(request, call, sent.named, self.desk.images)
        ask = asked(self.desk.find(_MODELS, name), sent, edits=endpoint == "edit")
        job = await self._accept(request, ask, sent, faults)
        if ask.streams:
            return StreamingResponse(self._events(request, job), media_type="text/event-stream")
        if late := next((fault for fault in faults if is_late(fault)), None):
            await asyncio.sleep(job.seconds / 2)
            raise Stop(refusals.answer_to(late) or Response())
        body = json.dumps(await self._body(request, job)).encode()
        if spoil_of(faults) is Spoil.CUT:
            return Half(body, "application/json")
        return Response(body, media_type="application/json")

    async def _accept(self, request: Request, ask: Ask, sent: Sent, faults: Faults) -> Job:
        """Charge, or refuse; a client that goes away from here on pays all the same."""
        twin, job_id = self.desk.twin, as_text(request.state.id)
        print_ = fingerprint(sent.named)
        fate = next((f for f in faults if isinstance(f, Refused | Failed)), None)
        if fate is None or fate.charged:
            await twin.bill.add(Charge("openai", job_id, ask.model.name, print_, _usd(ask)))
        if isinstance(fate, Refused):
            raise Stop(refusals.moderated(fate, job_id))
        if fate:
            raise Stop(refusals.failed(fate))
        seed = twin.seed(print_)
        latency = twin.config.latency
        seconds = latency.draw(latency.image, seed) + delay_of(faults)
        return Job(job_id, ask, faults, seed, seconds)

    async def _body(self, request: Request, job: Job) -> JsonObject:
        _, pictures = await asyncio.gather(asyncio.sleep(job.seconds), self._painted(job))
        data: list[Json] = [self._item(request, job, content) for content in pictures]
        body: JsonObject = {"created": int(time()), "data": data}
        if job.ask.model.rates:
            body |= _about(job.ask) | {"usage": job.ask.usage.shown()}
        return body

    def _item(self, request: Request, job: Job, content: bytes) -> JsonObject:
        ask = job.ask
        revised: JsonObject = {}
        if ask.model.name == "dall-e-3":
            revised = {"revised_prompt": f"A fashion photograph: {as_text(ask.given['prompt'])}"}
        if ask.given.get("response_format") != "url":
            return {"b64_json": base64.b64encode(content).decode(), **revised}
        made = Made(content, MEDIA_TYPES[ask.format], spoil_of(job.faults))
        _, address = self.outputs.keep(made, str(request.base_url).rstrip("/"), "img")
        return {"url": address, **revised}

    async def _painted(self, job: Job) -> list[bytes]:
        spoil, studio = spoil_of(job.faults), self.desk.twin.studio
        if spoil is Spoil.EMPTY:
            return []
        numbers = range(job.ask.count)
        return [await studio.paint(job.ask.order(job.seed, nth), spoil) for nth in numbers]

    async def _events(self, request: Request, job: Job) -> AsyncGenerator[bytes]:
        """Yield the partial pictures and the whole one, evenly over the time it takes."""
        late = next((fault for fault in job.faults if is_late(fault)), None)
        studio, ask = self.desk.twin.studio, job.ask
        partials = await studio.develop(ask.order(job.seed, 0), ask.partials)
        family = "image_edit" if ask.edits else "image_generation"
        for index, content in enumerate(partials):
            await asyncio.sleep(job.seconds / (ask.partials + 1))
            more: JsonObject = {"partial_image_index": index}
            yield _event(f"{family}.partial_image", ask, content, more)
            if late:
                break
        if late:
            async for last in _broken_off(request, late):
                yield last
            return
        await asyncio.sleep(job.seconds / (ask.partials + 1))
        for content in await self._painted(job):
            if spoil_of(job.faults) is Spoil.CUT:
                yield _event(f"{family}.completed", ask, content, {})[: len(content) // 2]
                close(request.scope)
                await gone(request.receive)
                return
            yield _event(f"{family}.completed", ask, content, {"usage": ask.usage.shown()})


async def _broken_off(request: Request, late: Fault) -> AsyncGenerator[bytes]:
    """Yield how a stream ends that goes wrong."""
    match late:
        case Broken():
            message = "The server had an error while processing your request."
            body = refusals.error_body(message, "server_error", "server_error")
            yield f"event: error\ndata: {json.dumps(body)}\n\n".encode()
        case _:
            if isinstance(late, Dropped):
                close(request.scope)
            await gone(request.receive)


def _usd(ask: Ask) -> Decimal:
    if ask.model.rates:
        return ask.usage.usd(ask.model.rates)
    size = "{}x{}".format(*ask.size)
    quality = as_text(ask.given.get("quality"))
    return ask.count * ask.model.usd[f"{quality} {size}".strip()]


def _about(ask: Ask) -> JsonObject:
    return {
        "background": "transparent" if ask.transparent else "opaque",
        "output_format": ask.format,
        "quality": ask.quality,
        "size": "{}x{}".format(*ask.size),
    }


def _event(name: str, ask: Ask, content: bytes, more: JsonObject) -> bytes:
    picture = base64.b64encode(content).decode()
    body: JsonObject = {"type": name, "b64_json": picture, "created_at": int(time())}
    return f"event: {name}\ndata: {json.dumps({**body, **_about(ask), **more})}\n\n".encode()
