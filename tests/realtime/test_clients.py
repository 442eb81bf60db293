"""Both clients on real gateway nodes, the TypeScript one as its users get it: built, in Node."""

import asyncio
import re
import subprocess
from pathlib import Path

import pytest

from app.live import Push
from app.resources import Resources
from tests.realtime.conftest import MakeAccount, SpawnNode
from tests.realtime.nodes import Account, Node
from tests.realtime.speakers import (
    ROOT,
    NodeSpeaker,
    PythonSpeaker,
    Speaker,
    build_node_client,
    node_program,
)
from tests.realtime.test_topics import COUNTS, make_post

SPEAKERS: dict[str, type[Speaker]] = {"python": PythonSpeaker, "node": NodeSpeaker}


@pytest.fixture(params=list(SPEAKERS))
def speaker(request: pytest.FixtureRequest) -> type[Speaker]:
    if request.param == "node":
        request.getfixturevalue("built_client")
    return SPEAKERS[request.param]


@pytest.fixture(scope="session")
def built_client() -> None:
    build_node_client()


async def push(resources: Resources, who: Account, numbers: range) -> None:
    for number in numbers:
        await resources.live.push([who.user_id], Push(f"ev-{number}", "post.new", {"n": number}))


async def heard(client: Speaker, numbers: range) -> list[int]:
    """The numbers of the next events, whose `seq` is dense; a resync fails."""
    events = [await client.event() for _ in numbers]
    first = events[0]["seq"]
    assert [event["seq"] for event in events] == list(range(first, first + len(events)))
    return [event["data"]["n"] for event in events]


async def test_a_client_outlives_cuts_nodes_and_itself(
    resources: Resources,
    spawn_node: SpawnNode,
    node: Node,
    account: MakeAccount,
    speaker: type[Speaker],
) -> None:
    doomed = await spawn_node("gw9")
    ana = await account()
    topic = f"post:{await make_post(resources, ana)}"
    closed = await make_post(resources, await account(), audience="followers")
    client = speaker()
    # The first token is refused, so a new one has to be asked for.
    await client.start([doomed.url, doomed.url, node.url], ["rubbish", ana.token], None)

    listed = await client.call("notifications.list", {})
    assert listed["data"]["notifications"] == []
    assert await client.call("posts.dance", {}) == {"error": "no_such_method"}
    made = await client.call("collections.create", {"name": "Holidays"}, "k1")
    assert made["data"]["name"] == "Holidays"
    assert await client.subscribe(topic) == "ok"
    assert await client.subscribe(f"post:{closed}") == "forbidden"
    await push(resources, ana, range(1, 4))
    assert await heard(client, range(1, 4)) == [1, 2, 3]

    await doomed.kill()
    await push(resources, ana, range(4, 7))
    assert await heard(client, range(4, 7)) == [4, 5, 6]
    # What was done on the dead node is done: the key gives the same answer on this one.
    assert await client.call("collections.create", {"name": "Holidays"}, "k1") == made

    await client.cut()
    await push(resources, ana, range(7, 9))
    asked = asyncio.ensure_future(client.call("notifications.list", {}))  # waits in the outbox
    assert await heard(client, range(7, 9)) == [7, 8]
    assert (await asked)["data"] == listed["data"]
    await resources.live.publish(topic, "post.counts", COUNTS)  # taken up again
    assert await client.update("post.counts") == COUNTS

    point = await client.close()
    await push(resources, ana, range(9, 12))
    later = speaker()
    await later.start([node.url], [ana.token], point)
    assert await heard(later, range(9, 12)) == [9, 10, 11]
    assert (await later.close())[1] == point[1] + 3


def test_the_documented_program_fits_the_types(built_client: None, tmp_path: Path) -> None:
    """The README's example, as a Node program that has no browser's types."""
    frontend = ROOT / "frontend"
    readme = (frontend / "src" / "socket" / "README.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```ts\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "program.mts").write_text(program, encoding="utf-8")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "glimpse-client").symlink_to(frontend / "dist-client")
    options = "--noEmit --strict --module nodenext --target es2022 --lib es2023 --types node"
    types = frontend / "node_modules" / "@types"
    tsc = frontend / "node_modules" / "typescript" / "bin" / "tsc"
    checked = subprocess.run(
        [node_program(), tsc, *options.split(), "--typeRoots", types, "program.mts"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout == ""
    assert checked.returncode == 0
