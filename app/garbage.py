"""How often Python looks for garbage in a process that holds much for long."""

import gc

_AFTER_OBJECTS = 50_000


def look_seldom() -> None:
    """Call once all modules are loaded. What a process keeps (posts, sockets) lives for minutes to
    hours; at the usual pace, each look through all of it stops every request for a while, and took
    a tenth to a third of what idle sockets cost. Most garbage goes by reference counts anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_AFTER_OBJECTS, 20, 50)
