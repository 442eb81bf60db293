"""The error tree.

    GlimpseError
    ├── Malformed 400      the request is not of the form at all
    ├── Unauthenticated 401
    ├── Forbidden 403
    ├── NotFound 404       also for what the caller may not know of
    ├── Conflict 409
    ├── TooLarge 413
    ├── UnsupportedType 415
    ├── Invalid 422        a field is wrong; details.fields names it
    ├── RateLimited 429    details.retry_after_s
    └── Unavailable 503    nothing was stored; details.retry_after_s

Each carries one machine code in snake case, a message for a person that says what to do,
and details. Both edges turn these into answers; nothing else reaches a client.
"""

from typing import Any, ClassVar


class GlimpseError(Exception):
    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.details = details


class Malformed(GlimpseError):
    status = 400
    default_code = "malformed"


class Unauthenticated(GlimpseError):
    status = 401
    default_code = "unauthenticated"


class Forbidden(GlimpseError):
    status = 403
    default_code = "forbidden"


class NotFound(GlimpseError):
    status = 404
    default_code = "not_found"


class Conflict(GlimpseError):
    status = 409
    default_code = "conflict"


class TooLarge(GlimpseError):
    status = 413
    default_code = "too_large"


class UnsupportedType(GlimpseError):
    status = 415
    default_code = "unsupported_type"


class Invalid(GlimpseError):
    """`Invalid.field("caption", "At most 2,200 characters.")` for one wrong field."""

    status = 422
    default_code = "invalid"

    @classmethod
    def field(cls, name: str, message: str, code: str | None = None) -> "Invalid":
        return cls(message, code, fields={name: message})


class RateLimited(GlimpseError):
    status = 429
    default_code = "rate_limited"


class Unavailable(GlimpseError):
    status = 503
    default_code = "unavailable"


def body(error: GlimpseError) -> dict[str, Any]:
    """`{"code","message","details"}`: the error as both edges send it."""
    return {"code": error.code, "message": error.message, "details": error.details}
