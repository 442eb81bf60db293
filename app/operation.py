"""An operation: declared once, reachable as a REST route and as a socket call.

A feature's `operations.py` declares each with `@operation(...)`; `app.catalogue` lists them
all. Both edges run one through `app.dispatch`, which checks the token, the limit, the
parameters and the idempotency key in the same way for both.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from app import ids
from app.text import is_blank

if TYPE_CHECKING:
    from app.batch import Begun
    from app.limits import Quota
    from app.resources import Resources

Method = Literal["GET", "POST", "PUT", "DELETE"]
LimitName = Literal["reads", "writes", "uploads", "follows", "likes", "registrations", "logins"]


class Params(BaseModel):
    """Base of all parameters: path, query and body joined. Unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _strip_unseen(cls, raw: Any) -> Any:
        """What nobody can see is as empty as spaces are."""
        if not isinstance(raw, dict):
            return raw
        blank = [name for name, value in raw.items() if isinstance(value, str) and is_blank(value)]
        return raw | dict.fromkeys(blank, "") if blank else raw


class Nothing(Params):
    """An operation without parameters."""


class PageParams(Params):
    cursor: str | None = Field(None, max_length=512, description="From the page before.")
    limit: int = Field(20, ge=1, le=100)


class Pagination(TypedDict):
    next_cursor: str | None
    has_more: bool


@dataclass(slots=True)
class Context:
    """Who calls, and what a service needs to serve them."""

    resources: "Resources"
    user_id: str = ""
    """Empty on public operations called without a token."""
    session_id: str = ""
    origin: str = ""
    """`scheme://host[:port]` the caller used; links into object storage start with it."""
    address: str = ""
    user_agent: str = ""
    request_id: str = ""
    quota: "Quota | None" = None
    """What is left of the caller's rate limit, known once the call is counted."""
    seed: str = ""
    """Set when the call carries an idempotency key: ids made in it derive from this."""
    seed_ms: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)
    """`Set-Cookie` values for the answer; the socket edge ignores them."""
    ahead: "Begun | None" = None
    """What the operation's `ahead` began to read."""
    _minted: int = 0

    def new_id(self, kind: str) -> str:
        """A new id; the same one when the same keyed request is run again."""
        if not self.seed:
            return ids.new_id(kind)
        self._minted += 1
        return ids.derived_id(kind, self.seed_ms, f"{self.seed}:{self._minted}")


class Encoded(bytes):
    """Result data that is JSON already: hot reads splice cached bytes instead of encoding."""

    pagination: Pagination | None = None


Handler = Callable[[Context, Any], Awaitable[Any]]
Ahead = Callable[[Context, Any], "Begun | None"]


@dataclass(frozen=True, slots=True)
class Operation:
    name: str | None
    """The socket method; None for what only HTTP offers."""
    method: Method
    path: str
    handler: Handler
    params: type[Params]
    result: Any
    """A TypedDict, or None for 204."""
    status: int
    limit: LimitName
    public: bool
    secret: bool
    """The answer holds credentials: a kept idempotent answer is stored encrypted."""
    summary: str
    ahead: Ahead | None = None
    """Of a hot read: sends its first question to Redis, which then goes along with the one
    whether the caller may ask. What comes of it is thrown away if they may not."""

    @property
    def path_names(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


def operation(
    name: str | None,
    method: Method,
    path: str,
    *,
    status: int = 200,
    limit: LimitName | None = None,
    public: bool = False,
    secret: bool = False,
    ahead: Ahead | None = None,
) -> Callable[[Handler], Operation]:
    """Declare an operation. The handler is `async (ctx: Context, params: P) -> R`; P (a
    `Params`) and R (a TypedDict, or None with status 204) give the schemas, the first line
    of the docstring the summary."""

    def declare(handler: Handler) -> Operation:
        hints = get_type_hints(handler)
        params = hints["params"]
        assert issubclass(params, Params), f"{name}: params must derive from Params"
        result = hints["return"]
        return Operation(
            name=name,
            method=method,
            path=path,
            handler=handler,
            params=params,
            result=None if result is type(None) else result,
            status=status,
            limit=limit or ("reads" if method == "GET" else "writes"),
            public=public,
            secret=secret,
            ahead=ahead,
            summary=(handler.__doc__ or "").strip().partition("\n")[0],
        )

    return declare
