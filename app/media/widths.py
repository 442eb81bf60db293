"""Other widths on demand (`?w=`): made once from the largest variant, kept beside the others.

A process makes a width once however many ask at the same time; two processes may both make
it, and store the same bytes twice.
"""

import asyncio
from typing import Any

from app.errors import Invalid, Unavailable
from app.media.photo import Format
from app.media.sandbox import ImageSandbox, SandboxBusy
from app.media.urls import EXTENSIONS
from app.memory import TtlCache
from app.storage import Storage

WIDTH_MIN, WIDTH_MAX = 16, 1080
STEP = 40
"""Widths are rounded up to a multiple: 27 files a format at most, however many are asked for."""

_SOURCE_BYTES_MAX = 16 * 1024 * 1024
_FORMATS: dict[str, Format] = {"webp": "webp", "jpg": "jpeg"}


def parse_width(text: str) -> int:
    """`?w=` in pixels, rounded up to the step; raises Invalid."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise Invalid.field("w", f"A whole number from {WIDTH_MIN} to {WIDTH_MAX}.")
    width = int(text)
    if not WIDTH_MIN <= width <= WIDTH_MAX:
        raise Invalid.field("w", f"From {WIDTH_MIN} to {WIDTH_MAX} pixels.")
    return -(-width // STEP) * STEP


class Widths:
    def __init__(self, storage: Storage, sandbox: ImageSandbox) -> None:
        self._storage = storage
        self._sandbox = sandbox
        self._stored: TtlCache[bool] = TtlCache(20_000, 600.0)
        self._making: dict[str, asyncio.Task[None]] = {}

    async def file(
        self, prefix: str, variants: list[dict[str, Any]], extension: str, width: int
    ) -> str:
        """The name of the file that is `width` wide, made if it was not there.

        A width that exists, or that the source does not have, is answered with a variant.
        Raises Unavailable when too many are being made.
        """
        same = [v for v in variants if v["ext"] == extension]
        largest = max(same, key=lambda v: int(v["width"]))
        for variant in sorted(same, key=lambda v: int(v["width"])):
            if variant["width"] == width or (variant is largest and variant["width"] <= width):
                return f"{variant['name']}.{extension}"
        name = f"w{width}.{extension}"
        key = prefix + name
        if self._stored.get(key) is None:
            await self._once(prefix, variants, extension, width, key)
            self._stored.put(key, True)
        return name

    async def _once(
        self, prefix: str, variants: list[dict[str, Any]], extension: str, width: int, key: str
    ) -> None:
        task = self._making.get(key)
        if task is None:
            task = asyncio.create_task(self._make(prefix, variants, extension, width, key))
            self._making[key] = task
            task.add_done_callback(lambda _: self._making.pop(key, None))
        # Whoever asked first may go away; the others still wait for it.
        await asyncio.shield(task)

    async def _make(
        self, prefix: str, variants: list[dict[str, Any]], extension: str, width: int, key: str
    ) -> None:
        if await self._storage.head(key) is not None:
            return
        # From the JPEG: it is decoded at a fraction of its size.
        source = max((v for v in variants if v["ext"] == "jpg"), key=lambda v: int(v["width"]))
        data = await self._storage.read(f"{prefix}{source['name']}.jpg", _SOURCE_BYTES_MAX)
        if data is None:
            raise Unavailable("This picture can't be resized now.", retry_after_s=2)
        try:
            made = await self._sandbox.resize(data, "image/jpeg", width, _FORMATS[extension])
        except SandboxBusy as error:
            raise Unavailable(
                "Too many pictures are being resized. Try again in a moment.", retry_after_s=1
            ) from error
        await self._storage.write(key, made.data, EXTENSIONS[extension])
