"""Findings of several processes, and what fails a run."""

from types import SimpleNamespace
from typing import Any

from loadtests import report
from loadtests.phone.findings import FAULTS, Findings, merged

HEALTHY = {"cpu_share": 0.4, "lag_p50_ms": 1.0, "lag_p99_ms": 20.0, "lag_max_ms": 60.0}


def part(findings: Findings, **generator: float) -> dict[str, Any]:
    about = {"expected": 5, "live": [3, 4], "generator": HEALTHY | generator}
    return {**findings.exported(), **about}


def summary(*parts: dict[str, Any], villages: int = 0) -> dict[str, Any]:
    options = SimpleNamespace(
        scenario="steady", villages=villages or len(parts), num_users=4, acts_for_s=60,
        acts_per_s=1, late_s=5,
    )  # fmt: skip
    environment = SimpleNamespace(
        parsed_options=options,
        runner=SimpleNamespace(exceptions={}),
        stats=SimpleNamespace(entries={}),
    )
    return report.summary(environment, parts, Findings().exported())


def test_faults_and_counts_add_up() -> None:
    one, other = Findings(), Findings()
    one.count("acts", "like", 2)
    other.count("acts", "like")
    other.fault("gap", "7 came after 5")
    one.notes["storm"].append({"dropped": 1})
    other.notes["storm"].append({"dropped": 2})
    whole = merged([one.exported(), other.exported()])
    assert whole["counts"] == {"acts": {"like": 3}}
    assert whole["faults"] == {"gap": 1}
    assert whole["samples"] == ["gap: 7 came after 5"]
    assert whole["notes"] == {"storm": [{"dropped": 1}, {"dropped": 2}]}


def test_any_fault_fails_the_run() -> None:
    assert summary(part(Findings()))["passed"]
    for kind in FAULTS:
        findings = Findings()
        findings.fault(kind, "what happened")
        found = summary(part(Findings()), part(findings))
        assert not found["passed"]
        assert found["faults"] == {kind: 1}
        assert any("what happened" in line for line in report.lines(found))


def test_a_process_that_never_reports_fails_the_run() -> None:
    assert summary(part(Findings()), villages=2)["faults"] == {"broken": 1}


def test_a_busy_generator_is_not_trusted() -> None:
    busy = summary(part(Findings()), part(Findings(), lag_p99_ms=300.0))
    assert summary(part(Findings()))["generator"]["trusted"]
    assert not busy["generator"]["trusted"]
    assert any("WARNING" in line for line in report.lines(busy))
