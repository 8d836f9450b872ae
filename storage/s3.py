"""Objects in a bucket of R2 or any other S3."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from uuid import uuid4

from botocore.exceptions import ClientError

from pipeline.errors import ObjectMissing, StoreUnreachable
from storage.buckets import Bucket
from storage.objects import is_key
from storage.s3_client import OUT_OF_REACH, S3Client, code_of, connected, status_of, unreachable

PART_BYTES: Final = 8 * 1024 * 1024
"""Size of the parts that larger objects are sent in."""

SIGNED_SECONDS: Final = 3600

# The longest that one operation takes, its retries and all its bytes included.
_SECONDS: Final = 60.0
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_DRAFTS: Final = "drafts/"
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_EXISTS: Final = 412


@dataclass(frozen=True, slots=True)
class S3Objects:
    """An object store in `bucket`; every method but `url` raises `StoreUnreachable`.

    Keys lie below `folder`, which ends with a slash where there is one.
    """

    client: S3Client
    bucket: Bucket
    folder: str = ""
    caching: str = _FOR_EVER

    def drafts(self) -> Self:
        """Return the part of the bucket for drafts, which no browser has to know of."""
        return replace(self, folder=_DRAFTS, caching="private, no-store")

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store it whole or not at all; what lies there already is left as it is.

        Raises `ValueError` for a key that is none or of another type.
        """
        if not is_key(key, content_type):
            raise ValueError(f"{key!r} is no key for {content_type}")
        about = self._place(key) | {"ContentType": content_type, "CacheControl": self.caching}
        async with _bounded():
            if await self._exists(key):
                return
            try:
                await self._send(about, content)
            except ClientError as error:
                if not await self._written_meanwhile(error, key):
                    raise

    async def get(self, key: str) -> bytes:
        """Raise `ObjectMissing` where there is none."""
        if not is_key(key):
            raise ObjectMissing(key)
        async with _bounded():
            try:
                answer = await self.client.get_object(**self._place(key))
            except ClientError as error:
                # A bucket that is not there has this status too.
                if code_of(error) == "NoSuchKey":
                    raise ObjectMissing(key) from error
                raise
            content: bytes = await answer["Body"].read()
            return content

    async def delete(self, key: str) -> None:
        """Do nothing where there is none."""
        if is_key(key):
            async with _bounded():
                await self.client.delete_object(**self._place(key))

    async def older_than(self, age: timedelta) -> list[str]:
        """Return the keys of what was put so long ago."""
        moment = datetime.now(UTC) - age
        found: list[str] = []
        more: dict[str, str] = {}
        async with _bounded():
            while True:
                page = await self.client.list_objects_v2(
                    Bucket=self.bucket.name, Prefix=self.folder, **more
                )
                for one in page.get("Contents", ()):
                    key = str(one["Key"]).removeprefix(self.folder)
                    if is_key(key) and one["LastModified"] < moment:
                        found.append(key)
                if not page.get("IsTruncated"):
                    return found
                more = {"ContinuationToken": page["NextContinuationToken"]}

    def url(self, key: str) -> str:
        """Return where a browser fetches it."""
        return f"{self.bucket.public_url}/{key}"

    async def signed(self, key: str, *, method: str = "GET") -> str:
        """Return an address of the object that is good for an hour."""
        operation = "head_object" if method == "HEAD" else "get_object"
        with _translated():
            return await self.client.generate_presigned_url(
                operation, Params=self._place(key), ExpiresIn=SIGNED_SECONDS
            )

    async def problem(self) -> str | None:
        """Return a sentence if the bucket can't be reached now."""
        try:
            async with _bounded():
                await self.client.head_bucket(Bucket=self.bucket.name)
        except StoreUnreachable as error:
            return f"{error} (bucket {self.bucket.name})"
        return None

    async def trial(self) -> str | None:
        """Write, read and delete an object; return a sentence if that is not possible."""
        place = {"Bucket": self.bucket.name, "Key": f".designer-bff/{uuid4()}"}
        step = "written"
        try:
            async with _bounded():
                await self.client.put_object(**place, Body=b"trial")
                step = "read"
                answer = await self.client.get_object(**place)
                whole = await answer["Body"].read() == b"trial"
                step = "deleted"
                await self.client.delete_object(**place)
        except StoreUnreachable as error:
            return f"Nothing can be {step} in bucket {self.bucket.name}: {error}"
        return None if whole else f"Bucket {self.bucket.name} gives back other bytes"

    async def _send(self, about: dict[str, str], content: bytes) -> None:
        if len(content) > PART_BYTES:
            await self._send_parts(about, content)
        else:
            await self.client.put_object(**about, Body=content, IfNoneMatch="*")

    async def _send_parts(self, about: dict[str, str], content: bytes) -> None:
        started = await self.client.create_multipart_upload(**about)
        place = {"Bucket": about["Bucket"], "Key": about["Key"]}
        upload = place | {"UploadId": str(started["UploadId"])}
        try:
            parts = [await self._part(upload, at, content) for at in _starts(content)]
            await self.client.complete_multipart_upload(
                **upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
            )
        except BaseException:
            # Parts of what was never completed are kept, unseen, and billed.
            with suppress(ClientError, *OUT_OF_REACH):
                await self.client.abort_multipart_upload(**upload)
            raise

    async def _part(self, upload: dict[str, str], start: int, content: bytes) -> dict[str, Any]:
        number = start // PART_BYTES + 1
        body = content[start : start + PART_BYTES]
        answer = await self.client.upload_part(**upload, PartNumber=number, Body=body)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    async def _exists(self, key: str) -> bool:
        try:
            await self.client.head_object(**self._place(key))
        except ClientError as error:
            if status_of(error) == _NOT_FOUND:
                return False
            raise
        return True

    async def _written_meanwhile(self, error: ClientError, key: str) -> bool:
        # The key names the content, so whoever was faster has stored the same.
        if status_of(error) == _EXISTS:
            return True
        return status_of(error) == _CONFLICT and await self._exists(key)

    def _place(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket.name, "Key": f"{self.folder}{key}"}


@asynccontextmanager
async def opened(bucket: Bucket) -> AsyncGenerator[S3Objects]:
    """Hold the connections to the bucket until the block ends."""
    async with connected(bucket) as client:
        yield S3Objects(client, bucket)


def _starts(content: bytes) -> range:
    return range(0, len(content), PART_BYTES)


@asynccontextmanager
async def _bounded() -> AsyncGenerator[None]:
    with _translated():
        async with asyncio.timeout(_SECONDS):
            yield


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (ClientError, *OUT_OF_REACH) as error:
        raise unreachable(error) from error
