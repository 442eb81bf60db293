"""What a node counts about itself. Plain numbers: they are raised for every delivery."""

from dataclasses import dataclass, fields

_OF_THE_FLEET = ("events_lost", "events_duplicated")
"""Named without the role: the promise is kept by all together, and each of them is 0."""


@dataclass(slots=True)
class Metrics:
    """Field names are the metrics' names, `_total` for what only grows."""

    sockets: int = 0
    people: int = 0
    topics: int = 0
    handshakes_total: int = 0
    handshakes_refused_total: int = 0
    handshakes_turned_away_total: int = 0
    """Too many sockets, or too many handshakes at once: before the upgrade, with `Retry-After`."""
    resumes_total: int = 0
    resumes_refused_total: int = 0
    events_delivered_total: int = 0
    repeats_dropped_total: int = 0
    """Came to this node again, and were not delivered again."""
    events_lost: int = 0
    """Published for a person, and neither handed to a socket of theirs nor a `resync` said."""
    events_duplicated: int = 0
    """Handed to the same socket twice under one number."""
    audited_total: int = 0
    """Times a socket was held against its person's log."""
    gaps_total: int = 0
    gaps_healed_total: int = 0
    resyncs_total: int = 0
    updates_delivered_total: int = 0
    updates_dropped_total: int = 0
    flow_changes_total: int = 0
    """Times a socket began or ceased to take bytes at once."""
    closed_slow_total: int = 0
    closed_refused_total: int = 0
    closed_silent_total: int = 0
    calls_total: int = 0
    calls_failed_total: int = 0
    node_entries_total: int = 0
    redis_failures_total: int = 0

    def text(self, node: str) -> str:
        """In the format Prometheus reads."""
        lines = []
        for field in fields(self):
            of_fleet = field.name in _OF_THE_FLEET
            kind = "counter" if of_fleet or field.name.endswith("_total") else "gauge"
            name = f"glimpse_{field.name}" if of_fleet else f"glimpse_gateway_{field.name}"
            lines.append(f"# TYPE {name} {kind}")
            lines.append(f'{name}{{node="{node}"}} {getattr(self, field.name)}')
        return "\n".join(lines) + "\n"
