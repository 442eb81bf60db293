"""How an operation runs, whichever edge it came in by.

    limit and session → parameters → idempotency key → handler → data

`admit` leaves the quota in the context, so that an edge can put it on refusals too.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from app.errors import GlimpseError, Invalid, Malformed, Unauthenticated, Unavailable
from app.identity import answers, queries
from app.limits import Entering, Passage, refuse, session_key
from app.operation import Context, Encoded, Operation, Pagination, Params
from app.text import check_raw

log = logging.getLogger(__name__)
_KEY_LENGTH_MAX = 200
_SESSION_CACHE_S = 60


class Outcome(NamedTuple):
    status: int
    data: bytes
    """JSON; `null` when the operation has no result."""
    pagination: Pagination | None = None
    """Of a list; stands in `data` too. HTTP answers repeat it beside the data."""


async def dispatch(
    operation: Operation, ctx: Context, raw: dict[str, Any], key: str | None = None
) -> Outcome:
    """Admit and run. `raw` joins path, query and body; raises GlimpseError."""
    if operation.ahead is not None:
        return await dispatch_ahead(operation, ctx, lambda: parse(operation.params, raw))
    await admit(operation, ctx)
    return await run(operation, ctx, raw, key)


async def dispatch_ahead(operation: Operation, ctx: Context, read: Callable[[], Params]) -> Outcome:
    """The same for an operation that reads ahead. `read` gives its parameters; a call that it
    refuses is counted."""
    guard = ctx.resources.guard
    entering = guard.begin(operation.limit, ctx.user_id or ctx.address, ctx.session_id)
    refused: GlimpseError | None = None
    try:
        params = read()
        if ctx.user_id and operation.ahead is not None:
            ctx.ahead = operation.ahead(ctx, params)
    except GlimpseError as error:
        refused = error
    await admit(operation, ctx, entering)
    if refused is not None:
        raise refused
    return await _handle(operation, ctx, params)


async def admit(operation: Operation, ctx: Context, entering: Entering | None = None) -> None:
    """Count the call (`ctx.quota`), unless it is `entering` already, and check the session.

    Raises RateLimited (details.limit, details.retry_after_s) and Unauthenticated.
    """
    guard = ctx.resources.guard
    if entering is None:
        entering = guard.begin(operation.limit, ctx.user_id or ctx.address, ctx.session_id)
    passage = await guard.finish(entering)
    ctx.quota = passage.quota
    if passage.exceeded and passage.quota is not None:
        raise refuse(passage.quota)
    if ctx.user_id:
        await _check_session(ctx, passage)
    elif not operation.public:
        raise Unauthenticated("Log in and send the access token.")


async def _check_session(ctx: Context, passage: Passage) -> None:
    alive = passage.session == b"1"
    if passage.session is None:
        alive = await stored(queries.session_alive(ctx.resources, ctx.user_id, ctx.session_id))
        key = session_key(ctx.user_id, ctx.session_id)
        await ctx.resources.cache.fill(key, b"1" if alive else b"0", _SESSION_CACHE_S)
    if not alive:
        raise Unauthenticated("This session has ended. Log in again.", "session_revoked")


async def run(
    operation: Operation, ctx: Context, raw: dict[str, Any], key: str | None = None
) -> Outcome:
    params = parse(operation.params, raw)
    if key is None or operation.method == "GET":
        return await _handle(operation, ctx, params)
    return await _run_once(operation, ctx, params, key)


async def _run_once(operation: Operation, ctx: Context, params: Params, key: str) -> Outcome:
    if not 1 <= len(key) <= _KEY_LENGTH_MAX:
        raise Malformed(f"An idempotency key has 1 to {_KEY_LENGTH_MAX} characters.", "bad_key")
    auth = ctx.resources.settings.auth
    body = f"{operation.method} {operation.path}\0{params.model_dump_json()}"
    claim = await stored(
        answers.claim(
            ctx.user_id or f"anonymous {operation.path}",
            key,
            # Keyed: a plain hash of a body with a password in it could be guessed offline.
            hmac.digest(auth.secret.encode(), body.encode(), hashlib.sha256).hex(),
        )
    )
    if claim.status is not None and claim.answer is not None:
        kept = answers.unseal(auth, key, claim.answer) if operation.secret else claim.answer
        return Outcome(claim.status, kept)
    ctx.seed, ctx.seed_ms = claim.seed, claim.seed_ms
    try:
        outcome = await _handle(operation, ctx, params)
    except GlimpseError as error:
        if not isinstance(error, Unavailable):  # unknown outcome: keep the seed for the repeat
            await stored(answers.release(claim.id))
        raise
    try:
        sealed = answers.seal(auth, key, outcome.data) if operation.secret else outcome.data
        await answers.keep(claim.id, operation.status, sealed)
    except PyMongoError as error:
        # The effect is stored; a repeat meets its own ids. Better than an error for a success.
        log.warning("answer not kept: %r", error)
    return outcome


async def _handle(operation: Operation, ctx: Context, params: Params) -> Outcome:
    result = await stored(operation.handler(ctx, params))
    if isinstance(result, Encoded):
        return Outcome(operation.status, result, result.pagination)
    pagination = result.get("pagination") if isinstance(result, dict) else None
    return Outcome(operation.status, orjson.dumps(result), pagination)


async def stored(call: Any) -> Any:
    """Await a call that needs MongoDB; its absence is a 503, never a success and no 500."""
    try:
        return await call
    except PyMongoError as error:
        log.warning("database: %r", error)
        raise Unavailable(
            "The server can't reach its database. Nothing was lost; try again in a moment.",
            retry_after_s=2,
        ) from error


def parse_texts(params: type[Params], raw: dict[str, str]) -> Params:
    """The same for what stood in an address: few different ones come again and again, and as
    models are frozen, one does for all."""
    return _parse_texts(params, tuple(raw.items()))


@lru_cache(maxsize=4096)
def _parse_texts(params: type[Params], raw: tuple[tuple[str, str], ...]) -> Params:
    return parse(params, dict(raw))


def parse(params: type[Params], raw: dict[str, Any]) -> Params:
    """Typed parameters, or Invalid with a message for each wrong field."""
    check_raw(raw)
    try:
        return params.model_validate(raw)
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            name = _field(raw, problem["loc"], problem["type"] == "missing") or "body"
            said = _say(problem["type"], problem["msg"])
            # Where one of several forms would do, each says why it is not it.
            wrong[name] = f"{wrong[name]} Or: {said}" if name in wrong else said
        names = ", ".join(sorted(wrong))
        raise Invalid(f"Please correct: {names}.", fields=wrong) from error


def _field(sent: Any, place: tuple[int | str, ...], is_missing: bool) -> str:
    """The field as the caller knows it: without the names of the forms that pydantic tried."""
    if is_missing:
        return ".".join(map(str, (*_way(sent, place[:-1]), place[-1])))
    return ".".join(map(str, _way(sent, place)))


def _way(sent: Any, place: tuple[int | str, ...]) -> list[int | str]:
    """The parts of `place` that lead through what was sent."""
    if not place:
        return []
    part, rest = place[0], place[1:]
    fields = dict(enumerate(sent)) if isinstance(sent, list) else sent
    without = _way(sent, rest)
    if not isinstance(fields, dict) or part not in fields:
        return without
    along = [part, *_way(fields[part], rest)]
    # A form may have the name of a field (`text`), and stands before those.
    return along if len(along) > len(without) else without


def _say(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "There is no such field."
    if kind == "missing":
        return "This field is needed."
    return message.removeprefix("Value error, ") + "."
