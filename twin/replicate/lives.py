"""How predictions live: queued, processed, and at an end in one of four ways."""

import asyncio
import base64
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from twin.bill import Charge
from twin.chance import number
from twin.faults import (
    Delivery,
    Early,
    Failed,
    Hooked,
    Refused,
    Shape,
    Shaped,
    Spoil,
    delay_of,
    spoil_of,
)
from twin.outputs import Made
from twin.painting import MEDIA_TYPES, Order
from twin.replicate.files import Files
from twin.replicate.models import prompt_of
from twin.replicate.predictions import Prediction, Status, shown
from twin.replicate.webhooks import Sender
from twin.state import Twin
from twin.values import Json, as_text, as_whole

T = TypeVar("T")

_FORMATS = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp"}


class Stopped(Exception):
    """The prediction was stopped, by its deadline or by its client."""

    def __init__(self, *, by_deadline: bool) -> None:
        super().__init__()
        self.by_deadline = by_deadline


@dataclass(frozen=True, slots=True)
class Lives:
    """Every prediction since the start, oldest first."""

    twin: Twin
    files: Files
    sender: Sender
    predictions: dict[str, Prediction] = field(default_factory=dict[str, Prediction])

    def begin(self, prediction: Prediction, base: str) -> None:
        """Take a prediction on; its client reaches the twin at `base`."""
        self.predictions[prediction.id] = prediction
        self.twin.spawn(self._live(prediction, base))

    async def _live(self, one: Prediction, base: str) -> None:
        config = self.twin.config
        seed = self.twin.seed(one.request)
        seconds = config.latency.draw(config.latency.image, seed)
        queued = seconds * config.latency.queue
        try:
            await _raced(one, asyncio.sleep(queued))
        except Stopped as stop:
            one.finish(Status.ABORTED if stop.by_deadline else Status.CANCELED)
        else:
            await self._start(one, base)
            try:
                await _raced(one, self._work(one, base, seed, seconds - queued))
            except Stopped:
                one.finish(Status.CANCELED)
        self._tell(one, base, "completed")
        asyncio.get_running_loop().call_later(config.retention.total_seconds(), self._remove, one)

    async def _start(self, one: Prediction, base: str) -> None:
        """Charge and begin: who stops from here on pays all the same."""
        fates = [fault for fault in one.faults if isinstance(fault, Refused | Failed)]
        # Whether official models charge for failures is not published: the script decides.
        if all(fate.charged for fate in fates):
            usd = one.model.pricing(one.work)
            await self.twin.bill.add(Charge("replicate", one.id, one.model.slug, one.request, usd))
        one.started = datetime.now(UTC)
        one.status = Status.PROCESSING
        self._tell(one, base, "start")

    async def _work(self, one: Prediction, base: str, seed: int, seconds: float) -> None:
        fate = next((f for f in one.faults if isinstance(f, Refused | Failed)), None)
        pause = asyncio.sleep(seconds + delay_of(one.faults))
        if fate:
            await pause
            one.finish(Status.FAILED, _reason(fate))
            return
        try:
            _, made = await asyncio.gather(pause, self._paint(one, seed))
        except OSError as error:
            one.finish(Status.FAILED, f"Prediction failed: {error}")
            return
        one.output = self._output(one, base, made)
        if early := next((f for f in one.faults if isinstance(f, Early)), None):
            one.answerable.set()
            self._tell(one, base, "output")
            await asyncio.sleep(early.seconds)
        one.finish(Status.SUCCEEDED)

    async def _paint(self, one: Prediction, seed: int) -> list[Made]:
        spoil = spoil_of(one.faults)
        if spoil is Spoil.EMPTY:
            return []
        given = one.work.input
        ending = _FORMATS.get(as_text(given.get("output_format")), "webp")
        media_type = "text/html" if spoil is Spoil.HTML else MEDIA_TYPES[ending]
        made: list[Made] = []
        for nth in range(one.work.count):
            order = Order(
                prompt=prompt_of(given),
                size=one.work.size,
                format=ending,
                seed=number(as_whole(given.get("seed"), seed), nth),
                photos=one.work.photos,
                quality=as_whole(given.get("output_quality"), 90),
            )
            content = await self.twin.studio.paint(order, spoil)
            made.append(Made(content, media_type, spoil))
        return made

    def _output(self, one: Prediction, base: str, made: list[Made]) -> Json:
        own = Shape.LIST if one.model.listed else Shape.TEXT
        shape = next((f.shape for f in one.faults if isinstance(f, Shaped)), own)
        written: list[Json] = []
        for nth, file in enumerate(made):
            if shape is Shape.DATA:
                body = base64.b64encode(file.content).decode()
                written.append(f"data:{file.media_type};base64,{body}")
                continue
            key, address = self.files.outputs.keep(file, base, f"out-{nth}")
            one.files.append(key)
            written.append(address)
        if shape is Shape.LIST:
            return written
        return written[0] if written else None

    def _tell(self, one: Prediction, base: str, event: str) -> None:
        """Send an event after those before it; a swapped start is held until the end."""
        if one.hook is None or event not in one.hook.events:
            return
        body = shown(one, base)
        swapped = any(isinstance(f, Hooked) and f.how is Delivery.SWAPPED for f in one.faults)
        if swapped and event == "start":
            one.held.append(body)
            return
        for message in (body, *one.held):
            self.twin.spawn(self._send(one, message))
        one.held.clear()

    async def _send(self, one: Prediction, body: dict[str, Json]) -> None:
        if one.hook is not None:
            async with one.telling:
                await self.sender.send(one.hook, body, one.faults)

    def _remove(self, one: Prediction) -> None:
        self.files.outputs.drop(one.files)
        one.remove()


async def _raced(one: Prediction, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; raise `Stopped` where the prediction is stopped before."""
    deadline = one.deadline
    # Without a stop this waits for the work; the deadline counts from the creation.
    left = (deadline - datetime.now(UTC)).total_seconds() if deadline else None
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(one.cancelled.wait())
    try:
        await asyncio.wait((working, stopping), timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Stopped(by_deadline=not one.cancelled.is_set())
    finally:
        working.cancel()
        stopping.cancel()


def _reason(fate: Refused | Failed) -> str:
    if isinstance(fate, Failed):
        return fate.error
    return (
        "The input or output was flagged as sensitive. Please try again with different inputs. "
        f"(E005) [{fate.reason}]"
    )
