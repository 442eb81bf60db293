"""Whether the load generator itself keeps up: else its figures say nothing of the server."""

import resource
import time

import gevent

STEP_S = 0.05
_BUCKETS_MS = tuple(round(1.2**n, 2) for n in range(-4, 52))
"""Up to 10 s, each a fifth above the one before."""


class Generator:
    """A greenlet sleeps 50 ms and notes how late it wakes: what any greenlet here waits for
    its turn, and so what may have been added to any latency. Beside it, CPU seconds a second."""

    def __init__(self) -> None:
        self._lags_ms = [0] * (len(_BUCKETS_MS) + 1)
        self._max_ms = 0.0
        self._began = time.perf_counter()
        self._cpu_began = time.process_time()

    def run(self) -> None:
        while True:
            due = time.perf_counter() + STEP_S
            gevent.sleep(STEP_S)
            lag_ms = (time.perf_counter() - due) * 1000
            self._max_ms = max(self._max_ms, lag_ms)
            bucket = next((i for i, top in enumerate(_BUCKETS_MS) if lag_ms <= top), -1)
            self._lags_ms[bucket] += 1

    def _percentile(self, share: float) -> float:
        """The upper edge of the bucket it falls into."""
        wanted = share * sum(self._lags_ms)
        passed = 0
        for top, count in zip(_BUCKETS_MS, self._lags_ms, strict=False):
            passed += count
            if passed >= wanted:
                return min(float(top), self._max_ms)
        return self._max_ms

    def exported(self) -> dict[str, float]:
        wall = time.perf_counter() - self._began
        return {
            "cpu_share": round((time.process_time() - self._cpu_began) / wall, 3),
            "lag_p50_ms": round(self._percentile(0.5), 1),
            "lag_p99_ms": round(self._percentile(0.99), 1),
            "lag_max_ms": round(self._max_ms, 1),
            "memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
