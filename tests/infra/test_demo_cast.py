"""The demo's data: it fits the product's rules and hangs together, before anything is stored."""

import io
import re

from PIL import Image

from app import text
from app.identity import passwords
from app.identity.service import clean_username
from app.messages.operations import Send
from app.posts.operations import Create
from app.profiles.operations import Update
from app.stories.operations import AnswerParams, Create as CreateStory
from infra.demo import pictures
from infra.demo.acts import all_acts, post_key, sees
from infra.demo.cast import FOLLOWS, LET_IN, LOGINS, PEOPLE, WAITING
from infra.demo.posts import POSTS
from infra.demo.stories import CLOSE_FRIENDS, HIGHLIGHTS, STORIES
from infra.demo.talks import TALKS

_NAMES = {person.username for person in PEOPLE}
_BYTES_MAX = 6_000_000


def test_everybody_fits_the_rules() -> None:
    for person in PEOPLE:
        assert clean_username(person.username) == person.username
        Update(username=person.username, full_name=person.full_name, bio=person.bio)
    for name, password in LOGINS:
        assert name in _NAMES
        passwords.check_strength(password, name)


def test_posts_fit_the_rules_and_speak_of_people_who_are_there() -> None:
    for post in POSTS:
        Create.model_validate(
            {
                "caption": post.caption,
                "media": [{"url": p.photo, "alt_text": p.alt} for p in post.pictures],
            }
        )
        assert post.by in _NAMES
        assert all(picture.alt for picture in post.pictures)
        spoken = [post.caption, *(said.text for said in post.said)]
        assert {name for words in spoken for name in text.mentions(words)} <= _NAMES


def test_keys_are_unique() -> None:
    assert len({post_key(post) for post in POSTS}) == len(POSTS)


def test_acts_come_after_what_they_need() -> None:
    acts = all_acts()
    done: set[tuple[str, str]] = set()
    for act in acts:
        assert act.hours_ago > 0
        if act.kind in ("like", "save"):
            assert ("post", act.target) in done
        if act.kind == "comment":
            assert act.post is not None
            assert ("post", post_key(act.post)) in done
            assert not act.parent or ("comment", act.parent) in done
        if act.kind == "comment_like":
            assert ("comment", act.target) in done
        if act.kind == "accept":
            assert (f"follow {act.target}", act.by) in done
        done.add((act.kind if act.kind != "follow" else f"follow {act.by}", act.target))
    assert acts == all_acts()


def test_nobody_acts_on_what_they_cannot_see() -> None:
    for post in POSTS:
        for said in post.said:
            assert sees(said.by, post.by)
            assert all(sees(reply.by, post.by) for reply in said.replies)
    for private, names in LET_IN.items():
        assert all(private in FOLLOWS[name].split() for name in names.split())
    assert all(private not in FOLLOWS[follower].split() for follower, private in WAITING)


def test_every_photo_is_there_credited_small_and_without_metadata() -> None:
    files = sorted(pictures.FOLDER.glob("*.jpg"))
    assert {p.photo for post in POSTS for p in post.pictures} == {file.stem for file in files}
    assert sum(file.stat().st_size for file in files) < _BYTES_MAX
    credited = set(re.findall(r"`([a-z-]+)`", (pictures.FOLDER / "CREDITS.md").read_text()))
    for file in files:
        assert file.stem in credited
        with Image.open(file) as picture:
            assert picture.format == "JPEG"
            assert not picture.getexif()


def test_avatars_are_squares() -> None:
    for person in PEOPLE:
        with Image.open(io.BytesIO(pictures.avatar(person))) as picture:
            assert picture.width == picture.height >= 320


def test_stories_fit_the_rules_and_are_seen_by_who_may_see_them() -> None:
    names = [story.name for story in STORIES]
    assert len(set(names)) == len(names)
    assert [s.hours_ago for s in STORIES] == sorted((s.hours_ago for s in STORIES), reverse=True)
    for story in STORIES:
        CreateStory.model_validate(
            {
                "media_url": story.photo,
                "alt_text": story.alt,
                "overlays": story.overlays,
                "stickers": story.stickers,
                "filter": story.filter,
                "audience": story.audience,
            }
        )
        seen_by = story.seen_by.split()
        for name in seen_by:
            close = name in CLOSE_FRIENDS.get(story.by, "").split()
            follows = story.by in FOLLOWS[name].split()
            assert close if story.audience == "close_friends" else follows, (story.name, name)
        acted = [*story.reactions, *story.replies, *((who, "") for who, _, _ in story.answers)]
        assert {who for who, _ in acted} <= set(seen_by), story.name
        for _, number, answer in story.answers:
            assert number < len(story.stickers)
            AnswerParams.model_validate({"id": "s", "sticker_id": "k", "answer": answer})
    for owner, _, kept in HIGHLIGHTS:
        assert all(key in names and key.startswith(f"{owner}/") for key in kept)


def test_a_story_is_upright_where_its_photo_is_large_enough() -> None:
    for story in STORIES:
        with Image.open(io.BytesIO(pictures.upright(story.photo))) as picture:
            assert picture.width >= 380
            assert picture.height > picture.width or picture.width < 610


def test_talks_fit_the_rules() -> None:
    posts = {post_key(post) for post in POSTS}
    assert len({talk.key for talk in TALKS}) == len(TALKS)
    for talk in TALKS:
        assert set(talk.members) <= _NAMES
        assert talk.lines[0].by == talk.members[0]
        times = [line.hours_ago for line in talk.lines]
        assert times == sorted(times, reverse=True)
        for line in talk.lines:
            assert line.by in talk.members
            assert not line.post or line.post in posts
            assert {name for name, _ in line.reactions} <= set(talk.members) - {line.by}
            Send.model_validate({"to": "somebody", "text": line.text})
