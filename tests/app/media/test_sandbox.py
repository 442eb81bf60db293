import asyncio
import os
import resource
import signal
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.media.rejection import MediaRejected
from app.media.sandbox import ImageSandbox, SandboxBroken, SandboxBusy
from app.settings import Media
from tests.app.media.samples import HEIC, encoded, exif, gif, opened, photo, png, png_bomb


@pytest.fixture(name="sandbox")
async def _sandbox() -> AsyncIterator[ImageSandbox]:
    async with ImageSandbox(Media(), children=1) as sandbox:
        yield sandbox


async def refused(sandbox: ImageSandbox, data: bytes, declared: str) -> MediaRejected:
    with pytest.raises(MediaRejected) as caught:
        await sandbox.process(data, declared)
    return caught.value


def _environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


async def test_every_format_with_one_warm_child(sandbox: ImageSandbox) -> None:
    source = photo("chelsea.png")
    files = {
        f"image/{kind.lower()}": encoded(source, kind)
        for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
    }
    files["image/heic"] = HEIC.read_bytes()
    for media_type, data in files.items():
        done = await sandbox.process(data, media_type)
        assert (done.width, done.height) == (451, 300)
        assert [v.width for v in done.variants] == [451, 451, 150, 150]
        assert all(opened(v.data).size == (v.width, v.height) for v in done.variants)
        assert len(sandbox.pids) == 1
    pids = sandbox.pids
    two = encoded(source, "MPO", save_all=True, append_images=[source], exif=exif(6))
    assert (await sandbox.process(two, "image/jpeg")).width == 300
    grey = encoded(source.convert("CMYK"), "JPEG", icc_profile=b"broken")
    assert (await sandbox.process(grey, "image/jpeg")).width == 451
    assert sandbox.pids == pids


async def test_from_a_file(sandbox: ImageSandbox, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(photo(), "JPEG"))
    assert (await sandbox.process(path, "image/jpeg")).width == 512
    one = await sandbox.resize(path, "image/jpeg", 320, "webp")
    assert (one.name, one.format, opened(one.data).size) == ("320", "webp", (320, 320))


async def test_reasons_come_through_and_the_child_lives_on(sandbox: ImageSandbox) -> None:
    await sandbox.process(encoded(photo(), "JPEG"), "image/jpeg")
    pids = sandbox.pids
    for data, declared, code in [
        (b"", "image/jpeg", "truncated"),
        (b"<svg/>", "image/svg+xml", "unsupported_type"),
        (encoded(photo(), "PNG"), "image/jpeg", "type_mismatch"),
        (png_bomb(), "image/png", "too_many_pixels"),
        (png(50_000, 50_000), "image/png", "too_many_pixels"),
        (gif(1001), "image/gif", "too_many_frames"),
        (encoded(photo(), "JPEG")[:9000], "image/jpeg", "truncated"),
        (b"\xff\xd8\xff" + bytes(21 << 20), "image/jpeg", "too_large"),
    ]:
        assert (await refused(sandbox, data, declared)).code == code
    assert sandbox.pids == pids
    assert (await sandbox.process(encoded(photo(), "JPEG"), "image/jpeg")).width == 512


async def test_a_child_is_confined(sandbox: ImageSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIMPSE_AUTH_SECRET", "do-not-leak-this")
    await sandbox.process(encoded(photo(), "JPEG"), "image/jpeg")
    (pid,) = sandbox.pids
    assert resource.prlimit(pid, resource.RLIMIT_NOFILE) == (3, 3)
    assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0)
    assert resource.prlimit(pid, resource.RLIMIT_AS)[0] == 1024 << 20
    assert resource.prlimit(pid, resource.RLIMIT_CPU)[0] < 40
    assert os.listdir(f"/proc/{pid}/fd") == ["0", "1", "2"]
    assert "GLIMPSE" not in _environment(pid)


async def test_too_much_memory_is_told_and_the_child_replaced() -> None:
    big = png(7000, 7000, bytes(7001 * 7000))
    noisy = encoded(photo(size=(5000, 5000)), "WEBP", method=0)
    async with ImageSandbox(replace(Media(), image_memory_mb=130), children=1) as sandbox:
        await sandbox.process(encoded(photo(), "JPEG"), "image/jpeg")
        before = sandbox.pids
        assert (await refused(sandbox, noisy, "image/webp")).code in (
            "memory_limit",
            "decode_failed",  # libwebp does not say why it gave up
        )
        sandboxed = await sandbox.process(big, "image/png")  # 49 MB of grey fit
        assert sandboxed.width == 7000
        rgb = encoded(Image.new("RGB", (7000, 7000)), "PNG", compress_level=1)
        assert (await refused(sandbox, rgb, "image/png")).code == "memory_limit"
        assert not set(before) & set(sandbox.pids)
        await sandbox.process(encoded(photo(), "JPEG"), "image/jpeg")


async def test_a_hanging_child_is_killed_and_replaced() -> None:
    data = encoded(photo(), "JPEG")
    async with ImageSandbox(replace(Media(), image_timeout_s=1), children=1) as sandbox:
        await sandbox.process(data, "image/jpeg")
        (pid,) = sandbox.pids
        os.kill(pid, signal.SIGSTOP)
        assert (await refused(sandbox, data, "image/jpeg")).code == "time_limit"
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert (await sandbox.process(data, "image/jpeg")).width == 512


@pytest.mark.parametrize(
    ("death", "code"),
    [
        (signal.SIGXCPU, "time_limit"),
        (signal.SIGKILL, "memory_limit"),
        (signal.SIGSEGV, "decode_failed"),
    ],
)
async def test_a_dying_child_is_one_refusal(
    sandbox: ImageSandbox, death: signal.Signals, code: str
) -> None:
    data = encoded(photo(), "JPEG")
    await sandbox.process(data, "image/jpeg")
    (pid,) = sandbox.pids
    os.kill(pid, signal.SIGSTOP)
    job = asyncio.create_task(refused(sandbox, data, "image/jpeg"))
    await asyncio.sleep(0.05)
    os.kill(pid, death)
    with suppress(ProcessLookupError):  # SIGKILL does not wait for it
        os.kill(pid, signal.SIGCONT)
    assert (await job).code == code
    assert (await sandbox.process(data, "image/jpeg")).width == 512


async def test_a_failure_of_ours_is_not_the_pictures_fault(sandbox: ImageSandbox) -> None:
    data = encoded(photo(), "JPEG")
    await sandbox.process(data, "image/jpeg")
    (pid,) = sandbox.pids
    os.kill(pid, signal.SIGTERM)
    with pytest.raises(SandboxBroken):
        await sandbox.process(data, "image/jpeg")
    assert (await sandbox.process(data, "image/jpeg")).width == 512


async def test_a_cancelled_job_takes_its_child_along(sandbox: ImageSandbox) -> None:
    data = encoded(photo(), "JPEG")
    await sandbox.process(data, "image/jpeg")
    (pid,) = sandbox.pids
    os.kill(pid, signal.SIGSTOP)
    job = asyncio.create_task(sandbox.process(data, "image/jpeg"))
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert sandbox.pids == []
    assert (await sandbox.process(data, "image/jpeg")).width == 512


async def test_the_line_is_bounded() -> None:
    data = encoded(photo(), "JPEG")
    async with ImageSandbox(Media(), children=1, waiting_max=2) as sandbox:
        jobs = [asyncio.create_task(sandbox.process(data, "image/jpeg")) for _ in range(5)]
        results = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(result, SandboxBusy) for result in results) == 2
    assert sum(not isinstance(result, Exception) for result in results) == 3


async def test_children_work_side_by_side() -> None:
    data = encoded(photo(), "JPEG")
    async with ImageSandbox(Media(), children=2) as sandbox:
        done = await asyncio.gather(*(sandbox.process(data, "image/jpeg") for _ in range(6)))
        assert len(sandbox.pids) == 2
        pids = sandbox.pids
    assert len({tuple(zlib.crc32(v.data) for v in one.variants) for one in done}) == 1
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
