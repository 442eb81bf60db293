"""Comments of a restricted person: between them and the post's author until approved."""

from tests.fixtures.api import Api, Person


async def texts(who: Person, path: str) -> list[str]:
    return [comment["text"] for comment in (await who.get(path))["comments"]]


async def test_held_until_approved(api: Api) -> None:
    ana, ben, cleo = await api.people(3)
    post = await ana.post()
    path = f"/posts/{post['post_id']}/comments"
    await ben.call("POST", path, {"text": "before"})
    done = {"username": ben.username, "done": True}
    for _ in range(2):
        assert await ana.call("POST", f"/users/{ben.username}/restrict") == done
    made = await ben.call("POST", path, {"text": "after"})
    assert await texts(ben, path) == await texts(ana, path) == ["after", "before"]
    assert await texts(cleo, path) == ["before"]
    # To the one it was done to, nothing shows it.
    assert [c["is_held"] for c in (await ben.get(path))["comments"]] == [False, False]
    assert [c["is_held"] for c in (await ana.get(path))["comments"]] == [True, False]
    on = f"/comments/{made['comment_id']}"
    for method, where in (("POST", "/like"), ("GET", "/replies"), ("DELETE", "")):
        await cleo.refused(method, on + where, status=404)
    await cleo.refused(
        "POST", path, {"text": "x", "parent_comment_id": made["comment_id"]}, status=404
    )
    await ben.refused("POST", f"{on}/approve", status=403)
    await cleo.refused("POST", f"{on}/approve", status=404)
    for _ in range(2):
        assert (await ana.call("POST", f"{on}/approve"))["is_held"] is False
    assert await texts(cleo, path) == ["after", "before"]


async def test_under_other_posts_and_after_the_end_nothing_is_held(api: Api) -> None:
    ana, ben, cleo = await api.people(3)
    post, others = await ana.post(), await cleo.post()
    await ana.call("POST", f"/users/{ben.username}/restrict")
    await ben.call("POST", f"/posts/{others['post_id']}/comments", {"text": "elsewhere"})
    assert await texts(ana, f"/posts/{others['post_id']}/comments") == ["elsewhere"]
    assert await ana.call("DELETE", f"/users/{ben.username}/restrict") == {
        "username": ben.username,
        "done": True,
    }
    await ben.call("POST", f"/posts/{post['post_id']}/comments", {"text": "open"})
    assert await texts(cleo, f"/posts/{post['post_id']}/comments") == ["open"]


async def test_oneself_cannot_be_restricted(api: Api) -> None:
    ana = await api.person()
    error = await ana.refused("POST", f"/users/{ana.username}/restrict", status=422)
    assert error["code"] == "self_restrict"
