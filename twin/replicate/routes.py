"""The endpoints of Replicate."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from itertools import dropwhile, islice
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from twin.buckets import Bucket
from twin.config import REPLICATE_TOKEN
from twin.faults import Faults
from twin.replicate import refusals
from twin.replicate.catalogue import MODELS, VERSIONS
from twin.replicate.describing import model_shown, version_shown
from twin.replicate.files import described
from twin.replicate.lives import Lives
from twin.replicate.models import Model, prompt_of
from twin.replicate.predictions import Prediction, base_of, new_id, shown
from twin.replicate.reading import body_of, hook_of, patience_of, wait_of, work_for
from twin.requests import Call, fingerprint
from twin.state import Twin
from twin.stops import Stop
from twin.values import Json, JsonObject, as_object, as_text

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Api:
    """Replicate's endpoints over one twin."""

    twin: Twin
    lives: Lives
    creates: Bucket
    others: Bucket

    def routes(self) -> Sequence[Route]:
        """Return where each endpoint is."""
        model = "/v1/models/{owner}/{name}"
        prediction = "/v1/predictions/{id}"
        return (
            Route(f"{model}/predictions", self.create_of_model, methods=["POST"]),
            Route(f"{model}/versions", self.versions),
            Route(f"{model}/versions/{{version}}", self.version),
            Route(model, self.model),
            Route("/v1/predictions", self.create_of_version, methods=["POST"]),
            Route("/v1/predictions", self.list),
            Route(prediction, self.get),
            Route(f"{prediction}/cancel", self.cancel, methods=["POST"]),
            Route("/v1/files", self.upload, methods=["POST"]),
            Route("/v1/files", self.uploads),
            Route("/v1/files/{id}", self.uploaded, methods=["GET", "DELETE"]),
            Route("/v1/webhooks/default/secret", self.secret),
            Route("/v1/account", self.account),
            Route("/delivery/{key}/{name}", self.deliver),
        )

    async def create_of_model(self, request: Request) -> Response:
        body = await body_of(request)
        slug = "{owner}/{name}".format(**request.path_params)
        return await self._create(request, slug, MODELS.get(slug), body)

    async def create_of_version(self, request: Request) -> Response:
        body = await body_of(request)
        version = as_text(body.get("version"))
        slug, _, digits = version.rpartition(":")
        model = VERSIONS.get(digits) or MODELS.get(version)
        if slug and model and model.slug != slug:
            model = None
        if model is None:
            raise Stop(refusals.unknown_version())
        return await self._create(request, model.slug, model, body)

    async def get(self, request: Request) -> Response:
        one = self._prediction(request)
        self._admit(request, self._call("get", one))
        return JSONResponse(shown(one, _base(request)))

    async def cancel(self, request: Request) -> Response:
        one = self._prediction(request)
        self._admit(request, self._call("cancel", one))
        one.cancelled.set()
        return JSONResponse(shown(one, _base(request)))

    async def list(self, request: Request) -> Response:
        self._admit(request, self._call("list"))
        query = request.query_params
        every = reversed(self.lives.predictions.values())
        if "cursor" in query:
            every = islice(dropwhile(lambda one: one.id != query["cursor"], every), 1, None)
        found = list(islice((one for one in every if _within(one, query)), _PAGE + 1))
        base = _base(request)
        page, more = found[:_PAGE], found[_PAGE:]
        rest = urlencode({**query, "cursor": page[-1].id}) if more else None
        results: list[Json] = [shown(one, base) for one in page]
        address = f"{base}/v1/predictions?{rest}" if rest else None
        return JSONResponse({"previous": None, "next": address, "results": results})

    async def model(self, request: Request) -> Response:
        self._admit(request, self._call("models"))
        return JSONResponse(model_shown(self._served(request)))

    async def versions(self, request: Request) -> Response:
        self._admit(request, self._call("models"))
        results: list[Json] = [version_shown(self._served(request))]
        return JSONResponse({"previous": None, "next": None, "results": results})

    async def version(self, request: Request) -> Response:
        self._admit(request, self._call("models"))
        model = self._served(request)
        if request.path_params["version"] != model.version:
            raise Stop(refusals.not_found())
        return JSONResponse(version_shown(model))

    async def upload(self, request: Request) -> Response:
        self._admit(request, self._call("upload"))
        return await self.lives.files.take(request)

    async def uploads(self, request: Request) -> Response:
        self._admit(request, self._call("uploads"))
        every = self.lives.files.uploads.values()
        results: list[Json] = [described(one, _base(request)) for one in every]
        return JSONResponse({"previous": None, "next": None, "results": results})

    async def uploaded(self, request: Request) -> Response:
        self._admit(request, self._call("uploads"))
        uploads = self.lives.files.uploads
        upload = uploads.get(request.path_params["id"])
        if upload is None:
            raise Stop(refusals.not_found())
        if request.method == "DELETE":
            del uploads[upload.id]
            return Response(status_code=204)
        return JSONResponse(described(upload, _base(request)))

    async def secret(self, request: Request) -> Response:
        self._admit(request, self._call("secret"))
        return JSONResponse({"key": self.lives.sender.key})

    async def account(self, request: Request) -> Response:
        self._admit(request, self._call("account"))
        account: JsonObject = {"type": "user", "username": "twin", "name": "Twin"}
        return JSONResponse({**account, "github_url": None})

    async def deliver(self, request: Request) -> Response:
        call = self._call("file")
        self.twin.journal.note(request, call, None)
        if self.twin.config.guarded_files and not _known(request):
            raise Stop(refusals.unauthenticated())
        _stop_at(self.twin.script.take(call))
        served = self.lives.files.outputs.serve(request.path_params["key"])
        return served or refusals.not_found()

    async def _create(
        self, request: Request, slug: str, model: Model | None, body: JsonObject
    ) -> Response:
        given = as_object(body["input"])
        named = self.lives.files.named(given)
        call = Call("replicate", "create", slug, prompt_of(given))
        faults = self._admit(request, call, named)
        _stop_at(faults, accepted=False)
        if model is None or (model.retired and not self.twin.config.serve_retired):
            raise Stop(refusals.not_found())
        one = Prediction(
            id=new_id(),
            model=model,
            input=given,
            request=fingerprint({"model": slug, "input": named}),
            work=work_for(model, given, self.lives.files),
            faults=faults,
            hook=hook_of(body),
            patience=patience_of(request),
        )
        self.lives.begin(one, _base(request))
        _stop_at(faults)
        return await _held(one, request)

    def _admit(self, request: Request, call: Call, given: Json = None) -> Faults:
        """Let a request in; faults of a creation are for the caller to look at."""
        self.twin.journal.note(request, call, given)
        if not _known(request):
            raise Stop(refusals.unauthenticated())
        creates = call.endpoint == "create"
        wait = (self.creates if creates else self.others).take()
        if wait is not None:
            raise Stop(refusals.throttled(wait))
        faults = self.twin.script.take(call)
        if not creates:
            _stop_at(faults)
        return faults

    def _prediction(self, request: Request) -> Prediction:
        one = self.lives.predictions.get(request.path_params["id"])
        if one is None:
            known = _known(request)
            raise Stop(refusals.not_found() if known else refusals.unauthenticated())
        return one

    def _served(self, request: Request) -> Model:
        model = MODELS.get("{owner}/{name}".format(**request.path_params))
        if model is None or (model.retired and not self.twin.config.serve_retired):
            raise Stop(refusals.not_found())
        return model

    def _call(self, endpoint: str, one: Prediction | None = None) -> Call:
        if one is None:
            return Call("replicate", endpoint)
        return Call("replicate", endpoint, one.model.slug, prompt_of(one.input))


async def _held(one: Prediction, request: Request) -> Response:
    """Answer at once, or when there is something to say, or when the client's wait is over."""
    wait = wait_of(request)
    if wait is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(one.answerable.wait(), wait)
    late = wait is not None and not one.answerable.is_set()
    return JSONResponse(shown(one, _base(request)), 202 if late else 201)


def _stop_at(faults: Faults, *, accepted: bool | None = None) -> None:
    """Answer the first fault there is an answer for; only before or after the work, if said."""
    for fault in faults:
        answer = refusals.answer_to(fault)
        if answer and accepted in (None, getattr(fault, "accepted", False)):
            raise Stop(answer)


def _within(one: Prediction, query: QueryParams) -> bool:
    after, before = query.get("created_after"), query.get("created_before")
    return (after is None or one.created >= _time(after)) and (
        before is None or one.created < _time(before)
    )


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Stop(refusals.problem(400, f"{text} is not a time")) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _base(request: Request) -> str:
    return base_of(str(request.url))


def _known(request: Request) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return scheme in {"Bearer", "Token"} and compare_digest(token, REPLICATE_TOKEN)
