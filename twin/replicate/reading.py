"""Reading what a client asks Replicate for."""

import re
from collections.abc import Iterable
from datetime import timedelta
from json import JSONDecodeError
from urllib.parse import urlsplit

from starlette.requests import Request

from twin.inputs import complaints, completed
from twin.replicate.files import Files
from twin.replicate.models import Model, Work, links_of, work_of
from twin.replicate.predictions import Hook
from twin.replicate.refusals import invalid, problem
from twin.stops import Stop
from twin.values import JsonObject, as_list, as_object, as_text

EVENTS = frozenset({"start", "output", "logs", "completed"})
_FIELDS = {"input", "version", "webhook", "webhook_events_filter", "webhook_completed", "stream"}
_WAIT = re.compile(r"wait(?:=([1-9]|[1-5][0-9]|60))?")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_DATA_URI_BYTES = 256 * 1024
_WAIT_SECONDS = 60


async def body_of(request: Request) -> JsonObject:
    """Return the body of a creation."""
    try:
        body = as_object(await request.json())
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise Stop(problem(400, "The request body is not valid JSON.")) from error
    unknown = sorted(body.keys() - _FIELDS)
    if unknown:
        raise _unprocessable(f"- (root): Additional property {unknown[0]} is not allowed\n")
    if not isinstance(body.get("input"), dict):
        raise _unprocessable("- input is required\n")
    return body


def work_for(model: Model, given: JsonObject, files: Files) -> Work:
    """Return what an input asks of a model."""
    found = list(complaints(model.inputs, given))
    if found:
        raise Stop(invalid(found))
    links = links_of(model, given)
    contents = [content for link in links if (content := files.read(link)) is not None]
    sent = (len(files.read(link) or b"") for link in links if link.startswith("data:"))
    if any(size > _DATA_URI_BYTES for size in sent):
        raise _unprocessable("- input: a data URI holds more than 256kb\n")
    return work_of(completed(model.inputs, given), contents)


def hook_of(body: JsonObject) -> Hook | None:
    """Return where to tell of the prediction; without a filter, of everything."""
    url = as_text(body.get("webhook"))
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise _unprocessable("- webhook: must be a valid HTTPS URL\n")
    wanted = _texts(as_list(body.get("webhook_events_filter"))) or EVENTS
    if not wanted <= EVENTS:
        raise _unprocessable("- webhook_events_filter: unknown event\n")
    return Hook(url, wanted)


def wait_of(request: Request) -> float | None:
    """Return for how many seconds the client wants the answer held."""
    found = _WAIT.fullmatch(request.headers.get("prefer", "").strip())
    return float(found[1] or _WAIT_SECONDS) if found else None


def patience_of(request: Request) -> timedelta | None:
    """Return after how long the prediction is to be given up: "90s", "1h30m45s" or "90"."""
    given = request.headers.get("cancel-after")
    if given is None:
        return None
    found = _DURATION.fullmatch(given.strip())
    if not given.strip() or found is None:
        raise _unprocessable("- Cancel-After: must be a duration\n")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _texts(values: Iterable[object]) -> frozenset[str]:
    return frozenset(as_text(value) for value in values)


def _unprocessable(detail: str) -> Stop:
    return Stop(problem(422, detail, "Input validation failed"))
