"""The S3 client as we use it, and what its errors mean."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Protocol, cast

import aioboto3
from aiobotocore.config import AioConfig
from aiohttp import ClientError as BodyError
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import StoreUnreachable
from storage.buckets import Bucket

# R2 refuses the checksum trailers that the client would send over https by itself.
CONFIG: Final = AioConfig(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    connect_timeout=4,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
)

_SERVER_FAULT: Final = 500

OUT_OF_REACH: Final = (BotoCoreError, BodyError, TimeoutError, OSError)
"""What is raised where no answer came, or not all of it."""


class S3Client(Protocol):
    """The operations that are used; their arguments have Amazon's names, such as `Bucket`."""

    async def head_bucket(self, **arguments: object) -> Mapping[str, Any]: ...
    async def head_object(self, **arguments: object) -> Mapping[str, Any]: ...
    async def put_object(self, **arguments: object) -> Mapping[str, Any]: ...
    async def get_object(self, **arguments: object) -> Mapping[str, Any]: ...
    async def delete_object(self, **arguments: object) -> Mapping[str, Any]: ...
    async def list_objects_v2(self, **arguments: object) -> Mapping[str, Any]: ...
    async def create_multipart_upload(self, **arguments: object) -> Mapping[str, Any]: ...
    async def upload_part(self, **arguments: object) -> Mapping[str, Any]: ...
    async def complete_multipart_upload(self, **arguments: object) -> Mapping[str, Any]: ...
    async def abort_multipart_upload(self, **arguments: object) -> Mapping[str, Any]: ...
    async def generate_presigned_url(self, operation: str, **arguments: object) -> str: ...


@asynccontextmanager
async def connected(bucket: Bucket) -> AsyncGenerator[S3Client]:
    """Hold a client; nothing is sent before it is used."""
    session: Any = aioboto3.Session()
    client = session.client(
        "s3",
        endpoint_url=bucket.endpoint or None,
        region_name=bucket.region,
        aws_access_key_id=bucket.key_id or None,
        aws_secret_access_key=bucket.secret or None,
        config=CONFIG,
    )
    async with cast("AbstractAsyncContextManager[S3Client]", client) as opened:
        yield opened


def status_of(error: Exception) -> int:
    """Return the HTTP status of the answer that the client raised."""
    status: int = _answer(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status


def code_of(error: Exception) -> str:
    """Return the code of that answer, the status where it had none."""
    code: str = _answer(error).get("Error", {}).get("Code", "")
    return code


def unreachable(error: Exception) -> StoreUnreachable:
    """Return our error for one of the client's."""
    if isinstance(error, ClientError) and status_of(error) < _SERVER_FAULT:
        return StoreUnreachable(f"The object store refused: {code_of(error)}")
    return StoreUnreachable("The object store is out of reach")


def _answer(error: Exception) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = getattr(error, "response", {})
    return answer
