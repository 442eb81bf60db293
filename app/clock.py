"""Times as the API writes them: ISO 8601, UTC, milliseconds."""

from datetime import UTC, datetime


def now() -> datetime:
    """Now, cut to the millisecond that MongoDB keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    # Lists have dozens of these; strftime takes five times as long.
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def ms(moment: datetime) -> int:
    """Milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)


def iso_ms(at_ms: int) -> str:
    return iso(datetime.fromtimestamp(at_ms / 1000, UTC))
