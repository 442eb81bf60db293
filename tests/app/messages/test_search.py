"""Finding what was said: all of it, nothing that one may not read, and at a bounded price."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest

from app import clock, ids
from app.messages import search, wordless, words
from tests.app.messages.test_messages import friends, say
from tests.fixtures.api import Api, Person


async def find(who: Person, query: str, **more: Any) -> Any:
    given = "".join(f"&{name}={quote(str(value))}" for name, value in more.items())
    return await who.get(f"/messages/search?q={quote(query)}{given}")


async def said(who: Person, query: str, **more: Any) -> list[str]:
    """The ids of what is found, all pages of it."""
    path = "".join(f"&{name}={quote(str(value))}" for name, value in more.items())
    pages = await who.pages(f"/messages/search?q={quote(query)}{path}", "messages", 3)
    return [hit["message_id"] for page in pages for hit in page]


async def group(who: Person, *others: Person, name: str = "") -> str:
    body = {"usernames": [other.username for other in others], "name": name}
    made: str = (await who.call("POST", "/conversations", body))["conversation_id"]
    return made


async def test_found_by_beginnings_newest_first_with_its_place(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    first = await say(ana, ben, "Shall we meet at the Café Zürich?")
    trip = await group(cat, ana, ben, name="Trip")
    second = await say(cat, trip, "the CAFÉ was closed")
    await say(ana, ben, "decaffeinated")
    data = await find(ana, "caf")
    assert [hit["message_id"] for hit in data["messages"]] == [
        second["message_id"],
        first["message_id"],
    ]
    hit = data["messages"][1]
    assert hit["user"]["username"] == ana.username
    assert hit["created_at"] == first["created_at"]
    assert hit["excerpt"] == [
        {"text": "Shall we meet at the ", "match": False},
        {"text": "Caf", "match": True},
        {"text": "é Zürich?", "match": False},
    ]
    assert [row["conversation_id"] for row in data["within"]] == [trip, first["conversation_id"]]
    assert await said(ben, "zurich cafe") == [first["message_id"]]
    assert await said(ana, "cafe", conversation_id=trip) == [second["message_id"]]
    assert await said(ben, "cafe berlin") == []


async def test_an_edit_and_an_unsend_count_at_once_and_leave_no_word(api: Api) -> None:
    ana, ben = await friends(api)
    made = await say(ana, ben, "secret harbour")
    path = f"/messages/{made['message_id']}"
    await ana.call("PUT", path, {"text": "quiet meadow"})
    assert await said(ben, "harbour") == []
    assert await said(ben, "mead") == [made["message_id"]]
    assert (await ana.send("DELETE", path)).status_code == 204
    assert await said(ben, "mead") == await said(ana, "quiet") == []
    stored = await api.resources.mongo.messages.find_one({"_id": made["message_id"]})
    assert stored is not None
    assert stored["words"] == []
    assert "meadow" not in str(stored)


async def test_only_what_one_may_read(api: Api) -> None:
    ana, ben, cat, dan = await friends(api, 4)
    trip = await group(ana, ben, cat)
    early = await say(ana, trip, "pear one")
    await ana.call("POST", f"/conversations/{trip}/members", {"usernames": [dan.username]})
    late = await say(ben, trip, "pear two")
    secret = await say(ana, ben, "pear three")
    # Who came later, who is elsewhere, who left.
    assert await said(dan, "pear") == [late["message_id"]]
    assert await said(cat, "pear") == [late["message_id"], early["message_id"]]
    place = f"/messages/search?q=pear&conversation_id={secret['conversation_id']}"
    assert (await cat.refused("GET", place, status=404))["code"] == "conversation_not_found"
    assert (await cat.send("DELETE", f"/conversations/{trip}")).status_code == 204
    assert await said(cat, "pear") == []
    # A block hides the two from each other in a group, and ends what they had alone.
    await ben.call("POST", f"/users/{ana.username}/block")
    assert await said(ben, "pear") == [late["message_id"]]
    assert await said(ana, "pear") == [early["message_id"]]
    await ben.call("DELETE", f"/users/{ana.username}/block")
    assert len(await said(ben, "pear")) == 3


async def test_requests_are_found_and_declined_ones_are_not(api: Api) -> None:
    ana, eve = await api.people(2)
    made = await say(eve, ana, "pineapple offer")
    data = await find(ana, "pine")
    assert data["within"][0]["folder"] == "requests"
    conversation = made["conversation_id"]
    stored = await api.resources.mongo.conversations.find_one({"_id": conversation})
    # To find is not to read: nothing moved.
    assert stored is not None
    assert stored["members"][ana.user_id]["read_up_to"] == ""
    await ana.call("POST", f"/conversations/{conversation}/decline")
    assert await said(ana, "pine") == []
    assert await said(eve, "pine") == [made["message_id"]]
    # It may still be opened, and then searched.
    assert await said(ana, "pine", conversation_id=conversation) == [made["message_id"]]


async def test_conversations_are_found_by_their_names(api: Api) -> None:
    ana, ben = await friends(api)
    cat = await api.person("zora", full_name="Zoë Ångström")
    await ana.follow(cat)
    await cat.follow(ana)
    direct = (await say(ana, cat, "hello"))["conversation_id"]
    sailing = await group(ana, ben, name="Sailing in May")
    found = (await find(ana, "angst"))["conversations"]
    assert [row["conversation_id"] for row in found] == [direct]
    found = (await find(ana, "may sail"))["conversations"]
    assert [row["conversation_id"] for row in found] == [sailing]
    # Oneself is in all of them, and someone behind a block in none.
    assert (await find(ana, ana.username))["conversations"] == []
    await cat.call("POST", f"/users/{ana.username}/block")
    assert (await find(ana, "angst"))["conversations"] == []


@pytest.mark.parametrize(
    ("query", "status", "field", "code"),
    [
        ("q=", 422, "q", "invalid"),
        ("q=%20%20", 422, "q", "invalid"),
        ("", 422, "q", "invalid"),
        (f"q={'x' * 101}", 422, "q", "invalid"),
        ("q=%3F%21", 422, "q", "no_words"),
        ("q=a%00b", 422, "q", "invalid"),
        ("q[$ne]=a", 422, "q[$ne]", "invalid"),
        ("q=a&limit=101", 422, "limit", "invalid"),
        ("q=a&cursor=AAAA", 422, "cursor", "bad_cursor"),
        ("q=a&conversation_id[$gt]=", 422, "conversation_id[$gt]", "invalid"),
    ],
)
async def test_rubbish(api: Api, query: str, status: int, field: str, code: str) -> None:
    ana = await api.person()
    error = await ana.refused("GET", f"/messages/search?{query}", status=status)
    assert field in error["details"]["fields"]
    assert error["code"] == code


async def test_words_of_a_query_are_words_alone(api: Api) -> None:
    """No operator, no pattern, no path."""
    ana, ben = await friends(api)
    made = await say(ana, ben, "cost: $100 (50% off) .* {x}")
    for query in ("$10", "50%", "{x}", "COST", "off)"):
        assert await said(ana, query) == [made["message_id"]], query
    for query in ("$ne", "x.*y", "$where", "^cost$9"):
        assert await said(ana, query) == [], query
    operator = quote('{"$ne": 1}')
    await ana.refused("GET", f"/messages/search?q=a&conversation_id={operator}", status=404)


async def test_a_cursor_belongs_to_its_search(api: Api) -> None:
    ana, ben = await friends(api)
    conversation = (await say(ana, ben, "plum 1"))["conversation_id"]
    await say(ana, ben, "plum 2")
    cursor = (await find(ana, "plum", limit=1))["pagination"]["next_cursor"]
    assert len((await find(ana, "PLUM", limit=1, cursor=cursor))["messages"]) == 1
    for who, more in (
        (ana, "q=plu"),
        (ben, "q=plum"),
        (ana, f"q=plum&conversation_id={conversation}"),
    ):
        path = f"/messages/search?{more}&limit=1&cursor={cursor}"
        assert (await who.refused("GET", path, status=422))["code"] == "bad_cursor"


async def test_pages_neither_skip_nor_double_while_people_write(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    made = [await say(ana, (ben, cat)[n % 2], f"fig {n}") for n in range(9)]
    found: list[str] = []
    cursor = ""
    while True:
        data = await find(ana, "fig", limit=2, **({"cursor": cursor} if cursor else {}))
        found += [hit["message_id"] for hit in data["messages"]]
        # What moves the conversations in their list, and a hit that goes.
        await say(cat, ana, "fig late")
        if not data["pagination"]["has_more"]:
            break
        cursor = data["pagination"]["next_cursor"]
    assert found == [one["message_id"] for one in reversed(made)]


WORDS = ["tea", "Teapot", "été", "team", "a", "an", "東京", "京都", "тест", "x1", "non-stop", "tëa"]
NAIVE = str.maketrans("éë", "ee")
QUERIES = ["te", "tea", "TEAM", "ete", "a", "京", "東京", "тес", "tea an", "x", "stop", "teapot x1"]


def naive(query: str, text: str) -> bool:
    """What the rule says, without anything of how it is done."""
    there = text.lower().translate(NAIVE).replace("-", " ").split()
    return all(
        any(part in word if ord(part[0]) > 0x3000 else word.startswith(part) for word in there)
        for part in query.lower().split()
    )


async def readable(who: Person) -> list[Any]:
    """Everything that the person can read, by reading it, newest first."""
    found: list[Any] = []
    for folder in ("inbox", "requests"):
        for rows in await who.pages(f"/conversations?folder={folder}", "conversations", 50):
            for row in rows:
                path = f"/conversations/{row['conversation_id']}/messages"
                for page in await who.pages(path, "messages", 100):
                    found += page
    return sorted(found, key=lambda one: str(one["message_id"]), reverse=True)


@pytest.mark.parametrize("seed", range(3))
async def test_a_search_finds_what_reading_everything_finds(api: Api, seed: int) -> None:
    dice = random.Random(seed)
    people = await friends(api, 3)
    stranger = await api.person("eve")
    groups = [await group(people[0], *people[1:]) for _ in range(2)]
    sent: list[tuple[Person, str]] = []

    def some() -> str:
        return " ".join(dice.choices(WORDS, k=dice.randint(1, 4)))

    for _ in range(60):
        who = dice.choice([*people, stranger])
        match dice.randint(0, 9):
            case 0 | 1 if sent:
                author, message_id = dice.choice(sent)
                await author.send("PUT", f"/messages/{message_id}", {"text": some()})
            case 2 if sent:
                author, message_id = sent.pop(dice.randrange(len(sent)))
                await author.send("DELETE", f"/messages/{message_id}")
            case 3:
                body = {"usernames": [stranger.username]}
                await people[0].send("POST", f"/conversations/{dice.choice(groups)}/members", body)
            case 4 if dice.random() < 0.4:
                await people[1].call("POST", f"/users/{people[2].username}/block")
            case 5 if dice.random() < 0.3:
                await dice.choice(people[1:]).send("DELETE", f"/conversations/{groups[1]}")
            case _:
                others = [other for other in people if other is not who]
                target = dice.choice([*groups, *others])
                to = target if isinstance(target, str) else target.username
                answer = await who.send("POST", "/messages", {"to": to, "text": some()})
                if answer.status_code == 201:
                    sent.append((who, answer.json()["data"]["message_id"]))
    hits = 0
    for who in (*people, stranger):
        everything = await readable(who)
        for query in QUERIES:
            wanted = [one["message_id"] for one in everything if naive(query, one["text"])]
            assert await said(who, query) == wanted, f"{query!r} as {who.username}"
            hits += len(wanted)
    assert hits > 100


async def test_messages_from_before_are_made_up_for(api: Api) -> None:
    ana, ben = await friends(api)
    made = [await say(ana, ben, f"old walnut {n}") for n in range(3)]
    mongo = api.resources.mongo
    mine = {"_id": {"$in": [one["message_id"] for one in made]}}
    await mongo.messages.update_many(mine, {"$unset": {"words": ""}})
    assert await said(ben, "walnut") == []
    find_some = {"find": "messages", "filter": {"words": None}, "hint": "wordless", "limit": 500}
    stats = (await mongo.command("explain", find_some, verbosity="executionStats"))[
        "executionStats"
    ]
    assert stats["totalDocsExamined"] == stats["nReturned"] == 3
    before = await mongo.messages.find(mine, {"words": 0}).to_list(None)
    assert await wordless.index_some(mongo) == 3
    assert await wordless.index_some(mongo) == 0
    assert await mongo.messages.find(mine, {"words": 0}).to_list(None) == before
    assert len(await said(ben, "walnut")) == 3


# -- The price of it


def row(n: int, author: str, conversation: str, at_ms: int) -> dict[str, Any]:
    text = f"common word{n % 1000}{' rare' if n % 2000 == 7 else ''}"
    return {
        "_id": ids.new_id("msg", at_ms + n),
        "conversation_id": conversation,
        "key": f"k{n}",
        "author_id": author,
        "text": text,
        "media": None,
        "post_id": None,
        "reply_to": None,
        "reactions": {},
        "ref": None,
        "created_at": clock.now(),
        "edited_at": None,
        "deleted_at": None,
        "words": words.tokens(text),
    }


CONVERSATIONS = 250
LATE = 20
"""Conversations that one came to when half of it was said."""


@pytest.fixture(scope="module")
async def much(api: Api, pytestconfig: pytest.Config) -> tuple[Person, list[str], int]:
    """Someone with 20,000 messages (100,000 with --long) in 250 conversations, more than are
    merged in one query, and other people's beside them; and how many."""
    count = 100_000 if pytestconfig.getoption("--long") else 20_000
    ana, ben = await friends(api)
    mongo = api.resources.mongo
    made = await group(ana, ben)
    model = await mongo.conversations.find_one({"_id": made})
    assert model is not None
    at_ms = ids.now_ms() + 1
    places = [ids.new_id("conv") for _ in range(CONVERSATIONS)]
    rows: list[dict[str, Any]] = []
    for n in range(count):
        rows.append(row(n, ben.user_id, places[n % CONVERSATIONS], at_ms))
        if len(rows) == 5000:
            await mongo.messages.insert_many(rows, ordered=False)
            rows = []
    await mongo.messages.insert_many(row(n, "usr_x", "conv_x", at_ms) for n in range(2000))
    lasts = {
        found["_id"]: found["last"]
        async for found in mongo.messages.aggregate(
            [{"$group": {"_id": "$conversation_id", "last": {"$max": "$_id"}}}]
        )
    }
    middle = ids.lowest_id("msg", at_ms + count // 2)
    late = {**model["members"], ana.user_id: {**model["members"][ana.user_id], "since": middle}}
    await mongo.conversations.insert_many(
        {**model, "_id": one, "last_id": lasts[one], "last_author_id": ben.user_id}
        | ({"members": late} if number < LATE else {})
        for number, one in enumerate(places)
    )
    return ana, places, count


@asynccontextmanager
async def profiled(api: Api) -> AsyncIterator[list[Any]]:
    """What was asked of the messages meanwhile."""
    mongo = api.resources.mongo
    found: list[Any] = []
    await mongo.command("profile", 0)
    await mongo.drop_collection("system.profile")
    await mongo.command("profile", 2)
    try:
        yield found
    finally:
        await mongo.command("profile", 0)
    ns = {"ns": f"{mongo.name}.messages"}
    found += await mongo["system.profile"].find(ns).to_list(None)


@pytest.mark.parametrize("query", ["common", "c", "rare", "word7", "common rare", "rare word7"])
async def test_the_price_of_a_page_is_bounded(
    api: Api, much: tuple[Person, list[str], int], query: str
) -> None:
    ana, _, count = much
    async with profiled(api) as asked:
        data = await find(ana, query)
    # All the rare ones are in one conversation, to which one came when half of them were said.
    few = min(20, count // 4000)
    assert len(data["messages"]) == (few if "rare" in query else 20)
    assert not any("COLLSCAN" in one.get("planSummary", "") for one in asked)
    assert not any(one.get("hasSortStage") for one in asked)
    # The messages looked at; and what each conversation costs, in each of the queries.
    assert 0 < sum(one.get("docsExamined", 0) for one in asked) <= search.READ_MAX
    assert sum(one.get("keysExamined", 0) for one in asked) <= 3 * (
        search.READ_MAX + 2 * CONVERSATIONS
    )


async def test_all_of_it_is_found_once(api: Api, much: tuple[Person, list[str], int]) -> None:
    ana, places, count = much
    pages = await ana.pages("/messages/search?q=word77", "messages", 100)
    found = [hit["message_id"] for page in pages for hit in page]
    mongo = api.resources.mongo
    # word77 and word770 to word779.
    text = {"$regex": r"\bword77\d?\b"}
    query = {"conversation_id": {"$in": places}, "text": text}
    rows = mongo.messages.find(query, {"conversation_id": 1}).sort("_id", -1)
    middle = (await mongo.conversations.find_one({"_id": places[0]}) or {})["members"]
    since = dict.fromkeys(places[:LATE], middle[ana.user_id]["since"])
    stored = [
        one["_id"] async for one in rows if one["_id"] >= since.get(one["conversation_id"], "")
    ]
    assert found == stored
    assert len(found) > 10 * count // 1000
