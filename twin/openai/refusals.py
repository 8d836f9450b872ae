"""How OpenAI says no."""

from collections.abc import Mapping
from math import ceil

from starlette.responses import HTMLResponse, JSONResponse, Response

from twin.connections import Nothing, Silence
from twin.faults import Broken, Dropped, Failed, Fault, Hanging, Refused, Throttled, Unpaid
from twin.inputs import Complaint, Kind
from twin.inputs import Fault as Wrong
from twin.values import JsonObject

_RESET_SECONDS = 20
_SORRY = "The server had an error while processing your request. Sorry about that!"
_KINDS = {Kind.TEXT: "a string", Kind.WHOLE: "an integer", Kind.FLAG: "a boolean"}


def error_body(
    message: str, type: str, code: str | None = None, param: str | None = None
) -> JsonObject:
    """Return an error as OpenAI writes it."""
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


def refusal(
    status: int,
    message: str,
    code: str | None = None,
    param: str | None = None,
    *,
    type: str = "invalid_request_error",
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    return JSONResponse(error_body(message, type, code, param), status, headers)


def unauthenticated(key: str) -> JSONResponse:
    shown = f"{key[:7]}{'*' * 8}{key[-4:]}" if len(key) > 16 else "*" * len(key)
    return refusal(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")


def no_model(name: str) -> JSONResponse:
    message = f"The model `{name}` does not exist or you do not have access to it."
    return refusal(404, message, "model_not_found")


def throttled(limit: int, seconds: float, *, told: bool = True) -> JSONResponse:
    """Return a 429; with `told`, the headers say when to come again."""
    headers = {"retry-after": str(ceil(seconds)), "retry-after-ms": str(ceil(seconds * 1000))}
    return refusal(
        429,
        f"Rate limit reached for requests per min: Limit {limit}, Used {limit}, Requested 1. "
        f"Please try again in {seconds:.3g}s.",
        "rate_limit_exceeded",
        type="requests",
        headers=headers if told else None,
    )


def moderated(fault: Refused, request_id: str) -> JSONResponse:
    return refusal(
        400,
        "Your request was rejected by the safety system. If you believe this is an error, "
        f"contact us at help.openai.com and include the request ID {request_id}. "
        f"safety_violations=[{fault.reason}].",
        "moderation_blocked",
        type="image_generation_user_error",
    )


def failed(fault: Failed) -> JSONResponse:
    return refusal(500, fault.error, None, type="server_error")


def invalid(complaint: Complaint) -> JSONResponse:
    """Return a 400 about one parameter: OpenAI names only the first."""
    name, field, value = complaint.name, complaint.field, complaint.value
    match complaint.fault:
        case Wrong.UNKNOWN:
            return refusal(400, f"Unknown parameter: '{name}'.", "unknown_parameter", name)
        case Wrong.MISSING:
            message = f"Missing required parameter: '{name}'."
            return refusal(400, message, "missing_required_parameter", name)
        case Wrong.CHOICE if field:
            message = f"Invalid value: '{value}'. Supported values are: {_listed(field.choices)}."
            return refusal(400, message, "invalid_value", name)
        case Wrong.RANGE if field:
            return _out_of_range(complaint)
        case _:
            kind = _KINDS.get(field.kind, "another type") if field else "another type"
            message = f"Invalid type for '{name}': expected {kind}."
            return refusal(400, message, "invalid_type", name)


def answer_to(fault: Fault) -> Response | None:
    """Return what a fault answers in place of the work, None where it does not."""
    match fault:
        case Throttled(retry_after=seconds):
            return throttled(1, seconds or _RESET_SECONDS, told=seconds is not None)
        case Unpaid():
            message = "You exceeded your current quota, please check your plan and billing details."
            return refusal(429, message, "insufficient_quota", type="insufficient_quota")
        case Broken():
            return _broken(fault)
        case Dropped() | Hanging():
            return Nothing() if isinstance(fault, Dropped) else Silence()
        case _:
            return None


def _broken(fault: Broken) -> Response:
    """Return what the API says, or what stands before the API says of it."""
    if fault.status in {500, 503}:
        return refusal(fault.status, _SORRY, None, type="server_error")
    return HTMLResponse(f"<html><h1>{fault.status}</h1></html>", fault.status)


def _out_of_range(complaint: Complaint) -> JSONResponse:
    name, field, value = complaint.name, complaint.field, complaint.value
    most = field.most if field else None
    if isinstance(value, str):
        message = (
            f"Invalid '{name}': string too long. Expected a string with maximum length {most}, "
            f"but got a string with length {len(value)} instead."
        )
        return refusal(400, message, "string_above_max_length", name)
    above = most is not None and isinstance(value, int | float) and value > most
    bound = most if above else field.least if field else None
    side, code = ("<=", "above_max") if above else (">=", "below_min")
    message = f"Invalid '{name}': expected a value {side} {bound}, but got {value} instead."
    return refusal(400, message, f"integer_{code}_value", name)


def _listed(options: tuple[str, ...]) -> str:
    quoted = [f"'{option}'" for option in options]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
