"""A small API with the contract's names, whose one run goes by a script."""

import hashlib
import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Annotated, NewType, TypedDict, cast

import strawberry
from PIL import Image
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.file_uploads import Upload
from strawberry.schema.config import StrawberryConfig
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import Info

from web.graphiql import content_security_policy, page

RUN = strawberry.ID("run-1")
STAGES = (
    "ANALYSIS",
    "ENHANCEMENT",
    "PERSONA",
    "ROUTING",
    "OPTIMIZATION",
    "GENERATION",
    "DELIVERY",
)
WARNING = "sketch doesn't draw the chain"
EVENTS = 2 * len(STAGES) + 2
CLOSED_FOR_RESTART = 1012


@dataclass(frozen=True, slots=True)
class Sent:
    """An upload as it arrived."""

    filename: str
    sha256: str
    preflight: str | None


@dataclass(slots=True)
class Script:
    """What the server saw, and where it drops the connection: after how many events, once."""

    drop_after: int | None = None
    uploads: list[Sent] = field(default_factory=list[Sent])
    subscribed_after: list[str | None] = field(default_factory=list[str | None])


Cursor = NewType("Cursor", str)


@strawberry.interface
class UserError:
    code: str
    message: str


@strawberry.type
class InvalidInput(UserError):
    field: str | None


@strawberry.type
class Generation:
    id: strawberry.ID
    status: str
    warnings: list[str]


GenerateResult = Annotated[Generation | InvalidInput, strawberry.union("GenerateResult")]


@strawberry.type
class GenerationError:
    code: str
    message: str
    stage: str | None
    retryable: bool


@strawberry.type
class Stage:
    name: str
    status: str
    attempt: int
    duration_ms: int | None
    summary: str | None
    error: GenerationError | None


@strawberry.type
class Asset:
    id: strawberry.ID
    kind: str
    url: str
    content_type: str
    width: int
    height: int


@strawberry.interface
class GenerationEvent:
    generation_id: strawberry.ID
    seq: int
    cursor: Cursor
    at: str


class _Place(TypedDict):
    generation_id: strawberry.ID
    seq: int
    cursor: Cursor
    at: str


@strawberry.type
class StatusChanged(GenerationEvent):
    status: str
    attempt: int
    error: GenerationError | None


@strawberry.type
class StageChanged(GenerationEvent):
    stage: Stage


@strawberry.type
class StageProgress(GenerationEvent):
    name: str
    fraction: float | None
    message: str | None
    slot: int | None
    partial_url: str | None
    error: GenerationError | None


@strawberry.type
class AssetCreated(GenerationEvent):
    slot: int | None
    asset: Asset


@strawberry.type
class GenerationDeleted(GenerationEvent):
    pass


@strawberry.input
class SettingsInput:
    enhance: bool = False
    count: int = 1
    aspect_ratio: str = "SQUARE"


@strawberry.input
class GenerateFromImageInput:
    image: Upload | None = None
    prompt: str | None = None
    settings: SettingsInput | None = None


@strawberry.type
class Query:
    @strawberry.field
    def greeting(self, name: str = "designer") -> str:
        return f"Good morning, {name}"

    @strawberry.field
    def generation(self, id: strawberry.ID) -> Generation | None:
        return Generation(id=id, status="COMPLETED", warnings=[WARNING])


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def generate_from_image(
        self, info: Info, input: GenerateFromImageInput
    ) -> GenerateResult:
        image = cast("UploadFile | None", input.image)
        if image is None:
            return InvalidInput(code="INVALID_INPUT", message="No photo came along", field="image")
        photo = await image.read()
        await image.close()
        request: Request = info.context["request"]
        script: Script = request.app.state.script
        script.uploads.append(
            Sent(
                filename=image.filename or "",
                sha256=hashlib.sha256(photo).hexdigest(),
                preflight=request.headers.get("GraphQL-Require-Preflight"),
            )
        )
        return Generation(id=RUN, status="PENDING", warnings=[])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def generation_events(
        self, info: Info, id: strawberry.ID, after: Cursor | None = None
    ) -> AsyncGenerator[GenerationEvent]:
        socket: WebSocket = info.context["request"]
        script: Script = socket.app.state.script
        script.subscribed_after.append(after)
        for seq in range(int(after or 0) + 1, EVENTS + 1):
            yield _event(id, seq, f"http://{socket.headers['host']}/picture.png")
            if seq == script.drop_after:
                script.drop_after = None
                await socket.close(CLOSED_FOR_RESTART)
                return


def _event(run: strawberry.ID, seq: int, picture: str) -> GenerationEvent:
    """Give event `seq`: each stage starts and ends, the picture comes, the run is complete."""
    place = _Place(generation_id=run, seq=seq, cursor=Cursor(str(seq)), at="2026-01-01T00:00:00Z")
    if seq == EVENTS:
        return StatusChanged(**place, status="COMPLETED", attempt=1, error=None)
    if seq == EVENTS - 1:
        asset = Asset(
            id=strawberry.ID("asset-1"),
            kind="GENERATED",
            url=picture,
            content_type="image/png",
            width=640,
            height=480,
        )
        return AssetCreated(**place, slot=0, asset=asset)
    number, ended = divmod(seq - 1, 2)
    stage = Stage(
        name=STAGES[number],
        status="COMPLETED" if ended else "RUNNING",
        attempt=1,
        duration_ms=12 if ended else None,
        summary=f"Stage {number + 1} of {len(STAGES)} is done" if ended else None,
        error=None,
    )
    return StageChanged(**place, stage=stage)


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[StatusChanged, StageChanged, StageProgress, AssetCreated, GenerationDeleted],
    config=StrawberryConfig(scalar_map={Cursor: strawberry.scalar(name="Cursor")}),
)


def scripted_app(script: Script) -> Starlette:
    """Serve the page at GET /graphql under its content security policy, the API, one picture."""
    graphql = GraphQL(
        SCHEMA,
        graphql_ide=None,
        multipart_uploads_enabled=True,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
    )

    def front(_request: Request) -> Response:
        return HTMLResponse(page(), headers={"Content-Security-Policy": content_security_policy()})

    app = Starlette(
        routes=[
            Route("/picture.png", _picture),
            Route("/graphql", front, methods=["GET"]),
            Route("/graphql", graphql, methods=["POST"]),
            WebSocketRoute("/graphql", graphql),
            Mount("/static", StaticFiles(packages=[("web", "static")])),
        ]
    )
    app.state.script = script
    return app


def _picture(_request: Request) -> Response:
    png = io.BytesIO()
    Image.new("RGB", (640, 480), "#7b1e3b").save(png, "png")
    return Response(png.getvalue(), media_type="image/png")
