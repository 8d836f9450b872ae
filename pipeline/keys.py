"""Where an object lies in the store."""

from hashlib import sha256

from pipeline.domain import WorkspaceId

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def object_key(workspace: WorkspaceId, content: bytes, extension: str) -> str:
    """Return `{workspace}/{sha256}.{extension}`: the same content has the same key."""
    return f"{workspace}/{sha256(content).hexdigest()}.{extension}"
