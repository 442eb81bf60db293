"""Pages of a conversation around one of its messages."""

from tests.app.messages.test_messages import friends, say
from tests.fixtures.api import Api


async def test_a_page_around_a_message_goes_on_to_both_sides(api: Api) -> None:
    ana, ben = await friends(api)
    sent = [await say(ana, ben, str(n)) for n in range(12)]
    conversation, wanted = sent[0]["conversation_id"], sent[5]["message_id"]
    path = f"/conversations/{conversation}/messages"

    async def page(more: str) -> tuple[list[str], str | None, str | None]:
        data = await ben.get(f"{path}?{more}")
        shown = [message["text"] for message in data["messages"]]
        return shown, data["newer_cursor"], data["pagination"]["next_cursor"]

    shown, newer, older = await page(f"around={wanted}&limit=4")
    assert shown == ["7", "6", "5", "4"]
    assert (await page(f"cursor={older}&limit=3"))[0] == ["3", "2", "1"]
    shown, newer, back = await page(f"cursor={newer}&limit=3")
    assert shown == ["10", "9", "8"]
    assert (await page(f"cursor={back}&limit=1"))[0] == ["7"]
    shown, newer, _ = await page(f"cursor={newer}&limit=3")
    assert (shown, newer) == (["11"], None)
    # A place is a place, also when what stood there is gone.
    await ana.send("DELETE", f"/messages/{wanted}")
    assert (await page(f"around={wanted}&limit=4"))[0] == ["7", "6", "4", "3"]
    assert (await page(f"around={wanted}&limit=1"))[0] == ["4"]
    assert (await page("limit=3"))[1] is None
    for wrong in (f"around=x{wanted}", f"around={wanted}&cursor={back}"):
        assert (await ben.refused("GET", f"{path}?{wrong}", status=422))["code"] == "bad_around"


async def test_a_page_around_a_message_shows_nothing_from_before_one_came(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    body = {"usernames": [ben.username], "name": "Trip"}
    group = (await ana.call("POST", "/conversations", body))["conversation_id"]
    old = await say(ana, group, "old")
    await ana.call("POST", f"/conversations/{group}/members", {"usernames": [cat.username]})
    await say(ana, group, "new")
    data = await cat.get(f"/conversations/{group}/messages?around={old['message_id']}")
    assert [message["text"] for message in data["messages"]] == ["new"]
    assert not data["pagination"]["has_more"]
