async def highlights_of(*a):
    raise NotImplementedError


async def highlight(*a):
    raise NotImplementedError
