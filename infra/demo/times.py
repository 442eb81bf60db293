"""When things are said to have happened."""

from datetime import UTC, datetime

HOUR_MS = 3_600_000


def ms_before(end_ms: int, hours: float) -> int:
    return end_ms - round(hours * HOUR_MS)


def moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
