"""The endpoints and the middleware that are OpenAI."""

from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.buckets import Bucket
from twin.openai.desk import Desk, new_id
from twin.openai.images import Images
from twin.openai.models import IMAGES, LANGUAGES, ImageModel, LanguageModel
from twin.openai.refusals import no_model, refusal
from twin.openai.responses import Responses
from twin.outputs import Outputs
from twin.requests import Call
from twin.state import Twin
from twin.values import Json, JsonObject

_SINCE = 1_760_000_000


class Headers:
    """Gives every request an id, and every answer OpenAI's own headers."""

    def __init__(self, app: ASGIApp, images: Bucket) -> None:
        self._app = app
        self._images = images

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its id in its state."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began = new_id("req"), perf_counter()
        scope["state"]["id"] = request_id

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                headers["openai-version"] = "2020-10-01"
                headers["openai-processing-ms"] = str(round(1000 * (perf_counter() - began)))
                headers["x-ratelimit-limit-requests"] = str(self._images.limit)
                headers["x-ratelimit-remaining-requests"] = str(self._images.remaining)
                headers["x-ratelimit-reset-requests"] = f"{self._images.resets_in:.3f}s"
            await send(message)

        await self._app(scope, receive, sending)


class Models:
    """The list of models, with the day that each is shut down."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request) -> Response:
        self._desk.admit(request, Call("openai", "models"), None, None)
        data: list[Json] = [_shown(one) for one in (*IMAGES, *LANGUAGES) if self._desk.serves(one)]
        return JSONResponse({"object": "list", "data": data})

    async def get(self, request: Request) -> Response:
        self._desk.admit(request, Call("openai", "models"), None, None)
        name = request.path_params["name"]
        served = (one for one in (*IMAGES, *LANGUAGES) if self._desk.serves(one))
        found = next((one for one in served if one.name == name), None)
        return JSONResponse(_shown(found)) if found else no_model(name)


class Host:
    """Serves the pictures of the models that answer with an address."""

    def __init__(self, desk: Desk, outputs: Outputs) -> None:
        self._desk = desk
        self._outputs = outputs

    async def deliver(self, request: Request) -> Response:
        self._desk.twin.journal.note(request, Call("openai", "file"), None)
        served = self._outputs.serve(request.path_params["key"])
        return served or refusal(404, "The specified resource does not exist.")


def bucket(twin: Twin) -> Bucket:
    """Return the bucket of the Images API."""
    return Bucket(twin.config.limits.images, twin.config.limits.window)


def routes(twin: Twin, images_bucket: Bucket) -> list[BaseRoute]:
    """Return the endpoints."""
    limits, outputs = twin.config.limits, Outputs()
    desk = Desk(twin, images_bucket, Bucket(limits.responses, limits.window))
    images, responses, models = Images(desk, outputs), Responses(desk), Models(desk)
    host = Host(desk, outputs)
    return [
        Route("/v1/images/generations", images.generate, methods=["POST"]),
        Route("/v1/images/edits", images.edit, methods=["POST"]),
        Route("/v1/responses", responses.create, methods=["POST"]),
        Route("/v1/responses/{id}", responses.get),
        Route("/v1/models", models.list),
        Route("/v1/models/{name}", models.get),
        Route("/delivery/{key}/{name}", host.deliver),
    ]


def _shown(model: ImageModel | LanguageModel) -> JsonObject:
    shutdown = model.shutdown.isoformat() if model.shutdown else None
    return {
        "id": model.name,
        "object": "model",
        "created": _SINCE,
        "owned_by": "system",
        "shutdown_date": shutdown,
    }
