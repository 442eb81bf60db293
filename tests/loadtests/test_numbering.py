"""The load test's checker sees what it is there for: holes, repeats, doubles, lateness."""

from hypothesis import given, strategies as st

from loadtests.phone.numbering import IDS_MAX, Numbering

NOW = 1_800_000_000.0


def welcomed(seq: int = 10, late_s: float = 5.0) -> Numbering:
    numbering = Numbering(late_s)
    assert numbering.welcomed("e1", seq, False, NOW) is None
    return numbering


def kinds(numbering: Numbering, stream: list[tuple[int, str]]) -> list[str]:
    """Kinds of the faults that a stream of (seq, id) has."""
    faults = [numbering.event(seq, event_id, NOW, NOW) for seq, event_id in stream]
    return [fault[0] for fault in faults if fault is not None]


@given(first=st.integers(0, 2**50), count=st.integers(2, 40), data=st.data())
def test_a_whole_stream_is_whole_and_one_with_a_hole_is_not(
    first: int, count: int, data: st.DataObject
) -> None:
    stream = [(first + n, f"id-{n}") for n in range(1, count + 1)]
    assert kinds(welcomed(first), stream) == []
    hole = data.draw(st.integers(0, count - 2))
    assert kinds(welcomed(first), stream[:hole] + stream[hole + 1 :]) == ["gap"]


def test_a_number_that_comes_again_is_a_repeat() -> None:
    assert kinds(welcomed(), [(11, "a"), (12, "b"), (12, "b"), (13, "c")]) == ["repeated"]


def test_an_event_under_another_number_is_doubled() -> None:
    assert kinds(welcomed(), [(11, "a"), (12, "b"), (13, "a")]) == ["doubled"]


def test_a_double_is_seen_over_thousands_of_others() -> None:
    others = [(12 + n, f"id-{n}") for n in range(IDS_MAX - 1)]
    assert kinds(welcomed(), [(11, "a"), *others, (11 + IDS_MAX, "a")]) == ["doubled"]


def test_late_is_counted_from_the_event_or_from_when_it_could_be_heard() -> None:
    numbering = welcomed(late_s=5.0)
    assert numbering.event(11, "a", NOW, NOW + 4.9) is None
    fault = numbering.event(12, "b", NOW + 1, NOW + 6.1)
    assert fault is not None
    assert fault[0] == "late"
    numbering.hears_since = NOW + 60
    assert numbering.event(13, "c", NOW + 1, NOW + 64) is None


def test_a_resume_goes_on_where_it_was() -> None:
    numbering = welcomed()
    assert kinds(numbering, [(11, "a")]) == []
    assert numbering.point == ("e1", 11)
    assert numbering.welcomed("e1", 13, True, NOW) is None
    assert kinds(numbering, [(13, "c")]) == ["gap"]


def test_a_refused_resume_needs_its_resync() -> None:
    silent, told = welcomed(), welcomed()
    for numbering in (silent, told):
        assert numbering.welcomed("e2", 3, False, NOW) is None
    assert kinds(silent, [(4, "d")]) == ["gap"]
    told.resynced("e2", 3)
    assert kinds(told, [(4, "d")]) == []


def test_answers_that_do_not_fit_are_faults() -> None:
    fresh = Numbering(5.0)
    for fault in (
        fresh.event(1, "a", NOW, NOW),
        fresh.welcomed("e1", 1, True, NOW),
        welcomed().welcomed("e2", 10, True, NOW),
        welcomed().welcomed("e1", 9, True, NOW),
    ):
        assert fault is not None
        assert fault[0] == "unasked"
