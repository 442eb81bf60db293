"""Who a post or story is meant for: the words of the contract, and the list behind two of them."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

CLOSE_FRIENDS = "close_friends"
CLOSE = "close"
"""The list of one's close friends, in the place of a list's id."""
_LIST = "list:"
_SHAPE = re.compile(r"public|followers|close_friends|list:list_[0-9a-hjkmnp-tv-z]{26}")


def check(audience: str) -> str:
    """The audience; raises ValueError for none of the four forms."""
    if not _SHAPE.fullmatch(audience):
        raise ValueError("Send public, followers, close_friends or list:<list_id>")
    return audience


Audience = Annotated[
    str,
    Field(max_length=64, description="public, followers, close_friends or list:<list_id>."),
    AfterValidator(check),
]


def list_of(audience: str) -> str:
    """The list that an audience names: CLOSE, a list's id, or nothing for the two open ones."""
    if audience == CLOSE_FRIENDS:
        return CLOSE
    return audience.removeprefix(_LIST) if audience.startswith(_LIST) else ""


def of_list(list_id: str) -> str:
    """The audience that names the list."""
    return CLOSE_FRIENDS if list_id == CLOSE else _LIST + list_id


def shown(audience: str, *, to_owner: bool) -> str:
    """As the API says it: which of their lists the owner chose is theirs to know."""
    return "list" if audience.startswith(_LIST) and not to_owner else audience
