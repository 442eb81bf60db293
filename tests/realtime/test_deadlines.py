"""The calendar gives each socket once, when its time is over, and forgets who went."""

import random
from typing import Any

from realtime.deadlines import Deadlines


class _Socket:
    check_at = 0


def test_each_comes_when_its_time_is_over_and_never_before() -> None:
    chance = random.Random(3)
    calendar, waits, now = Deadlines(100.3), dict[Any, float](), 100.3
    came = 0
    for _ in range(3000):
        match chance.randrange(4):
            case 0:
                waits[one := _Socket()] = at = now + chance.uniform(-2, 40)
                calendar.set(one, at)  # type: ignore[arg-type]
            case 1 if waits:
                one = chance.choice(list(waits))
                waits[one] = at = now + chance.uniform(0, 40)
                calendar.set(one, at)  # type: ignore[arg-type]
            case 2 if waits:
                one = chance.choice(list(waits))
                del waits[one]
                calendar.drop(one)  # type: ignore[arg-type]
            case _:
                now += chance.uniform(0, 3)
                for due in calendar.due(now):
                    at = waits.pop(due)
                    assert at <= now
                    came += 1
                assert all(at > now - 2 for at in waits.values())
    assert came > 100
    assert not calendar.due(now)


def test_a_machine_that_slept_is_no_matter() -> None:
    calendar, one = Deadlines(5.0), _Socket()
    calendar.set(one, 65.5)  # type: ignore[arg-type]
    assert calendar.due(65.9) == []
    assert calendar.due(90_000.0) == [one]
    assert calendar.due(90_001.0) == []
