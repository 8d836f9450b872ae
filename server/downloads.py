"""What lies in the object store, over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from server.stores import Bucketed, Store
from storage.objects import CONTENT_TYPES, LocalObjects, is_key

# The content never changes under its key, and it came from outside: it must not run as a page.
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


# Half of what a signed address is good for.
_REDIRECT: Final = {"Cache-Control": "private, max-age=1800", "Referrer-Policy": "no-referrer"}


def downloads(store: Store) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers a request for an object of that store."""
    return Downloads(store).one if isinstance(store, LocalObjects) else Redirects(store).one


@dataclass(frozen=True, slots=True)
class Redirects:
    """Sends GET and HEAD of one object on to where it lies; nothing else is told about it."""

    objects: Bucketed

    async def one(self, request: Request) -> Response:
        key = request.path_params["key"]
        if not is_key(key):
            raise HTTPException(404, "There is no such object.")
        address = await self.objects.signed(key, method=request.method)
        return RedirectResponse(address, 307, headers=_REDIRECT)


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
