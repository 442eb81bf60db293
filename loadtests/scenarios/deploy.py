"""Deploy: every process of ours is replaced, one by one, under load.

`glimpse restart` drains each and waits until its successor is ready. Clients may be told to
retry (503 with Retry-After, close 1001), and nothing more: no error, nothing lost.
"""

import subprocess
import sys
import time
from typing import Any, ClassVar

from infra.local.layout import CHECKOUT
from loadtests.phone.findings import Findings
from loadtests.phone.hooks import Phases, leads
from loadtests.phone.person import Mix, Someone

_TIMEOUT_S = 600


class DeployPhases(Phases):
    """Come, act; everything is replaced, while acts go on; be quiet."""


class Unaware(Someone):
    """Steady use without bad networks: whatever breaks was the deploy."""

    mix: ClassVar[Mix] = {
        "scroll": 30,
        "read_comments": 8,
        "inbox": 6,
        "like": 24,
        "comment": 8,
        "message": 21,
        "post": 3,
    }


@leads
def replace_all(options: Any, findings: Findings) -> None:
    command = [sys.executable, "-m", "infra.cli", "restart"]
    if options.data:
        command += ["--data", options.data]
    acts_end = time.monotonic() + options.acts_for_s - 5
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    took_s = time.monotonic() - began
    replaced = done.stdout.count("is replaced")
    findings.notes["deploy"].append({"replaced": replaced, "seconds": round(took_s, 1)})
    if done.returncode != 0 or not replaced:
        findings.fault("deploy", (done.stdout + done.stderr)[-300:])
    elif time.monotonic() > acts_end:
        findings.fault("deploy", f"took {took_s:.0f} s, longer than the load: give more --minutes")
