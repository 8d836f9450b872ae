"""Files that were uploaded, and those that predictions made."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from twin.outputs import Outputs
from twin.photos import content_of
from twin.replicate.predictions import base_of, stamp
from twin.replicate.refusals import problem
from twin.requests import digest
from twin.stops import Stop
from twin.values import Json, JsonObject

_UPLOADS_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a client sent."""

    id: str
    name: str
    media_type: str
    content: bytes
    metadata: Json
    at: datetime


@dataclass(frozen=True, slots=True)
class Files:
    """Both kinds."""

    outputs: Outputs = field(default_factory=Outputs)
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])

    def read(self, link: str) -> bytes | None:
        """Return what a link leads to; None for an address that is not the twin's."""
        if link.startswith("data:"):
            return content_of(link)
        upload = self.uploads.get(link.rpartition("/")[2])
        return upload.content if upload else self.outputs.find(link)

    def named(self, value: Json) -> Json:
        """Return an input with every file in it, sent or linked, named by its digest."""
        match value:
            case dict():
                return {key: self.named(inner) for key, inner in value.items()}
            case list():
                return [self.named(inner) for inner in value]
            case str() if value.startswith(("data:", "http://", "https://")):
                content = self.read(value)
                return value if content is None else digest(content)
            case _:
                return value

    async def take(self, request: Request) -> Response:
        """Keep an upload: a part `content`, and `metadata` as JSON."""
        async with request.form() as form:
            part = form.get("content")
            if not isinstance(part, UploadFile):
                raise Stop(problem(422, "- content is required\n", "Input validation failed"))
            metadata = form.get("metadata")
            upload = Upload(
                token_urlsafe(24),
                part.filename or "file",
                part.content_type or "application/octet-stream",
                await part.read(),
                json.loads(metadata) if isinstance(metadata, str) else {},
                datetime.now(UTC),
            )
        self.uploads[upload.id] = upload
        return JSONResponse(described(upload, base_of(str(request.url))), 201)


def described(upload: Upload, base: str) -> JsonObject:
    """Return an upload as the API shows it."""
    digest = sha256(upload.content).hexdigest()
    return {
        "id": upload.id,
        "name": upload.name,
        "content_type": upload.media_type,
        "size": len(upload.content),
        "etag": digest[:32],
        "checksums": {"sha256": digest},
        "metadata": upload.metadata,
        "created_at": stamp(upload.at),
        "expires_at": stamp(upload.at + _UPLOADS_KEPT),
        "urls": {"get": f"{base}/v1/files/{upload.id}"},
    }
