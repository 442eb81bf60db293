async def give(ctx, story_id, sticker_id, answer):
    raise NotImplementedError


async def page(*a):
    raise NotImplementedError
