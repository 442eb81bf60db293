"""Posts as ready JSON: lists splice cached bytes instead of building and encoding objects.

    {"post_id":…,"user": <person> , <static part> , <counts> , "is_liked":…,"is_saved":…}

The static part is encoded once per process and second, the person and the counts likewise;
only the viewer's marks (and, for restricted posts, the links) are made for each answer.
"""

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from typing_extensions import TypedDict

from app.audience import list_of
from app.counts import queries as counts
from app.identity import queries as people
from app.identity.views import user_view
from app.media.urls import expiry
from app.posts.marks import Mark
from app.posts.views import media_view, static_view

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


class Fragment(NamedTuple):
    author_id: str
    post: Raw
    usernames: dict[str, str]
    restricted: bool
    list_id: str
    """The list of its author's that it is for; empty for an open audience."""
    links_until: int
    """When links made at the time run out, seconds since the epoch."""
    head: bytes
    static: bytes
    """Empty for a restricted post: made for each viewer."""


_MARKS = {
    Mark(liked, saved): (
        b',"is_liked":%b,"is_saved":%b}'
        % (b"true" if liked else b"false", b"true" if saved else b"false")
    )
    for liked in (False, True)
    for saved in (False, True)
}
_LETTERS = {f"{int(mark.liked)}{int(mark.saved)}": end for mark, end in _MARKS.items()}


async def load(
    resources: "Resources", post_ids: Iterable[str], fresh: frozenset[str] = frozenset()
) -> dict[str, Fragment]:
    """Published posts by id; what is not there or not published is left out. `fresh` ones are
    read from the database whatever memory has."""

    async def read(missing: list[str]) -> dict[str, Fragment | None]:
        rows = await resources.mongo.posts.find(
            {"_id": {"$in": missing}, "status": "published"}
        ).to_list(None)
        made = {fragment.post["_id"]: fragment for fragment in await make(resources, rows)}
        return {post_id: made.get(post_id) for post_id in missing}

    for post_id in fresh:
        resources.memory.posts.drop(post_id)
        resources.memory.shared.drop(post_id)
    found = await resources.memory.posts.many(post_ids, read)
    return {post_id: fragment for post_id, fragment in found.items() if fragment}


async def make(resources: "Resources", posts: list[Raw]) -> list[Fragment]:
    """Fragments of raw post documents, in their order."""
    tagged = {tag["user_id"] for p in posts for item in p["media"] for tag in item.get("tags", [])}
    cards = await people.cards(resources, tagged | {post["author_id"] for post in posts})
    usernames = {user_id: card["username"] for user_id, card in cards.items()}
    found = []
    for post in posts:
        author = cards.get(post["author_id"])
        if author is None:
            continue
        restricted = author.get("is_private", False) or post["audience"] != "public"
        person = orjson.dumps(user_view(author))
        resources.memory.people.put(author["_id"], person)
        fragment = _kept(resources, post, restricted, usernames)
        if fragment is None:
            fragment = Fragment(
                author_id=post["author_id"],
                post=post,
                usernames=usernames,
                restricted=restricted,
                list_id=list_of(post["audience"]),
                links_until=expiry(resources.settings.media.url_life_s),
                head=b'{"post_id":"%b","user":' % post["_id"].encode(),
                static=b"" if restricted else _static(resources, post, "", usernames),
            )
            resources.memory.made.put(post["_id"], fragment)
        found.append(fragment)
    return found


def _kept(
    resources: "Resources", post: Raw, restricted: bool, usernames: dict[str, str]
) -> Fragment | None:
    """The fragment as it was made last, if nothing in it has changed: to sign the links of a
    post takes longer than to read it anew."""
    kept: Fragment | None = resources.memory.made.get(post["_id"])
    if kept is None or kept.restricted != restricted or kept.post != post:
        return None
    if kept.links_until != expiry(resources.settings.media.url_life_s):
        return None
    tagged = (tag["user_id"] for item in post["media"] for tag in item.get("tags", []))
    same = all(kept.usernames.get(user_id) == usernames.get(user_id) for user_id in tagged)
    return kept if same else None


def _static(resources: "Resources", post: Raw, viewer: str, usernames: dict[str, str]) -> bytes:
    view = static_view(resources.settings, post, viewer, usernames)
    return b"," + orjson.dumps(view)[1:-1] + b","


async def _people(resources: "Resources", ids: Iterable[str]) -> dict[str, bytes]:
    async def read(missing: list[str]) -> dict[str, bytes]:
        cards = await people.cards(resources, missing)
        return {user_id: orjson.dumps(user_view(card)) for user_id, card in cards.items()}

    return await resources.memory.people.many(ids, read)


async def _counts(resources: "Resources", post_ids: Iterable[str]) -> dict[str, bytes]:
    async def read(missing: list[str]) -> dict[str, bytes]:
        found = await counts.counts_of(resources, missing)
        return {
            post_id: b'"likes_count":%d,"comments_count":%d,"shares_count":%d'
            % (of.likes, of.comments, of.shares)
            for post_id, of in found.items()
        }

    return await resources.memory.counts.many(post_ids, read)


async def _bodies(
    resources: "Resources", viewer: str, fragments: Iterable[Fragment]
) -> dict[str, bytes]:
    """All of each post but the marks."""
    chosen = list(fragments)
    persons = await _people(resources, {fragment.author_id for fragment in chosen})
    numbers = await _counts(resources, [fragment.post["_id"] for fragment in chosen])
    return {
        fragment.post["_id"]: (
            fragment.head
            + persons[fragment.author_id]
            + (fragment.static or _static(resources, fragment.post, viewer, fragment.usernames))
            + numbers[fragment.post["_id"]]
        )
        for fragment in chosen
    }


async def encode(
    resources: "Resources", viewer: str, fragments: list[Fragment], marks: dict[str, Mark]
) -> list[bytes]:
    """Each post as JSON for this viewer."""
    by_id = {fragment.post["_id"]: fragment for fragment in fragments}

    async def share(missing: list[str]) -> dict[str, tuple[str, bytes]]:
        made = await _bodies(resources, "", [by_id[post_id] for post_id in missing])
        return {post_id: (by_id[post_id].author_id, body) for post_id, body in made.items()}

    shared = await resources.memory.shared.many(
        [post_id for post_id, fragment in by_id.items() if not fragment.restricted], share
    )
    bodies = {post_id: body for post_id, (_, body) in shared.items()}
    if len(bodies) < len(by_id):
        bound = [fragment for fragment in fragments if fragment.restricted]
        bodies |= await _bodies(resources, viewer, bound)
    none = Mark()
    return [bodies[post_id] + _MARKS[marks.get(post_id, none)] for post_id in by_id]


def here(
    resources: "Resources", post_ids: list[str], marks: str, hidden: Set[str]
) -> list[bytes] | None:
    """Each post as JSON for a viewer with these marks, a letter for each of
    `app.posts.marks.fields`, without those of `hidden` authors; if all are in memory, the same
    for everyone, and the marks are known."""
    shared = resources.memory.shared.all(post_ids)
    if shared is None or "?" in marks or len(marks) != 2 * len(post_ids):
        return None
    if hidden:
        pairs = zip(shared, range(0, len(marks), 2), strict=True)
        return [
            body + _LETTERS[marks[at : at + 2]] for (who, body), at in pairs if who not in hidden
        ]
    return [
        body + _LETTERS[marks[at : at + 2]]
        for (_, body), at in zip(shared, range(0, len(marks), 2), strict=True)
    ]


class Thumbnail(TypedDict):
    thumbnail: str | None
    thumbhash: str | None


def thumbnail(resources: "Resources", viewer: str, fragment: Fragment) -> Thumbnail:
    """The smallest picture of a post's first item."""
    item = fragment.post["media"][0]
    bound = viewer if fragment.restricted else ""
    view = media_view(resources.settings, item, bound, {})
    webp = [source for source in view["sources"] if source["type"] == "image/webp"]
    return {
        "thumbnail": webp[-1]["url"] if webp else None,
        "thumbhash": view["thumbhash"],
    }


def page(posts: list[bytes], next_cursor: str | None) -> bytes:
    """The `Posts` result around encoded posts."""
    cursor = orjson.dumps(next_cursor)
    return b'{"posts":[%b],"pagination":{"next_cursor":%b,"has_more":%b}}' % (
        b",".join(posts),
        cursor,
        b"false" if next_cursor is None else b"true",
    )
