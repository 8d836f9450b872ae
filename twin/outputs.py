"""The files that the twin made, and the host that serves them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from secrets import token_urlsafe

from starlette.responses import Response

from twin.connections import Half
from twin.faults import Spoil


@dataclass(frozen=True, slots=True)
class Made:
    """An output file; `spoil` says how it is served otherwise than it should be."""

    content: bytes
    media_type: str
    spoil: Spoil | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files by keys that nobody guesses."""

    made: dict[str, Made] = field(default_factory=dict[str, Made])

    def keep(self, file: Made, base: str, name: str) -> tuple[str, str]:
        """Keep a file; return its key, and its address at the host `base`."""
        key = token_urlsafe(24)
        self.made[key] = file
        host = _foreign(base) if file.spoil is Spoil.FOREIGN else base
        return key, f"{host}/delivery/{key}/{name}.{file.media_type.split('/')[1]}"

    def find(self, link: str) -> bytes | None:
        """Return what an address leads to, None where it is no output's."""
        keys = (part for part in link.split("/") if part in self.made)
        key = next(keys, None)
        return self.made[key].content if key else None

    def drop(self, keys: Iterable[str]) -> None:
        """Forget files."""
        for key in keys:
            self.made.pop(key, None)

    def serve(self, key: str) -> Response | None:
        """Return the answer to whoever fetches a file, None where there is none."""
        file = self.made.get(key)
        if file is None or file.spoil is Spoil.EXPIRED:
            return None
        if file.spoil is Spoil.CUT:
            return Half(file.content, file.media_type)
        return Response(file.content, media_type=file.media_type)


def _foreign(base: str) -> str:
    """Return another name of this machine."""
    if "127.0.0.1" in base:
        return base.replace("127.0.0.1", "localhost")
    return base.replace("localhost", "127.0.0.1")
