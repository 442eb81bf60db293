"""Acknowledged acts and who must see them."""

from loadtests.phone.ledger import Ledger, Missing


def test_what_was_acknowledged_and_not_seen_is_missing() -> None:
    ledger = Ledger()
    assert ledger.acknowledged("post:1", [1, 2, 3], began_at=9, now=10) == []
    assert ledger.seen("post:1", 2, 10.5) == 0.5
    assert ledger.seen("post:1", 2, 10.6) is None
    assert ledger.missing() == [Missing("post:1", 1, 9), Missing("post:1", 3, 9)]
    ledger.seen("post:1", 1, 11)
    ledger.seen("post:1", 3, 11)
    assert ledger.missing() == []
    assert ledger.expected == 3


def test_an_event_may_overtake_the_answer_to_its_cause() -> None:
    ledger = Ledger()
    assert ledger.seen("post:1", 1, 9.9) is None
    assert ledger.acknowledged("post:1", [1, 2], began_at=9, now=10) == [0.0]
    assert ledger.missing() == [Missing("post:1", 2, 9)]


def test_what_was_never_acknowledged_is_not_missing() -> None:
    ledger = Ledger()
    ledger.seen("post:1", 1, 9.9)
    assert ledger.missing() == []
