"""A load test of a running stack, by Locust: people with phones, every event of theirs checked.

    python -m loadtests.run SCENARIO [--users 200] [--minutes 1] [--host http://127.0.0.1:8000]
                            [--acts-per-s N] [--processes P] [--json FILE] [--html FILE]

Scenarios: steady, hot_post, celebrity_post, reconnect_storm, deploy; each says in its file under
loadtests/scenarios what it does. The stack must have been started without limits, from the same
checkout (the people are made in its stores, see loadtests/founding.py):

    GLIMPSE_LIMITS_WRITES_PER_HOUR=0 GLIMPSE_LIMITS_READS_PER_HOUR=0 \\
    GLIMPSE_LIMITS_UPLOADS_PER_DAY=0 GLIMPSE_LIMITS_LIKES_PER_HOUR=0 glimpse up --detach

Each phone has a socket and checks every number, id and time of what comes (loadtests/phone).
Fails (status 1) on a gap without resync, an event twice, one later than `--late-s`, an
acknowledged post or message that a phone which had to see it did not see, a counter that never
came, an answer that is neither a success nor "retry".

Is the generator itself the limit? It reports its share of a core and how late its own greenlets
wake (loadtests/phone/generator.py); above a bound the report warns that its latencies are not
the server's alone. A socket there is a callback, not a greenlet, and reads heads, not JSON.

5,000 phones take 100 s to come, 5,000 descriptors here and 10,000 of the proxy. Access tokens
of the made people last a day; nothing of them is needed again, so start the next on a new
`--data` folder to measure an empty database.
"""

import argparse
import asyncio
import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from infra.local.layout import CHECKOUT, layout_of
from infra.local.state import read_state
from loadtests import founding
from loadtests.report import lines


@dataclass(frozen=True, slots=True)
class Scenario:
    acts_per_s: float
    """Of all together: what two cores bear that carry the stack and the generator."""
    late_s: float = 5.0


SCENARIOS = {
    "steady": Scenario(20.0),
    # Each comment on the one post goes to all sockets.
    "hot_post": Scenario(5.0),
    "celebrity_post": Scenario(10.0),
    "reconnect_storm": Scenario(10.0),
    # While the one worker of a role is replaced, its work waits.
    "deploy": Scenario(15.0, late_s=20.0),
}
"""What holds unless said otherwise."""
RAMP_PER_S_MAX = 50.0


def ramp_per_s(users: int) -> float:
    """Phones that come each second: all within 20 s or, when they are many, 50 a second."""
    return min(RAMP_PER_S_MAX, max(1.0, users / 20))


def command(given: argparse.Namespace, host: str, folder: Path) -> list[str]:
    scenario = CHECKOUT / "loadtests" / "scenarios" / f"{given.scenario}.py"
    made = [
        sys.executable, "-m", "locust", "-f", str(scenario), "--headless", "--only-summary",
        "--host", host, "-u", str(given.users), "-r", str(given.ramp_per_s),
        "--acts-for-s", str(given.minutes * 60),
        "--town", str(folder / "town.json"), "--report", str(folder / "report.json"),
        "--scenario", given.scenario, "--villages", str(given.processes),
        "--acts-per-s", str(given.acts_per_s), "--late-s", str(given.late_s),
        "--settle-s", str(given.settle_s),
        "--loglevel", "WARNING",
    ]  # fmt: skip
    if given.data is not None:
        made += ["--data", str(given.data)]
    if given.html is not None:
        made += ["--html", str(given.html)]
    if given.processes > 1:
        made += ["--processes", str(given.processes)]
    return made


def run(given: argparse.Namespace) -> dict[str, Any]:
    """The report. Raises founding.NoStack, or RuntimeError when Locust wrote none."""
    host = given.host or read_state(layout_of(given.data)).url
    with tempfile.TemporaryDirectory(prefix="glimpse-load-") as name:
        folder = Path(name)
        sizes = [math.ceil(given.users / given.processes)] * given.processes
        asyncio.run(founding.found(given.data, host, sizes)).save(folder / "town.json")
        with (folder / "locust.log").open("w+") as log:
            done = subprocess.run(
                command(given, host, folder), cwd=CHECKOUT, stdout=log, stderr=log, check=False
            )
            written = folder / "report.json"
            if not written.exists():
                log.seek(0)
                raise RuntimeError(f"Locust ended with {done.returncode}:\n{log.read()[-3000:]}")
            report: dict[str, Any] = json.loads(written.read_text())
            if "broken" in report["faults"]:
                log.seek(0)
                print(log.read()[-3000:], file=sys.stderr)
    if given.json is not None:
        given.json.write_text(json.dumps(report, indent=1))
    return report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--host", default="", help="Where clients call; what `glimpse up` printed.")
    parser.add_argument("--data", type=Path, help="The stack's data folder.")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--acts-per-s", type=float, help="Of all together.")
    parser.add_argument("--ramp-per-s", type=float, help="Phones that come each second.")
    parser.add_argument("--late-s", type=float, help="What came later is a fault.")
    parser.add_argument(
        "--settle-s", type=float, default=20.0, help="Quiet between the last act and the verdict."
    )
    parser.add_argument("--processes", type=int, default=1, help="That generate load.")
    parser.add_argument("--json", type=Path, help="Write the report there.")
    parser.add_argument("--html", type=Path, help="Write Locust's page there.")
    given = parser.parse_args()
    usual = SCENARIOS[given.scenario]
    given.acts_per_s = given.acts_per_s or usual.acts_per_s
    given.late_s = given.late_s or usual.late_s
    given.ramp_per_s = given.ramp_per_s or ramp_per_s(given.users)
    for name in ("data", "json", "html"):
        if getattr(given, name) is not None:
            setattr(given, name, getattr(given, name).resolve())
    try:
        report = run(given)
    except (founding.NoStack, RuntimeError) as error:
        sys.exit(f"The load test did not run. {error}")
    print("\n".join(lines(report)))
    sys.exit(0 if report["passed"] else 1)


if __name__ == "__main__":
    main()
