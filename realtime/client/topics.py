"""Which topics the user wants. All of them are asked for anew on each connection."""

import asyncio
from dataclasses import dataclass, field

Answer = str
"""`ok`, `forbidden`, `unknown` or `too_many`."""


@dataclass(slots=True)
class _Wanted:
    granted: bool = False
    waiting: "list[asyncio.Future[Answer]]" = field(default_factory=list)


class Topics:
    def __init__(self) -> None:
        self._wanted: dict[str, _Wanted] = {}

    def all(self) -> list[str]:
        return list(self._wanted)

    def want(self, topic: str) -> "asyncio.Future[Answer]":
        """The server's answer, once there is one."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._wanted.setdefault(topic, _Wanted()).waiting.append(answer)
        return answer

    def forget(self, topic: str) -> None:
        """Not wanted any more, or not ours to see."""
        gone = self._wanted.pop(topic, None)
        for answer in gone.waiting if gone else []:
            if not answer.done():
                answer.set_result("forbidden")

    def answered(self, topic: str, answer: Answer) -> bool:
        """True: it was granted before and no longer is."""
        wanted = self._wanted.get(topic)
        if wanted is None:
            return False
        for waiting in wanted.waiting:
            if not waiting.done():
                waiting.set_result(answer)
        wanted.waiting.clear()
        lost = wanted.granted and answer != "ok"
        wanted.granted = answer == "ok"
        if not wanted.granted:
            del self._wanted[topic]
        return lost

    def failed(self, topics: list[str], error: Exception) -> None:
        """No answer but an error. Those granted before are asked for on the next connection."""
        for topic in topics:
            wanted = self._wanted.get(topic)
            if wanted is not None and not wanted.granted:
                del self._wanted[topic]
                for waiting in wanted.waiting:
                    if not waiting.done():
                        waiting.set_exception(error)

    def end(self, error: Exception) -> None:
        for wanted in self._wanted.values():
            for waiting in wanted.waiting:
                if not waiting.done():
                    waiting.set_exception(error)
        self._wanted.clear()
