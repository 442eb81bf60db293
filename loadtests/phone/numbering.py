"""What one device was sent, held against the protocol: every number, every id, every time.

No I/O and no clock, so that a test can feed it a stream with a hole. A fault is its kind and a
sentence for whoever looks for the cause:

    gap        a number is missing and no `resync` said so
    repeated   a number that was handed on before came again
    doubled    an event that this device had before, under another number
    late       more than `late_s` after its `ts`, or after the device could hear again
    unasked    an event before a welcome, or an answer that does not fit what was asked
"""

Fault = tuple[str, str]

IDS_MAX = 4096
"""So many of the newest ids, at least, are remembered; the reference client does the same."""


class Numbering:
    __slots__ = ("_awaits_resync", "_ids", "_older", "epoch", "hears_since", "late_s", "seq")

    def __init__(self, late_s: float) -> None:
        self.late_s = late_s
        self.epoch = ""
        """Empty until the first welcome."""
        self.seq = 0
        self.hears_since = 0.0
        """When it last became able to hear: what waited for that is not late. Epoch seconds."""
        self._awaits_resync = False
        # Hashes, in two generations: 5,000 devices remember some thousand ids each.
        self._ids: set[int] = set()
        self._older: set[int] = set()

    @property
    def point(self) -> tuple[str, int] | None:
        """Where to resume."""
        return (self.epoch, self.seq) if self.epoch else None

    def welcomed(self, epoch: str, seq: int, resumed: bool, now: float) -> Fault | None:
        """The answer to a hello that carried `point`, at `now` (epoch seconds)."""
        self.hears_since = now
        asked, self._awaits_resync = bool(self.epoch), False
        if not resumed:
            self._awaits_resync = asked
            self.epoch, self.seq = epoch, seq
        elif not asked:
            return "unasked", "resumed, but nothing was asked for"
        elif epoch != self.epoch or seq < self.seq:
            return "unasked", f"resumed at {epoch}/{seq}, asked for {self.epoch}/{self.seq}"
        return None

    def resynced(self, epoch: str, seq: int) -> None:
        """Told to reload: the numbering goes on from there."""
        self._awaits_resync = False
        self.epoch, self.seq = epoch, seq

    def event(self, seq: int, event_id: str | bytes, ts: float, now: float) -> Fault | None:
        """An event stamped `ts` came at `now` (both epoch seconds)."""
        if not self.epoch:
            return "unasked", f"event {seq} before the welcome"
        if self._awaits_resync:
            self._awaits_resync = False
            return "gap", f"the resume was refused, and {seq} came without a resync"
        if seq <= self.seq:
            return "repeated", f"{seq} ({event_id!r}) came again after {self.seq}"
        before, self.seq = self.seq, seq
        known = hash(event_id)
        again = known in self._ids or known in self._older
        self._ids.add(known)
        if len(self._ids) >= IDS_MAX:
            self._older, self._ids = self._ids, set()
        if seq != before + 1:
            return "gap", f"{seq} came after {before} in epoch {self.epoch}"
        if again:
            return "doubled", f"{event_id!r} came again as {seq}"
        waited = now - max(ts, self.hears_since)
        if waited > self.late_s:
            return "late", f"{seq} ({event_id!r}) came {waited:.1f} s late"
        return None
