"""What the demo's people do, in the order of time: pure, the same each time it is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

from infra.demo.cast import FOLLOWS, LET_IN, PEOPLE, WAITING, Post, Said
from infra.demo.posts import POSTS

_BEGAN_H = 24.0 * 21
"""All have followed each other since three weeks to two weeks ago."""

Kind = Literal["follow", "accept", "post", "like", "comment", "comment_like", "save"]


@dataclass(frozen=True, slots=True)
class Act:
    hours_ago: float
    by: str
    kind: Kind
    target: str
    """A username, or the key of a post or comment (see `post_key`)."""
    post: Post | None = None
    text: str = ""
    parent: str = ""
    """Of a reply: the key of the comment it answers."""


def post_key(post: Post) -> str:
    return f"{post.by}/{post.name}"


def all_acts() -> list[Act]:
    """Everything, the oldest first. What one act needs always stands before it."""
    acts = [*_follows(), *_around_posts(), *_waiting()]
    return sorted(acts, key=lambda act: -act.hours_ago)


def _follows() -> Iterator[Act]:
    chance = Random("follows")
    for follower, names in FOLLOWS.items():
        for name in names.split():
            yield Act(_BEGAN_H - chance.uniform(0, 150), follower, "follow", name)
    for private, names in LET_IN.items():
        for name in names.split():
            yield Act(_BEGAN_H - 151 - chance.uniform(0, 5), private, "accept", name)


def _waiting() -> Iterator[Act]:
    for number, (follower, private) in enumerate(WAITING):
        yield Act(3.0 + 3 * number, follower, "follow", private)


def sees(name: str, author: str) -> bool:
    """Whether a demo person may see another's posts."""
    private = next(person.private for person in PEOPLE if person.username == author)
    return name == author or not private or name in LET_IN.get(author, "").split()


def _around_posts() -> Iterator[Act]:
    for post in POSTS:
        chance = Random(post_key(post))
        key = post_key(post)
        yield Act(post.hours_ago, post.by, "post", key, post)
        yield from _likes(post, key, chance)
        for number, said in enumerate(post.said):
            yield from _talk(post, key, said, f"{key}/{number}", chance)
    for post in POSTS:
        if any(picture.photo in _SAVED for picture in post.pictures):
            yield Act(post.hours_ago * 0.8, "ana", "save", post_key(post))


_SAVED = {"lake-sherburne", "casa-mila", "tea-gardens", "colosseum-sky"}


def _likes(post: Post, key: str, chance: Random) -> Iterator[Act]:
    names = [p.username for p in PEOPLE if p.username != post.by and sees(p.username, post.by)]
    chance.shuffle(names)
    # Those who follow the author see it first, and like it more often.
    names.sort(key=lambda name: post.by not in FOLLOWS[name].split())
    for name in names[: post.likes]:
        yield Act(_later(post.hours_ago, chance), name, "like", key)


def _talk(post: Post, key: str, said: Said, name: str, chance: Random) -> Iterator[Act]:
    at = _later(post.hours_ago, chance)
    yield Act(at, said.by, "comment", name, post, said.text)
    if said.by != post.by and chance.random() < 0.7:
        yield Act(_later(at, chance), post.by, "comment_like", name)
    for number, reply in enumerate(said.replies):
        answer = f"{name}/{number}"
        at = _later(at, chance)
        yield Act(at, reply.by, "comment", answer, post, reply.text, name)
        if chance.random() < 0.6:
            yield Act(_later(at, chance), said.by, "comment_like", answer)


def _later(hours_ago: float, chance: Random) -> float:
    """Some time after, mostly soon: within a day, and always before now."""
    return hours_ago - min(hours_ago * 0.95, 24.0) * chance.uniform(0.02, 1.0) ** 2
