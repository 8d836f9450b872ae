"""What every endpoint of OpenAI does first: key, limit, faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hmac import compare_digest
from secrets import token_hex
from typing import TypeVar

from starlette.requests import Request

from twin.buckets import Bucket
from twin.config import OPENAI_KEY
from twin.faults import Broken, Dropped, Faults, Hanging
from twin.openai import refusals
from twin.openai.models import ImageModel, LanguageModel, gone
from twin.requests import Call
from twin.state import Twin
from twin.stops import Stop
from twin.values import Json

M = TypeVar("M", ImageModel, LanguageModel)


@dataclass(frozen=True, slots=True)
class Desk:
    """Admits requests, each kind through a bucket of its own."""

    twin: Twin
    images: Bucket
    responses: Bucket

    def admit(self, request: Request, call: Call, given: Json, bucket: Bucket | None) -> Faults:
        """Return the faults that are left for later; raises `Stop` for those that come first."""
        self.twin.journal.note(request, call, given)
        # Faults are for those who have the key: a wrong one must not use up a script.
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not compare_digest(key.encode(), OPENAI_KEY.encode()):
            raise Stop(refusals.unauthenticated(key))
        if bucket and (wait := bucket.take()) is not None:
            raise Stop(refusals.throttled(bucket.limit, wait))
        faults = self.twin.script.take(call)
        for fault in faults:
            answer = refusals.answer_to(fault)
            if answer and not is_late(fault):
                raise Stop(answer)
        return faults

    def find(self, models: Mapping[str, M], name: str) -> M:
        """Return a model that is served; raises `Stop`."""
        model = models.get(name)
        if model is None or not self.serves(model):
            raise Stop(refusals.no_model(name))
        return model

    def serves(self, model: ImageModel | LanguageModel) -> bool:
        """Say whether a model is there."""
        return self.twin.config.serve_retired or not gone(model, today())


def is_late(fault: object) -> bool:
    """Say whether a fault comes after the work was accepted."""
    return isinstance(fault, Broken | Dropped | Hanging) and fault.accepted


def today() -> date:
    return datetime.now(UTC).date()


def new_id(prefix: str) -> str:
    """Return an id such as "req_" and 32 digits."""
    return f"{prefix}_{token_hex(16)}"
