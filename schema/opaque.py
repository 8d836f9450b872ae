"""Bytes as short opaque text, with a checksum that tells a garbled text from a good one."""

from base64 import urlsafe_b64decode
from binascii import Error, b2a_base64
from zlib import crc32

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def sealed(kind: bytes, payload: bytes) -> str:
    """Return `payload` as text; `kind` must be given again to open it."""
    return encoded(payload + _checksum(kind, payload))


def opened(kind: bytes, text: str) -> bytes | None:
    """Return what was sealed as `kind`, or None where `text` is anything else."""
    content = decoded(text)
    if content is None or _checksum(kind, content[:-4]) != content[-4:]:
        return None
    return content[:-4]


def encoded(content: bytes) -> str:
    """Return base64url without padding."""
    return b2a_base64(content, newline=False).translate(_URL_SAFE, b"=").decode()


def decoded(text: str) -> bytes | None:
    """Return the bytes whose one spelling is `text`, or None where there are none."""
    try:
        content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        return None
    return content if encoded(content) == text else None


def _checksum(kind: bytes, payload: bytes) -> bytes:
    return crc32(payload, crc32(kind)).to_bytes(4, "big")
