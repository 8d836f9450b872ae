"""Who asks: the holder of an API key, or on loopback the local user."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.domain import Viewer
from pipeline.errors import DesignerError

_WITHOUT = "Send an API key as Authorization: Bearer dbff_…"
_UNKNOWN = "This API key is unknown, expired or revoked."


class Unauthenticated(DesignerError):
    """Nobody known; `code` is stable."""

    code = "UNAUTHENTICATED"


class Keys(Protocol):
    """The valid keys."""

    async def viewer_of(self, text: str) -> Viewer | None: ...


@dataclass(frozen=True, slots=True)
class Entrance:
    """Tells who asks; `local` is who may come without a key, None where nobody may."""

    keys: Keys
    local: Viewer | None

    async def viewer(self, authorization: str | None) -> Viewer:
        """Return whose the Authorization is; raises `Unauthenticated`.

        A key that is not valid is refused also where none is needed.
        """
        if not authorization:
            if self.local is None:
                raise Unauthenticated(_WITHOUT)
            return self.local
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(_WITHOUT)
        viewer = await self.keys.viewer_of(key.strip())
        if viewer is None:
            raise Unauthenticated(_UNKNOWN)
        return viewer
