STORIES_MAX = 100
HIGHLIGHTS_MAX = 100


async def create(ctx, *a):
    raise NotImplementedError


async def update(ctx, *a):
    raise NotImplementedError


async def delete(ctx, *a):
    raise NotImplementedError
