"""For `locust` itself, with its own page in the browser:

    python -m loadtests.founding --users 200 --to town.json
    locust -f loadtests/locustfile.py --town town.json -u 200 -r 20 \\
        --acts-for-s 300 -H http://localhost:8000

`python -m loadtests.run SCENARIO` does all of it without a page, for each of the scenarios.
"""

from loadtests.scenarios.steady import Steady, SteadyPhases

__all__ = ["Steady", "SteadyPhases"]
