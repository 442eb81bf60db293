async def read(*a):
    raise NotImplementedError
