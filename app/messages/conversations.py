"""Rules and writes of conversations: opening one, its members, their folders."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from app import clock, ids
from app.errors import Conflict, Invalid, NotFound
from app.graph import access as graph_access, queries as graph
from app.identity import queries as people
from app.messages import access, queries
from app.messages.models import Conversation, Member
from app.messages.turn import change, folders, turn
from app.operation import Context

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
MEMBERS_MAX = 32


def direct_id(one: str, other: str) -> str:
    """The same for both, so that two who open it at once open one. Its time is when the
    younger of the two accounts was made."""
    first, second = sorted((one, other))
    return ids.derived_id("conv", max(ids.id_ms(one), ids.id_ms(other)), f"{first}:{second}")


def _member(since: str, *, is_admin: bool = False) -> Member:
    return Member(joined_at=clock.now(), since=since, is_admin=is_admin)


async def direct(ctx: Context, username: str, field: str = "to") -> Raw:
    """The conversation with that person, made if there is none. Nothing is shown to them before
    the first message. NotFound for nobody or across a block, Invalid (of `field`) for oneself."""
    person = await graph_access.visible_person(ctx.resources, ctx.user_id, username)
    if person["_id"] == ctx.user_id:
        raise Invalid.field(field, "You can't write to yourself.", "self_message")
    conversation_id = direct_id(ctx.user_id, person["_id"])
    existing = await queries.raw(ctx.resources, conversation_id)
    if existing is not None:
        return existing
    now = clock.now()
    bound = ids.lowest_id("msg", ids.now_ms())
    conversation = Conversation(
        id=conversation_id,
        kind="direct",
        created_by=ctx.user_id,
        created_at=now,
        member_ids=sorted((ctx.user_id, person["_id"])),
        members={user: _member("") for user in (ctx.user_id, person["_id"])},
        inbox=[ctx.user_id],
        last_id=bound,
    )
    with suppress(DuplicateKeyError):  # the other one, or another device, was as quick
        await conversation.insert()
    return await _stored(ctx.resources, conversation_id)


async def _stored(resources: "Resources", conversation_id: str) -> Raw:
    stored = await queries.raw(resources, conversation_id)
    if stored is None:
        raise access.not_found()
    return stored


async def open_with(ctx: Context, username: str) -> Raw:
    """As `direct`, and from now on in the caller's inbox."""
    conversation = await direct(ctx, username, "usernames")
    if access.state_of(conversation, ctx.user_id) in ("new", "declined"):
        return await _accept(ctx, conversation["_id"])
    return conversation


async def _persons(ctx: Context, usernames: list[str]) -> list[str]:
    """Their ids; NotFound when one is nobody, or behind a block."""
    wanted = list(dict.fromkeys(name.lower() for name in usernames))
    cards = await people.cards_by_name(ctx.resources, wanted)
    blocked = await graph.blocked_among(
        ctx.resources, ctx.user_id, [card["_id"] for card in cards.values()]
    )
    for name in wanted:
        if name not in cards or cards[name]["_id"] in blocked:
            raise people.not_found(name)
    return [cards[name]["_id"] for name in wanted if cards[name]["_id"] != ctx.user_id]


def _check_size(count: int) -> None:
    if count > MEMBERS_MAX:
        raise Invalid.field(
            "usernames", f"A group has at most {MEMBERS_MAX} members.", "group_full"
        )


async def create_group(ctx: Context, usernames: list[str], name: str) -> Raw:
    """With the caller as its admin. Those who don't follow the caller are asked first."""
    group_id, bound = ctx.new_id("conv"), ctx.new_id("msg")
    person_ids = await _persons(ctx, usernames)
    _check_size(1 + len(person_ids))
    willing = await graph.followers_among(ctx.resources, ctx.user_id, person_ids)
    since = ids.lowest_id("msg", ids.id_ms(bound))
    group = Conversation(
        id=group_id,
        kind="group",
        name=name,
        created_by=ctx.user_id,
        created_at=clock.now(),
        member_ids=[ctx.user_id, *person_ids],
        members={
            ctx.user_id: _member(since, is_admin=True),
            **{person: _member(since) for person in person_ids},
        },
        inbox=[ctx.user_id, *(p for p in person_ids if p in willing)],
        requests=[p for p in person_ids if p not in willing],
        last_id=bound,
    )
    with suppress(DuplicateKeyError):  # the repeat of a request whose answer was lost
        await group.insert()
    return await access.visible_conversation(ctx.resources, ctx.user_id, group_id)


async def rename(ctx: Context, conversation_id: str, name: str) -> Raw:
    """By an admin of the group."""
    await access.group(ctx.resources, ctx.user_id, conversation_id)

    async def work(group: Raw, session: Any) -> None:
        access.check_admin(group, ctx.user_id)
        await change(ctx.resources, group, {"$set": {"name": name}}, session)

    await turn(ctx.resources, conversation_id, work)
    return await _stored(ctx.resources, conversation_id)


async def add(ctx: Context, conversation_id: str, usernames: list[str]) -> Raw:
    """By an admin. They see what is written from now on. Who is in already stays as they are."""
    await access.group(ctx.resources, ctx.user_id, conversation_id)
    person_ids = await _persons(ctx, usernames)
    willing = await graph.followers_among(ctx.resources, ctx.user_id, person_ids)

    async def work(group: Raw, session: Any) -> None:
        access.check_admin(group, ctx.user_id)
        new = [person for person in person_ids if person not in group["members"]]
        _check_size(len(group["member_ids"]) + len(new))
        if not new:
            return
        since = ids.lowest_id("msg", ids.id_ms(group["last_id"]) + 1)
        fields: Raw = {f"members.{p}": _member(since).model_dump() for p in new}
        moves = {p: "inbox" if p in willing else "requests" for p in new}
        fields |= folders(group, **moves) | {"member_ids": [*group["member_ids"], *new]}
        await change(ctx.resources, group, {"$set": fields}, session)

    await turn(ctx.resources, conversation_id, work)
    return await _stored(ctx.resources, conversation_id)


async def remove(ctx: Context, conversation_id: str, username: str) -> Raw:
    """By an admin; at once, links and topics included."""
    await access.group(ctx.resources, ctx.user_id, conversation_id)
    person = await people.card_by_name(ctx.resources, username)

    async def work(group: Raw, session: Any) -> None:
        access.check_admin(group, ctx.user_id)
        if person["_id"] not in group["members"]:
            raise NotFound(f"{username} is not in this group.", "member_not_found")
        await _take_out(ctx.resources, group, person["_id"], session)

    await turn(ctx.resources, conversation_id, work)
    return await _stored(ctx.resources, conversation_id)


async def set_admin(ctx: Context, conversation_id: str, username: str, is_admin: bool) -> Raw:
    """By an admin. A group keeps at least one."""
    await access.group(ctx.resources, ctx.user_id, conversation_id)
    person_id = (await people.card_by_name(ctx.resources, username))["_id"]

    async def work(group: Raw, session: Any) -> None:
        access.check_admin(group, ctx.user_id)
        if person_id not in group["members"]:
            raise NotFound(f"{username} is not in this group.", "member_not_found")
        admins = {user for user, member in group["members"].items() if member["is_admin"]}
        if not is_admin and admins == {person_id}:
            raise Conflict("A group needs an admin. Name another one first.", "last_admin")
        fields = {f"members.{person_id}.is_admin": is_admin}
        await change(ctx.resources, group, {"$set": fields}, session)

    await turn(ctx.resources, conversation_id, work)
    return await _stored(ctx.resources, conversation_id)


async def leave(ctx: Context, conversation_id: str) -> None:
    """Out of a group. Its last admin hands over to whoever came first of the rest."""
    await access.group(ctx.resources, ctx.user_id, conversation_id)

    async def work(group: Raw, session: Any) -> None:
        if ctx.user_id in group["members"]:
            await _take_out(ctx.resources, group, ctx.user_id, session)

    await turn(ctx.resources, conversation_id, work)


async def _take_out(resources: "Resources", group: Raw, user_id: str, session: Any) -> None:
    rest = access.others(group, user_id)
    fields: Raw = {"member_ids": rest, **folders(group, **{user_id: ""})}
    if rest and not any(group["members"][other]["is_admin"] for other in rest):
        accepted = [other for other in rest if other in group["inbox"]]
        fields[f"members.{(accepted or rest)[0]}.is_admin"] = True
    update = {
        "$set": fields,
        "$unset": {f"members.{user_id}": ""},
        "$pull": {"unread_by": user_id},
    }
    await change(resources, group, update, session)


async def accept(ctx: Context, conversation_id: str) -> Raw:
    """A request moves to the inbox; from here on the others see what one has read."""
    await access.visible_conversation(ctx.resources, ctx.user_id, conversation_id)
    return await _accept(ctx, conversation_id)


async def _accept(ctx: Context, conversation_id: str) -> Raw:
    resources, user_id = ctx.resources, ctx.user_id
    blocked, _ = await graph.hidden_ids(resources, user_id)

    async def work(conversation: Raw, session: Any) -> None:
        if user_id not in conversation["members"]:
            raise access.not_found()
        if user_id in conversation["inbox"]:
            return
        read_up_to = conversation["members"][user_id]["read_up_to"]
        unread = await queries.count_unread(
            resources, conversation, user_id, read_up_to, blocked, session
        )
        fields = folders(conversation, **{user_id: "inbox"})
        fields[f"members.{user_id}.unread"] = unread
        update: Raw = {"$set": fields}
        if unread:
            update["$addToSet"] = {"unread_by": user_id}
        await change(resources, conversation, update, session)

    await turn(resources, conversation_id, work)
    return await _stored(resources, conversation_id)


async def decline(ctx: Context, conversation_id: str) -> None:
    """A request goes out of sight, and what is written there from now on with it; who wrote is
    not told. Out of a group one goes altogether. Conflict when it was accepted."""
    resources, user_id = ctx.resources, ctx.user_id
    conversation = await access.visible_conversation(resources, user_id, conversation_id)
    if user_id in conversation["inbox"]:
        raise Conflict("You accepted this conversation already.", "not_a_request")

    async def work(conversation: Raw, session: Any) -> None:
        if user_id not in conversation["requests"]:
            return
        if conversation["kind"] == "group":
            await _take_out(resources, conversation, user_id, session)
            return
        fields = folders(conversation, **{user_id: "declined"})
        place = f"members.{user_id}"
        fields |= {f"{place}.declined_at": clock.now(), f"{place}.unread": 0}
        update = {"$set": fields, "$pull": {"unread_by": user_id}}
        await change(resources, conversation, update, session, only=user_id)

    await turn(resources, conversation_id, work)
