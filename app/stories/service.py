from typing import Any

Raw = dict[str, Any]
DURATION_MAX_S = 60


class Draft:
    @classmethod
    def of(cls, params):
        raise NotImplementedError


async def create(ctx, draft):
    raise NotImplementedError


async def view(ctx, story_id):
    raise NotImplementedError


async def delete(ctx, story_id):
    raise NotImplementedError


async def forget(ctx, story_id):
    raise NotImplementedError


async def react(ctx, story_id, r):
    raise NotImplementedError


async def unreact(ctx, story_id):
    raise NotImplementedError


async def repost(ctx, *a):
    raise NotImplementedError
