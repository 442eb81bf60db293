"""The figures as a Markdown table, and beside each goal whether it was met."""

from collections.abc import Callable, Iterator
from typing import Any

OURS = "Glimpse"
_MUST_NOT_BEAT = ("ws", "nchan", "Socket.IO")
_NONE = "–"
Report = dict[str, Any]
Show = Callable[[dict[str, Any]], str]


def _thousands(per_s: float) -> str:
    return f"{per_s / 1000:,.0f} k"


def _storm(found: dict[str, Any]) -> str:
    came = found["missed_that_came"] / (found["sockets"] * found["missed_each"])
    enough = found["whole"] >= 0.99 * found["sockets"]
    part = found["whole"] / found["sockets"]
    back = f"{found['p99_s']:.1f} s" if enough else f"only {part:.0%} in {found['p99_s']:.0f} s"
    return f"{back}, {came:.0%} of missed"


_LINES: tuple[tuple[str, str, Show], ...] = (
    (
        "one-to-many",
        "one event to {sockets:,} sockets, deliveries a CPU-second",
        lambda f: _thousands(f["deliveries_per_cpu_s"]),
    ),
    (
        "bursts",
        "bursts of 16 events, deliveries a CPU-second",
        lambda f: _thousands(f["deliveries_per_cpu_s"]),
    ),
    (
        "latency",
        "at 20,000 deliveries a second, p50 / p99",
        lambda f: f"{f['p50_ms']:.1f} / {f['p99_ms']:.1f} ms",
    ),
    ("idle", "memory a socket, {idle:,} idle", lambda f: f"{f['kib_per_socket']:.1f} KiB"),
    (
        "idle",
        "their heartbeat, of a core",
        lambda f: f"{f['heartbeat_share']:.1%}" if "heartbeat_share" in f else "none",
    ),
    ("handshakes", "handshakes a CPU-second", lambda f: f"{f['per_cpu_s']:,.0f}"),
    ("storm", "{idle:,} dropped at once: 99 % back, missed messages", _storm),
    (
        "screen",
        "post acknowledged → 100 followers' sockets, p50 / p99",
        lambda f: "{p50} / {p99} ms".format(**f["ack_to_screen_ms"]),
    ),
)


def markdown(report: Report) -> str:
    """A row for each measure, a column for each server."""
    names = [name for name in report["versions"] if name not in report["absent"]] or [OURS]
    heads = [f"{name} {report['versions'].get(name, '')}".strip() for name in names]
    lines = [
        f"{report['date'][:10]}, {report['machine']['cores']} cores of"
        f" {report['machine']['processor']}, load {report['load_average']:.1f},"
        f" {report['seconds']} s",
        "",
        f"| | {' | '.join(heads)} |",
        "|---|" + "---|" * len(names),
    ]
    for row, title, show in _LINES:
        found = report["figures"].get(row)
        if found:
            cells = [show(found[name]) if name in found else _NONE for name in names]
            lines.append(f"| {title.format(**report['scale'])} | {' | '.join(cells)} |")
        if row == "one-to-many" and "bare" in report:
            ratio = {OURS: f"{report['bare']['ratio']:.2f}"}
            cells = [ratio.get(name, _NONE) for name in names]
            lines.append(f"| of a bare loop over the same transports | {' | '.join(cells)} |")
    lines.append("")
    lines += [f"{name}: absent: {why}" for name, why in report["absent"].items()]
    lines.append(_client(report))
    return "\n".join(lines)


def _client(report: Report) -> str:
    shares = [
        (figures["client_share"], figures["server_share"], row, name)
        for row in ("one-to-many", "bursts", "latency")
        for name, figures in report["figures"].get(row, {}).items()
    ]
    if not shares:
        return ""
    client, server, row, name = max(shares)
    return (
        f"The client was busiest at {client:.0%} of its core ({name}, {row}, while the server"
        f" used {server:.0%} of its own)."
    )


def verdicts(report: Report) -> Iterator[str]:
    """A line for each goal."""
    figures = report["figures"]
    ours = {row: found[OURS] for row, found in figures.items() if OURS in found}
    if "bare" in report:
        ratio = report["bare"]["ratio"]
        yield _line("one-to-many", f"{ratio:.3f} of bare writes", "≥ 0.90", ratio >= 0.9)
    for name in _MUST_NOT_BEAT if "one-to-many" in ours else ():
        other = figures["one-to-many"].get(name)
        if other is not None:
            times = other["times"]
            yield _line("one-to-many", f"{times:.3f} of {name}", "≥ 1.00", times >= 1)
    if "bursts" in ours:
        rate = ours["bursts"]["deliveries_per_cpu_s"]
        yield _line("bursts", f"{rate:,.0f} a CPU-second", "≥ 800,000", rate >= 800_000)
    if "idle" in ours:
        kib, share = ours["idle"]["kib_per_socket"], ours["idle"]["heartbeat_share"]
        yield _line("idle", f"{kib:.1f} KiB a socket", "≤ 30", kib <= 30)
        yield _line("idle", f"{share:.1%} of a core", "≤ 2 %", share <= 0.02)
    if "handshakes" in ours:
        rate = ours["handshakes"]["per_cpu_s"]
        yield _line("handshakes", f"{rate:,.0f} a CPU-second", "≥ 1,200", rate >= 1200)
    if "storm" in ours:
        yield from _storm_verdicts(ours["storm"])
    if "screen" in ours:
        found, goal = ours["screen"]["ack_to_screen_ms"], ours["screen"]["goal_ms"]
        yield _line(
            "screen",
            "p50 {p50} ms, p99 {p99} ms".format(**found),
            f"≤ {goal['p50']:.0f}, {goal['p99']:.0f} ms",
            ours["screen"]["met"],
        )
        for hop, part in ours["screen"]["hops_ms"].items():
            yield f"    {hop:22} p50 {part['p50']:>6} ms   p99 {part['p99']:>6} ms"


def _storm_verdicts(found: dict[str, Any]) -> Iterator[str]:
    whole = found["whole"] >= 0.99 * found["sockets"]
    yield _line(
        "storm",
        f"{found['whole'] / found['sockets']:.1%} whole, 99 % in {found['p99_s']:.1f} s",
        "≤ 10 s",
        whole and found["p99_s"] <= 10,
    )
    exact = found["missed_that_came"] == found["sockets"] * found["missed_each"]
    yield _line("storm", f"{found['missed_that_came']:,} missed events came", "each once", exact)
    queries = found["queries_per_resume"]
    yield _line("storm", f"{queries:.3f} database queries a resume", "≤ 0.1", queries <= 0.1)


def _line(row: str, found: str, goal: str, met: bool) -> str:
    return f"{'met   ' if met else 'MISSED'}  {row:12} {found} (goal {goal})"
