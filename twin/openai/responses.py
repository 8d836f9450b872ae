"""The Responses API: texts and structured outputs about words and pictures."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError
from time import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from twin.bill import Charge
from twin.connections import Half
from twin.faults import Failed, Faults, Refused, Spoil, delay_of, spoil_of
from twin.openai import refusals
from twin.openai.desk import Desk, is_late, new_id
from twin.openai.filling import filled
from twin.openai.models import LANGUAGES, LanguageModel
from twin.openai.reading import Reading, reading_of
from twin.openai.tokens import language_usd, sent_tokens, text_tokens
from twin.photos import content_of
from twin.requests import Call, fingerprint
from twin.stops import Stop
from twin.values import Json, JsonObject, as_list, as_object, as_text

_MODELS = {model.name: model for model in LANGUAGES}
_OFFERED = frozenset(
    {
        "model",
        "input",
        "instructions",
        "text",
        "reasoning",
        "store",
        "metadata",
        "max_output_tokens",
        "temperature",
        "top_p",
        "truncation",
        "user",
        "safety_identifier",
        "prompt_cache_key",
        "service_tier",
        "parallel_tool_calls",
        "tool_choice",
        "include",
    }
)
_KNOWN = frozenset({"stream", "background", "tools", "previous_response_id"})
_REFUSAL = "I'm sorry, but I can't help with that."


@dataclass(frozen=True, slots=True)
class Said:
    """What a client said: its words, and the pictures it showed."""

    text: str
    photos: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Responses:
    """The endpoints; `kept` holds the responses that were to be stored."""

    desk: Desk
    kept: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])

    async def create(self, request: Request) -> Response:
        body = await _body(request)
        said = Said(*_said(body.get("input")))
        name = as_text(body.get("model"))
        call = Call("openai", "respond", name, said.text)
        faults = self.desk.admit(request, call, body, self.desk.responses)
        model = self.desk.find(_MODELS, name)
        _check(body)
        for fault in faults:
            if isinstance(fault, Failed):
                raise Stop(refusals.failed(fault))
        answer = await self.desk.twin.studio.run(lambda: _response(body, model, said, faults))
        await self._settle(request, body, model, answer, faults)
        if body.get("store", True):
            self.kept[as_text(answer["id"])] = answer
        if spoil_of(faults) is Spoil.CUT:
            return Half(json.dumps(answer).encode(), "application/json")
        return JSONResponse(answer)

    async def get(self, request: Request) -> Response:
        key = as_text(request.path_params["id"])
        self.desk.admit(request, Call("openai", "retrieve"), None, None)
        if key not in self.kept:
            raise Stop(refusals.refusal(404, f"Response with id '{key}' not found."))
        return JSONResponse(self.kept[key])

    async def _settle(
        self,
        request: Request,
        body: JsonObject,
        model: LanguageModel,
        answer: JsonObject,
        faults: Faults,
    ) -> None:
        """Charge, and take the time that it takes."""
        twin, usage = self.desk.twin, as_object(answer["usage"])
        tokens = (int(str(usage[f"{way}_tokens"])) for way in ("input", "output"))
        print_ = fingerprint(body)
        usd = language_usd(model, *tokens)
        await twin.bill.add(Charge("openai", as_text(request.state.id), model.name, print_, usd))
        latency = twin.config.latency
        seconds = latency.draw(latency.language, twin.seed(print_)) + delay_of(faults)
        if late := next((fault for fault in faults if is_late(fault)), None):
            await asyncio.sleep(seconds / 2)
            raise Stop(refusals.answer_to(late) or Response())
        await asyncio.sleep(seconds)


async def _body(request: Request) -> JsonObject:
    try:
        return as_object(await request.json())
    except (JSONDecodeError, UnicodeDecodeError) as error:
        message = "We could not parse the JSON body of your request."
        raise Stop(refusals.refusal(400, message)) from error


def _check(body: JsonObject) -> None:
    unknown = sorted(body.keys() - _OFFERED - _KNOWN)
    if unknown:
        message = f"Unknown parameter: '{unknown[0]}'."
        raise Stop(refusals.refusal(400, message, "unknown_parameter", unknown[0]))
    if not body.get("input"):
        message = "Missing required parameter: 'input'."
        raise Stop(refusals.refusal(400, message, "missing_required_parameter", "input"))
    for name in sorted(_KNOWN):
        if body.get(name):
            message = f"The twin does not offer '{name}'."
            raise Stop(refusals.refusal(400, message, "unsupported_value", name))
    _check_format(as_object(as_object(body.get("text")).get("format")))


def _check_format(wanted: JsonObject) -> None:
    """Refuse a strict schema that leaves something open, as the API does."""
    if wanted.get("type") != "json_schema":
        return
    if not wanted.get("name") or not isinstance(wanted.get("schema"), dict):
        message = "Missing required parameter: 'text.format.schema'."
        raise Stop(refusals.refusal(400, message, "missing_required_parameter", "text.format"))
    if wanted.get("strict") and (reason := next(_open(as_object(wanted["schema"])), None)):
        message = f"Invalid schema for response_format '{wanted['name']}': {reason}"
        raise Stop(refusals.refusal(400, message, "invalid_json_schema", "text.format.schema"))


def _open(schema: Json) -> Iterator[str]:
    """Yield why a schema is not strict."""
    if isinstance(schema, list):
        for inner in schema:
            yield from _open(inner)
    if not isinstance(schema, dict):
        return
    properties = as_object(schema.get("properties"))
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            yield "'additionalProperties' is required to be supplied and to be false."
        if set(map(as_text, as_list(schema.get("required")))) != properties.keys():
            yield "'required' is required to be an array including every key in properties."
    for inner in schema.values():
        yield from _open(inner)
    if "default" in schema and "type" in schema:
        yield "'default' is not permitted."


def _said(input: Json) -> tuple[str, tuple[bytes, ...]]:
    """Return what the user said, without what the system did, and every picture shown."""
    if isinstance(input, str):
        return input, ()
    words: list[str] = []
    photos: list[bytes] = []
    for message in map(as_object, as_list(input)):
        content = message.get("content")
        parts = [content] if isinstance(content, str) else as_list(content)
        for part in parts:
            text = part if isinstance(part, str) else as_text(as_object(part).get("text"))
            if text and message.get("role", "user") == "user":
                words.append(text)
            photo = content_of(as_text(as_object(part).get("image_url")))
            photos += [photo] if photo else []
    return "\n".join(words), tuple(photos)


def _response(body: JsonObject, model: LanguageModel, said: Said, faults: Faults) -> JsonObject:
    reading = reading_of(said.text, said.photos)
    text = _answer(body, reading)
    spoil = spoil_of(faults)
    cut = spoil in {Spoil.INCOMPLETE, Spoil.TRUNCATED}
    status = "incomplete" if cut else "completed"
    refused = any(isinstance(fault, Refused) for fault in faults)
    message = _message(status, None if refused else _spoilt(text, spoil))
    asked = sum(map(text_tokens, (as_text(body.get("instructions")), said.text, _schema(body))))
    return {
        "id": new_id("resp"),
        "object": "response",
        "created_at": int(time()),
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "model": model.name,
        "output": [] if spoil is Spoil.EMPTY else [message],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "text": body.get("text") or {"format": {"type": "text"}},
        "usage": _usage(asked + sent_tokens(said.photos), text_tokens(text)),
    }


def _message(status: str, text: str | None) -> JsonObject:
    """Say it, or decline where there is no text."""
    content: JsonObject = {"type": "refusal", "refusal": _REFUSAL}
    if text is not None:
        content = {"type": "output_text", "text": text, "annotations": []}
    return {
        "type": "message",
        "id": new_id("msg"),
        "status": status,
        "role": "assistant",
        "content": [content],
    }


def _answer(body: JsonObject, reading: Reading) -> str:
    wanted = as_object(as_object(body.get("text")).get("format"))
    match wanted.get("type"):
        case "json_schema":
            return json.dumps(filled(as_object(wanted["schema"]), reading))
        case "json_object":
            return json.dumps({"description": reading.description})
        case _:
            return reading.description


def _schema(body: JsonObject) -> str:
    """Return the schema that an answer has to keep to, which is a part of what is read."""
    wanted = as_object(as_object(body.get("text")).get("format")).get("schema")
    return json.dumps(wanted, separators=(",", ":")) if wanted else ""


def _spoilt(text: str, spoil: Spoil | None) -> str:
    match spoil:
        case Spoil.BLANK:
            return ""
        case Spoil.HTML:
            return "<!DOCTYPE html><html><body>Bad gateway</body></html>"
        case Spoil.SMALL:
            return "{}"
        case Spoil.INCOMPLETE | Spoil.TRUNCATED:
            return text[: len(text) // 2]
        case _:
            return text


def _usage(tokens_in: int, tokens_out: int) -> JsonObject:
    return {
        "input_tokens": tokens_in,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": tokens_out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": tokens_in + tokens_out,
    }
