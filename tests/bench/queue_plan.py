"""How often the bands of a queue's plan hold, and how long a plan takes: `python -m tests.bench.queue_plan`."""

from __future__ import annotations

import time

from indicators.planning.plan import plan
from indicators.planning.runs import RUNS
from indicators.planning.scenario import Scenario
from tests.oracle.test_queue_validation import HISTORIES, coverage
from tests.spec.test_plan import BASIS


def main() -> None:
    """Print both."""
    found = coverage()
    print(f"coverage over {HISTORIES} histories: 80 % band {found['80']:.1%}, 95 % band {found['95']:.1%}")
    scenario = Scenario("N", "18", "oral_health", weeks=104)
    plan(BASIS, scenario, 10)
    began = time.process_time()
    plan(BASIS, scenario, RUNS)
    print(f"{RUNS} runs of 104 weeks, as today and planned: {time.process_time() - began:.2f} s of one core")


if __name__ == "__main__":
    main()
