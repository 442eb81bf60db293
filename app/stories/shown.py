async def story_views(*a):
    raise NotImplementedError


async def stories_of(*a):
    raise NotImplementedError


async def archive(*a):
    raise NotImplementedError
