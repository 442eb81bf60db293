async def viewers(*a):
    raise NotImplementedError
