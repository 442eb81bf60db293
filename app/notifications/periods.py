"""Days and weeks of the digest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Digest = Literal["off", "daily", "weekly"]


@dataclass(frozen=True, slots=True)
class Period:
    name: str
    """`2026-11-20`, or `2026-W47`."""
    since: datetime
    """What happened from here on stands in its digest, unless an earlier one had it."""


def period(digest: Literal["daily", "weekly"], now: datetime, hour: int) -> Period:
    """The period whose digest is due: a day's from `hour` (UTC) on, a week's from Monday's."""
    begun = now - timedelta(hours=hour)
    if digest == "daily":
        return Period(f"{begun:%Y-%m-%d}", now - timedelta(days=1))
    year, week, _ = begun.isocalendar()
    return Period(f"{year}-W{week:02d}", now - timedelta(days=7))
