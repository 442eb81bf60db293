"""The one origin: a real Caddy with the generated configuration before stand-ins and a real S3."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from app.settings import load_settings
from app.storage import Storage
from infra.local import binaries, caddyfile, probes
from infra.local.logs import Log
from infra.local.ports import PortBook
from infra.local.process import Process, Service
from tests.fixtures.stores import Stores

UPSTREAM = Path(__file__).with_name("upstream.py")
PHOTO = bytes(range(256)) * 64


@dataclass(frozen=True, slots=True)
class Front:
    """The origin under test."""

    client: httpx.AsyncClient
    port: int
    upstreams: list[Process]
    notes: Path

    def acts(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []


@asynccontextmanager
async def kept_alive(service: Service, folder: Path) -> AsyncIterator[Process]:
    """The service under supervision, ready."""
    process = Process(service, Log(service.name, folder / f"{service.name}.log", console=False))
    task = asyncio.create_task(process.run())
    try:
        async with asyncio.timeout(20):
            await process.is_ready.wait()
        yield process
    finally:
        process.stop()
        await task


def upstream(name: str, port: int, notes: Path) -> Service:
    command = (sys.executable, str(UPSTREAM), str(port), str(notes))
    return Service("app", name, command, lambda: probes.http_ok(port, "/healthz"), port)


@pytest.fixture
async def front(tmp_path: Path, stores: Stores) -> AsyncIterator[Front]:
    site = tmp_path / "site"
    (site / "assets").mkdir(parents=True)
    (site / "index.html").write_text("<title>the app</title>")
    (site / "assets" / "a.js").write_text("1")
    ports = PortBook({})
    notes = tmp_path / "notes"
    apps = [upstream(name, ports.take(name), notes) for name in ("one", "two")]
    ids = tuple(service.port or 0 for service in apps)
    origin = caddyfile.Origin(
        listen=caddyfile.Listen(ports.take("proxy")),
        apps=ids,
        gateways=ids,
        storage=stores.environment["GLIMPSE_STORAGE_ENDPOINT"],
        bucket="glimpse-media",
        site=site,
    )
    proxy = caddyfile.service(origin, tmp_path / "caddy", tmp_path)
    url = f"http://127.0.0.1:{origin.listen.port}"
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(kept_alive(app, tmp_path)) for app in apps]
        await stack.enter_async_context(kept_alive(proxy, tmp_path))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20))
        yield Front(client, origin.listen.port, running, notes)


@pytest.fixture
async def storage(stores: Stores) -> AsyncIterator[Storage]:
    async with Storage(load_settings(stores.environment).storage) as storage:
        await storage.prepare()
        yield storage


def test_caddy_accepts_the_configuration(tmp_path: Path) -> None:
    listen = caddyfile.Listen(8000, lan=True)
    origin = caddyfile.Origin(listen, (1,), (), "https://s3.example.org", "b", tmp_path)
    (tmp_path / "Caddyfile").write_text(caddyfile.render(origin, tmp_path))
    command = [binaries.find("proxy"), "validate", "--adapter", "caddyfile", "--config"]
    done = subprocess.run([*command, str(tmp_path / "Caddyfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_pages_of_the_web_app(front: Front) -> None:
    for path in ("/", "/p/post_1", "/settings"):
        page = await front.client.get(path)
        assert page.text == "<title>the app</title>"
        assert page.headers["cache-control"] == "no-cache"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "server" not in page.headers


async def test_built_files_are_kept_for_ever_and_missing_ones_are_missing(front: Front) -> None:
    built = await front.client.get("/assets/a.js")
    assert "immutable" in built.headers["cache-control"]
    gone = await front.client.get("/assets/gone.js")
    assert gone.status_code == 404
    assert gone.headers["cache-control"] == "no-store"
    assert gone.headers["x-content-type-options"] == "nosniff"
    assert "server" not in gone.headers


async def test_metrics_stay_inside(front: Front) -> None:
    assert (await front.client.get("/metrics")).status_code == 404


async def test_nobody_chooses_the_address_he_is_counted_under(front: Front) -> None:
    answer = await front.client.get("/api/act", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.json()["headers"]["x-forwarded-for"] == "127.0.0.1"


async def test_a_killed_app_process_costs_no_read_and_no_write(front: Front) -> None:
    async def ask(number: int) -> int:
        method = "POST" if number % 2 else "GET"
        await asyncio.sleep(number * 0.005)
        headers = {"Idempotency-Key": str(number)}
        answer = await front.client.request(method, "/api/act", content=b"x", headers=headers)
        return answer.status_code

    asking = asyncio.gather(*(ask(number) for number in range(300)))
    await asyncio.sleep(0.3)
    row = front.upstreams[0].row
    assert row.identity is not None
    os.kill(row.identity.pid, signal.SIGKILL)
    assert set(await asking) == {200}


@pytest.mark.parametrize(
    ("method", "headers", "status", "acts"),
    [
        ("GET", {}, 200, 2),
        ("POST", {}, 503, 1),
        ("POST", {"Idempotency-Key": "k"}, 200, 2),
    ],
)
async def test_what_was_sent_is_repeated_only_when_it_cannot_act_twice(
    front: Front, method: str, headers: dict[str, str], status: int, acts: int
) -> None:
    answer = await front.client.request(
        method, "/api/act?die=1", content=b"body" if method == "POST" else b"", headers=headers
    )
    assert answer.status_code == status
    assert len(front.acts()) == acts
    if status == 503:
        assert answer.json()["error"]["code"] == "unavailable"
        assert answer.headers["retry-after"] == "2"


async def test_sockets(front: Front) -> None:
    async with connect(f"ws://127.0.0.1:{front.port}/ws") as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"


async def _signed(storage: Storage, front: Front, method: str, key: str) -> str:
    origin = str(front.client.base_url)
    return await storage.presign(method, {"Key": key}, 60, origin.rstrip("/"))


async def test_an_upload_with_a_signed_url(front: Front, storage: Storage) -> None:
    url = await _signed(storage, front, "put_object", "u/1")
    assert (await front.client.put(url, content=PHOTO)).status_code == 200
    back = await front.client.get(await _signed(storage, front, "get_object", "u/1"))
    assert back.content == PHOTO
    assert "sandbox" in back.headers["content-security-policy"]
    assert not [name for name in back.headers if name.startswith("x-amz")]


async def test_an_upload_without_the_right_signature(front: Front, storage: Storage) -> None:
    url = await _signed(storage, front, "put_object", "u/2")
    assert (await front.client.put(url.partition("?")[0], content=PHOTO)).status_code == 403
    assert (await front.client.put(url[:-2] + "zz", content=PHOTO)).status_code == 403
    assert (await front.client.delete(url)).status_code == 403


async def _object(storage: Storage, key: str) -> str:
    """`/bucket/key?signature`, as the app names an object to the proxy."""
    url = await storage.presign("get_object", {"Key": key}, 60, "http://x")
    return url.removeprefix("http://x")


async def test_media_come_from_the_store_with_the_apps_headers(
    front: Front, storage: Storage
) -> None:
    url = await _signed(storage, front, "put_object", "m/1")
    await front.client.put(url, content=PHOTO, headers={"Content-Type": "text/html"})
    named = {"object": await _object(storage, "m/1")}
    whole = await front.client.get("/media/photo", params=named)
    assert (whole.status_code, whole.content) == (200, PHOTO)
    assert whole.headers.get_list("content-type") == ["image/webp"]
    assert whole.headers.get_list("etag") == ['"ours"']
    assert whole.headers.get_list("cache-control") == ["private, max-age=600"]
    assert not [n for n in whole.headers if n.startswith("x-a")]
    part = await front.client.get(
        "/media/photo", params=named, headers={"Range": "bytes=16-31", "If-Range": '"ours"'}
    )
    assert (part.status_code, part.content) == (206, PHOTO[16:32])
    assert part.headers["content-range"] == f"bytes 16-31/{len(PHOTO)}"
    head = await front.client.head("/media/photo", params=named)
    assert (head.status_code, head.content) == (200, b"")


async def test_media_that_are_not_there(front: Front, storage: Storage) -> None:
    answer = await front.client.get("/media/missing")
    assert (answer.status_code, answer.text) == (404, "no object here")
    gone = await front.client.get(
        "/media/photo", params={"object": await _object(storage, "m/gone")}
    )
    assert gone.status_code == 502
    assert gone.headers.get_list("cache-control") == ["no-store"]
    assert "NoSuchKey" not in gone.text


async def test_a_client_that_dribbles_its_headers_is_cut_off(front: Front) -> None:
    def dribble() -> float:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", front.port), timeout=30) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            while client.recv(100):
                pass
        return time.monotonic() - began

    assert 8 < await asyncio.to_thread(dribble) < 25


async def test_a_slow_body_waits_at_the_proxy_not_in_a_process(front: Front) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    writer.write(b"POST /api/begin HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nsl")
    await asyncio.sleep(1)
    assert front.acts() == []
    writer.write(b"ow")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    assert front.acts() == ["begin"]
    writer.close()
    await writer.wait_closed()
