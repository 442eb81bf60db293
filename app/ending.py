"""Ending tasks for sure.

In Python 3.11 `asyncio.wait_for` swallows a cancellation that arrives just as what it waits for
is done, and both drivers use it on every request. A loop that is cancelled once may so go on for
ever, and whoever waits for it as well. (Fixed in 3.12.)
"""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_S = 5.0
"""Between two cancellations: time for a task to clean up."""


async def end(tasks: "Iterable[asyncio.Future[Any]]") -> None:
    """Cancel, until all are over. What they raised stays in them."""
    rest = {task for task in tasks if not task.done()}
    while rest:
        for task in rest:
            task.cancel()
        _, rest = await asyncio.wait(rest, timeout=_AGAIN_S)
