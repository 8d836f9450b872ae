"""Predictions as Replicate writes them, and what their end means for us."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from pipeline.catalogue.model import CatalogueModel, Ending
from pipeline.errors import (
    REMEDY,
    BadOutput,
    CallFailed,
    ContentRejected,
    NeverRan,
    ProviderUnavailable,
    StageFailed,
)

_OVER: Final = frozenset({"succeeded", "failed", "canceled", "aborted"})
# A refusal has no status of its own: each model says it in its own words.
_MODERATION: Final = re.compile(r"sensitive|safety|flagged|nsfw|moderat|E005", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the API tells of one; `removed`: its input and output are no longer kept."""

    id: str
    model: str
    status: str
    created: datetime
    input: Mapping[str, object]
    output: object
    error: str | None
    started: bool
    removed: bool
    seconds: float | None

    @classmethod
    def read(cls, raw: object) -> "Prediction":
        """Read JSON leniently: the SDK's own types know neither `aborted` nor `data_removed`.

        Raises ValueError where it has no time of creation.
        """
        given = _object(raw)
        seconds = _object(given.get("metrics")).get("predict_time")
        return cls(
            id=str(given.get("id")),
            model=str(given.get("model")),
            status=str(given.get("status")),
            created=datetime.fromisoformat(str(given.get("created_at"))),
            input=_object(given.get("input")),
            output=given.get("output"),
            error=str(given["error"]) if given.get("error") else None,
            started=given.get("started_at") is not None,
            removed=given.get("data_removed") is True,
            seconds=seconds if isinstance(seconds, int | float) else None,
        )

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self.status in _OVER

    @property
    def never_ran(self) -> bool:
        """Whether it failed before it started, and not for what it was asked."""
        refused = self.error is not None and _MODERATION.search(self.error)
        return self.status == "failed" and not self.started and not refused

    @property
    def link(self) -> str | None:
        """The first file of the output, an address or a data URI."""
        return next(_links(self.output), None)


def fault_of(one: Prediction, model: CatalogueModel) -> StageFailed:
    """Return why a prediction that is over brought no file."""
    name = model.display_name
    bills = model.terms.bills if model.terms else frozenset[Ending]()
    match one.status:
        case "failed":
            return _failure_of(one, name, bills)
        case "aborted":
            return ProviderUnavailable(f"{name} did not start within its deadline")
        case "canceled":
            running = Ending.CANCELLED_RUNNING if one.started else Ending.CANCELLED_WAITING
            return CallFailed(f"{name} was stopped before it was done", charged=running in bills)
        case _ if one.removed:
            return CallFailed(
                f"{name} made it, but Replicate has deleted it since",
                code="OUTPUT_LOST",
                charged=True,
            )
        case _:
            return BadOutput(f"{name} answered without an image", charged=True)


def _failure_of(one: Prediction, name: str, bills: frozenset[Ending]) -> StageFailed:
    reason = (one.error or "it gave no reason").strip().rstrip(".")
    if _MODERATION.search(reason):
        refused = f"{name} refused the content ({reason}): {REMEDY}"
        return ContentRejected(refused, charged=Ending.REFUSED in bills)
    if one.never_ran:
        return NeverRan(f"{name} did not start: {reason}")
    return CallFailed(f"{name} failed: {reason}", charged=Ending.FAILED in bills)


def _links(output: object) -> Iterator[str]:
    if isinstance(output, str):
        if output.startswith(("https://", "http://", "data:")):
            yield output
    elif isinstance(output, list):
        for inner in cast("list[object]", output):
            yield from _links(inner)
    else:
        for inner in _object(output).values():
            yield from _links(inner)


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
