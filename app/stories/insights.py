async def note(ctx, signals):
    raise NotImplementedError


async def of(resources, viewer, story_id):
    raise NotImplementedError
