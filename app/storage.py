"""Object storage: the only user of aiobotocore.

Clients send and fetch bytes by pre-signed URLs. Locally the proxy passes `/<bucket>/…` on to
the store and puts the store's own host back, for which the URL was signed; with
`GLIMPSE_STORAGE_PUBLIC_ENDPOINT` URLs are signed for that host and go there directly.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession, get_session
from aiohttp import ClientPayloadError
from botocore.exceptions import BotoCoreError, ClientError

from app import settings as groups
from app.errors import Unavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredObject:
    size_bytes: int
    content_type: str
    etag: str


class Unsatisfiable(Exception):
    """The range that was asked for is not in the object."""


@dataclass(frozen=True, slots=True)
class StoredStream:
    """An object, or a range of it, on its way."""

    size_bytes: int
    content_range: str
    """As HTTP has it; empty for the whole."""
    body: Any

    async def chunks(self) -> AsyncIterator[bytes]:
        async with self.body as stream:
            async for chunk in stream.iter_chunks(262_144):
                yield chunk


@cache
def _session() -> AioSession:
    """One a process: reading the library's description of S3 takes a tenth of a second."""
    return get_session()


def _config() -> AioConfig:
    return AioConfig(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=3,
        read_timeout=30,
        retries={"max_attempts": 2},
        max_pool_connections=32,
        # Newer defaults add checksum trailers that a pre-signed PUT of a browser can't send.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def _away(error: Exception) -> Unavailable:
    return Unavailable(
        "The server can't reach its object storage. Try again in a moment.",
        "storage_unavailable",
        retry_after_s=3,
    )


class Storage:
    """`async with Storage(settings.storage) as storage`. Calls raise Unavailable when it is away."""

    def __init__(self, settings: groups.Storage) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._client: Any = None
        self._signer: Any = None

    @property
    def bucket(self) -> str:
        return self._settings.bucket

    async def __aenter__(self) -> Self:
        self._client = await self._open(self._settings.endpoint)
        public = self._settings.public_endpoint
        self._signer = await self._open(public) if public else self._client
        return self

    async def _open(self, endpoint: str) -> Any:
        return await self._stack.enter_async_context(
            _session().create_client(
                "s3",
                endpoint_url=endpoint,
                region_name=self._settings.region,
                aws_access_key_id=self._settings.access_key,
                aws_secret_access_key=self._settings.secret_key,
                config=_config(),
            )
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def prepare(self) -> None:
        """Make the bucket, safe to repeat."""
        try:
            await self._client.create_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in (
                "BucketAlreadyOwnedByYou",
                "BucketAlreadyExists",
            ):
                raise
        await self._keep_tidy()

    async def _keep_tidy(self) -> None:
        """What remains should every sweep fail: a day after, originals and half uploads go."""
        rules = [
            {
                "ID": "incoming",
                "Status": "Enabled",
                "Filter": {"Prefix": f"{self._settings.region}/incoming/"},
                "Expiration": {"Days": 1},
            },
            {
                "ID": "half-uploads",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            },
        ]
        try:
            await self._client.put_bucket_lifecycle_configuration(
                Bucket=self.bucket, LifecycleConfiguration={"Rules": rules}
            )
        except ClientError as error:
            # Not every S3 has lifecycle rules; the sweep does the same work.
            log.warning("no lifecycle rules on this object storage: %s", error)

    async def ping(self) -> None:
        await self._client.head_bucket(Bucket=self.bucket)

    async def presign(
        self, method: str, params: dict[str, Any], life_s: int, origin: str = ""
    ) -> str:
        """A URL for one S3 call (`put_object`, `upload_part`, …) on the bucket. With `origin`
        it starts there, for a client that comes through the proxy."""
        signer = self._signer if origin else self._client
        url: str = await signer.generate_presigned_url(
            method, Params={"Bucket": self.bucket, **params}, ExpiresIn=life_s
        )
        if origin and not self._settings.public_endpoint:
            parts = urlsplit(url)
            return f"{origin}{parts.path}?{parts.query}"
        return url

    async def internal_path(self, key: str, life_s: int = 60) -> str:
        """`/bucket/key?signature`: what the proxy fetches on our word (X-Accel-Redirect)."""
        parts = urlsplit(await self.presign("get_object", {"Key": key}, life_s))
        return f"{parts.path}?{parts.query}"

    async def head(self, key: str) -> StoredObject | None:
        """What is stored under `key`; None when nothing is."""
        try:
            found = await self._client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise _away(error) from error
        except (BotoCoreError, OSError) as error:
            raise _away(error) from error
        return StoredObject(found["ContentLength"], found.get("ContentType", ""), found["ETag"])

    async def read(self, key: str, bytes_max: int) -> bytes | None:
        """The first `bytes_max` bytes of the object, or None."""
        try:
            found = await self._client.get_object(Bucket=self.bucket, Key=key)
            chunks, size = list[bytes](), 0
            async with found["Body"] as stream:
                async for chunk in stream.iter_chunks(262_144):
                    chunks.append(chunk)
                    size += len(chunk)
                    if size >= bytes_max:
                        break
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise _away(error) from error
        except (BotoCoreError, OSError, TimeoutError) as error:
            raise _away(error) from error
        return b"".join(chunks)[:bytes_max]

    async def save(self, key: str, file: IO[bytes], bytes_max: int) -> int | None:
        """Write the first `bytes_max` bytes of the object to `file`; how many, or None when
        there is no object."""
        size = 0
        try:
            found = await self._client.get_object(Bucket=self.bucket, Key=key)
            async with found["Body"] as stream:
                async for chunk in stream.iter_chunks(1 << 20):
                    await asyncio.to_thread(file.write, chunk[: bytes_max - size])
                    size = min(bytes_max, size + len(chunk))
                    if size == bytes_max:
                        break
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise _away(error) from error
        except (BotoCoreError, ClientPayloadError, ConnectionError, TimeoutError) as error:
            raise _away(error) from error
        return size

    async def open(self, key: str, byte_range: str = "") -> "StoredStream | None":
        """The object's bytes as they come, or those that an HTTP `Range` header names; None when
        there is no object. Raises Unsatisfiable."""
        wanted = {"Range": byte_range} if byte_range else {}
        try:
            found = await self._client.get_object(Bucket=self.bucket, Key=key, **wanted)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                return None
            if status == 416:
                raise Unsatisfiable from error
            raise _away(error) from error
        except (BotoCoreError, OSError) as error:
            raise _away(error) from error
        return StoredStream(found["ContentLength"], found.get("ContentRange", ""), found["Body"])

    async def write(self, key: str, content: bytes | IO[bytes], content_type: str) -> None:
        """Store bytes, or a file from its beginning."""
        try:
            await self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ContentType=content_type,
                CacheControl="private, max-age=31536000, immutable",
            )
        except (ClientError, BotoCoreError, OSError) as error:
            raise _away(error) from error

    async def copy(self, key: str, to: str) -> None:
        """Copy inside the store; one that is not there (any more) is no error."""
        try:
            await self._client.copy_object(
                Bucket=self.bucket, Key=to, CopySource={"Bucket": self.bucket, "Key": key}
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise _away(error) from error
        except (BotoCoreError, OSError) as error:
            raise _away(error) from error

    async def delete(self, *keys: str) -> None:
        """Delete; those that are not there are no error."""
        try:
            for start in range(0, len(keys), 500):
                objects = [{"Key": key} for key in keys[start : start + 500]]
                await self._client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects})
        except (ClientError, BotoCoreError, OSError) as error:
            raise _away(error) from error

    async def list_keys(self, prefix: str) -> list[str]:
        """The keys that begin with `prefix`, at most 1000."""
        try:
            answer = await self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        except (ClientError, BotoCoreError, OSError) as error:
            raise _away(error) from error
        return [found["Key"] for found in answer.get("Contents", [])]

    # Uploads in parts

    async def begin_parts(self, key: str, content_type: str) -> str:
        """Start an upload in parts; its upload id."""
        try:
            answer = await self._client.create_multipart_upload(
                Bucket=self.bucket, Key=key, ContentType=content_type
            )
        except (ClientError, BotoCoreError, OSError) as error:
            raise _away(error) from error
        return str(answer["UploadId"])

    async def parts(self, key: str, upload_id: str) -> dict[int, StoredObject]:
        """Parts that have arrived, by number; none when there is no such upload (any more)."""
        try:
            answer = await self._client.list_parts(Bucket=self.bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return {}
            raise _away(error) from error
        except (BotoCoreError, OSError) as error:
            raise _away(error) from error
        return {
            part["PartNumber"]: StoredObject(part["Size"], "", part["ETag"])
            for part in answer.get("Parts", [])
        }

    async def join_parts(self, key: str, upload_id: str, parts: dict[int, StoredObject]) -> None:
        """Make the object of its parts."""
        joined = [{"PartNumber": n, "ETag": parts[n].etag} for n in sorted(parts)]
        try:
            await self._client.complete_multipart_upload(
                Bucket=self.bucket,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": joined},
            )
        except (ClientError, BotoCoreError, OSError) as error:
            raise _away(error) from error

    async def abort_parts(self, key: str, upload_id: str) -> None:
        """Drop an upload in parts; one that is not there is no error."""
        try:
            await self._client.abort_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=upload_id
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise _away(error) from error
        except (BotoCoreError, OSError) as error:
            raise _away(error) from error
