"""The Python client: one device of one person, over as many sockets as it takes.

    from realtime.client import Client, Resync, kinds

    async def token(refused: bool) -> str | None:
        return await my_session.access_token(renew=refused)     # None: log in again

    async with Client("wss://photos.example/ws", token, point=stored, on_point=store) as client:
        await client.subscribe("post:post_…")
        await client.call("posts.like", {"post_id": "post_…"}, key="like-1")
        async for message in client:
            if isinstance(message, Resync):
                ...                                             # reload what you show
            elif kinds.MESSAGE_NEW.of(message):
                print(message.data["message"]["text"])          # typed: app.wire.MessageNew

**Events** come in order and once, whatever happens to the connections in between: the client
resumes after the last one it got, passes over repeats, and when one is missing it goes back and
has it replayed. `on_point` is told about once a second how far the program has come, to be kept;
given as `point` to a later process it goes on from there, and what was on its way when the first
one died is delivered again.

**Calls** (`call`) wait in an outbox while there is no connection and leave in their order, no
faster than the server allows; at most 256 wait, each at most `timeout_s` (30 s). When the
connection breaks before the answer, a call with a `key` is sent again (the server does it once)
and one without raises `ConnectionLost`. What an operation refuses raises `CallFailed`, with the
code of its REST twin.

**Topics** (`subscribe`) are taken up again on each connection; `updates()` has what they say. A
right that ended shows as an update of type `revoked`.

**Connections** come back by the table of the protocol: at once, after what the server asks, with
a new token, after a backoff (0.5 s to 30 s, full jitter, forgotten after 60 s of peace), or not
at all, which raises `Stopped`. A minute without a sign of life is a broken connection. An
`expiring` token is renewed by calling `token(True)`.

Types: the messages are `realtime.protocol`'s TypedDicts and the data of events `app.wire`'s, which
are what the server itself is made of; `kinds` is generated from them. The TypeScript client
(`frontend/src/socket`) does the same by the same table of scenarios, `tests/realtime/scenarios.json`.
"""

from realtime.client import kinds
from realtime.client.client import Client
from realtime.client.inbox import Point
from realtime.client.received import (
    CallFailed,
    CallTimeout,
    CallTooLarge,
    ClientError,
    ConnectionLost,
    Event,
    OutboxFull,
    Resync,
    SequenceGap,
    Stopped,
    Update,
)

__all__ = [
    "CallFailed",
    "CallTimeout",
    "CallTooLarge",
    "Client",
    "ClientError",
    "ConnectionLost",
    "Event",
    "OutboxFull",
    "Point",
    "Resync",
    "SequenceGap",
    "Stopped",
    "Update",
    "kinds",
]
