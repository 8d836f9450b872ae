"""What lies in the local object store, over HTTP."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from storage.objects import CONTENT_TYPES, LocalObjects

# The content never changes under its key, and it came from outside: it must not run as a page.
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Downloads:
    """Serves GET and HEAD of one object, with ranges; its name is its ETag."""

    objects: LocalObjects

    async def one(self, request: Request) -> Response:
        path = self.objects.path(request.path_params["key"])
        if path is None or not await asyncio.to_thread(path.is_file):
            raise HTTPException(404, "There is no such object.")
        headers = _HEADERS | {"ETag": f'"{path.stem}"'}
        if _known(request, path):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, headers=headers, media_type=CONTENT_TYPES[path.suffix[1:]])


def _known(request: Request, path: Path) -> bool:
    tags = request.headers.get("if-none-match", "").split(",")
    return any(tag.strip().removeprefix("W/") in (f'"{path.stem}"', "*") for tag in tags)
