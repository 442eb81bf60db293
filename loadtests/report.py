"""What a load test found, as one JSON object: what failed it, what it measured, what to trust."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from loadtests.phone.findings import merged

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
LAG_P99_MAX_MS = 50.0
CPU_SHARE_MAX = 0.9


def summary(
    environment: Any, parts: Sequence[Mapping[str, Any]], led: Mapping[str, Any]
) -> dict[str, Any]:
    """`parts`: what each process with phones exported; `led`: what the leading one found."""
    options = environment.parsed_options
    found = merged([*parts, led])
    faults, counts = found["faults"], found["counts"]
    if len(parts) < options.villages:
        faults["broken"] = faults.get("broken", 0) + options.villages - len(parts)
        found["samples"].append(f"{options.villages - len(parts)} processes never reported")
    broken = sum(error["count"] for error in environment.runner.exceptions.values())
    if broken:
        faults["broken"] = faults.get("broken", 0) + broken
        found["samples"] += [e["msg"] for e in list(environment.runner.exceptions.values())[:3]]
    live = [sum(second) for second in zip(*(part["live"] for part in parts), strict=False)]
    generators = [part["generator"] for part in parts]
    return {
        "scenario": options.scenario,
        "passed": not faults,
        "lost": faults.get("lost", 0) + faults.get("gap", 0),
        "doubled": faults.get("doubled", 0) + faults.get("repeated", 0),
        "late": faults.get("late", 0),
        "faults": faults,
        "samples": found["samples"],
        "users": options.num_users,
        "seconds": options.acts_for_s,
        "acts_per_s": options.acts_per_s,
        "late_s": options.late_s,
        "live_sockets": {"min": min(live, default=0), "max": max(live, default=0)},
        "deliveries_expected": sum(part["expected"] for part in parts),
        **{name: counts.get(name, {}) for name in _COUNTED},
        **_figures(environment.stats),
        "generator": {"trusted": all(map(trusted, generators)), "processes": generators},
        **found["notes"],
        "load_average": os.getloadavg()[0],
    }


_COUNTED = ("acts", "events", "updates", "sockets", "closed", "resyncs", "retried", "deliveries")


def trusted(generator: Mapping[str, float]) -> bool:
    """Whether latencies measured by a process that was so busy are those of the server."""
    return generator["lag_p99_ms"] <= LAG_P99_MAX_MS and generator["cpu_share"] <= CPU_SHARE_MAX


def _figures(stats: Any) -> dict[str, dict[str, dict[str, float]]]:
    """Milliseconds by name: deliveries and connections, socket calls, HTTP requests."""
    groups: dict[str, dict[str, dict[str, float]]] = {
        "latency_ms": {},
        "calls_ms": {},
        "http_ms": {},
    }
    for (name, method), entry in sorted(stats.entries.items()):
        if method == "CHECK" or not entry.num_requests:
            continue
        group = {"SOCKET": "latency_ms", "CALL": "calls_ms"}.get(method, "http_ms")
        label = name if group != "http_ms" else f"{method} {name}"
        groups[group][label] = {
            "count": entry.num_requests,
            **{n: entry.get_response_time_percentile(share) for n, share in SHARES.items()},
            "max": round(entry.max_response_time, 1),
        }
    return groups


def lines(report: Mapping[str, Any]) -> list[str]:
    """The same for a person to read."""
    live = report["live_sockets"]
    said = [
        f"{report['scenario']}: {report['users']} phones, {report['seconds']} s,"
        f" {live['min']}–{live['max']} sockets live",
        f"  lost {report['lost']}, doubled {report['doubled']}, late {report['late']}"
        f"   (events {sum(report['events'].values())}, updates {sum(report['updates'].values())},"
        f" deliveries checked {report['deliveries_expected']})",
        f"  acts {report['acts']}",
        f"  sockets {report['sockets']}, closed {report['closed']}, resyncs {report['resyncs']}",
    ]
    for name in ("deliveries", "retried", "storm", "deploy", "faults"):
        if report.get(name):
            said.append(f"  {name}: {report[name]}")
    said += [f"    {sample}" for sample in report["samples"]]
    for group in ("latency_ms", "calls_ms", "http_ms"):
        for name, figure in report[group].items():
            said.append(
                f"  {name:42} {figure['count']:>8} "
                + "  ".join(f"{n} {figure[n]:g}" for n in ("p50", "p95", "p99", "max"))
                + " ms"
            )
    for generator in report["generator"]["processes"]:
        said.append(f"  generator: {generator}")
    if not report["generator"]["trusted"]:
        said.append(
            f"  WARNING: the generator did not get its turn (lag p99 above {LAG_P99_MAX_MS:g} ms, or"
            f" above {CPU_SHARE_MAX:.0%} of a core): these latencies are not the server's alone."
        )
    return said
