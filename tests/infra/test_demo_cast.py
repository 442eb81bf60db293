"""The demo's data: it fits the product's rules and hangs together, before anything is stored."""

import io
import re

from PIL import Image

from app import text
from app.identity import passwords
from app.identity.service import clean_username
from app.posts.operations import Create
from app.profiles.operations import Update
from infra.demo import pictures
from infra.demo.acts import all_acts, post_key, sees
from infra.demo.cast import FOLLOWS, LET_IN, LOGINS, PEOPLE, WAITING
from infra.demo.posts import POSTS

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
