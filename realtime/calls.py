"""A call over the socket: the same operation, checks and result as its REST twin."""

import logging
from typing import NamedTuple

import orjson

from app import errors
from app.catalogue import BY_NAME
from app.dispatch import dispatch
from app.errors import GlimpseError, NotFound
from app.operation import Context
from app.resources import Resources
from app.web.envelope import request_id, unexpected
from realtime import protocol
from realtime.metrics import Metrics
from realtime.protocol import Call

log = logging.getLogger(__name__)


class Caller(NamedTuple):
    """Whence a socket came."""

    origin: str
    address: str
    user_agent: str


class Calls:
    def __init__(self, resources: Resources, metrics: Metrics) -> None:
        self._resources = resources
        self._metrics = metrics

    async def run(self, caller: Caller, user_id: str, session_id: str, call: Call) -> bytes:
        """The answer: a `result` or an `error`. Never raises."""
        self._metrics.calls_total += 1
        try:
            return protocol.result(call.id, await self._run(caller, user_id, session_id, call))
        except GlimpseError as error:
            return self._failed(call, error)
        except Exception:
            # The boundary of a call: recorded, and told without a stack trace.
            log.exception("call %s failed", call.method)
            return self._failed(call, unexpected())

    async def _run(self, caller: Caller, user_id: str, session_id: str, call: Call) -> bytes:
        operation = BY_NAME.get(call.method)
        if operation is None:
            raise NotFound(f"There is no method {call.method!r}.", "no_such_method")
        context = Context(
            resources=self._resources,
            user_id=user_id,
            session_id=session_id,
            origin=caller.origin,
            address=caller.address,
            user_agent=caller.user_agent,
            request_id=request_id(None),
        )
        return (await dispatch(operation, context, call.params, call.key)).data

    def _failed(self, call: Call, error: GlimpseError) -> bytes:
        self._metrics.calls_failed_total += 1
        body = {"op": "error", "id": call.id, **errors.body(error)}
        return orjson.dumps(body, default=str)
