"""Words: what is alike, what is found by which part, and that the index never leaves one out."""

import pytest
from hypothesis import given, strategies as st

from app.messages import words

FOUND = [
    ("See you at the café", "CAFE", "café"),
    ("See you at the cafe\u0301!", "café", "cafe\u0301"),
    ("Straße 12", "strasse", "Straße"),
    ("ΟΔΟΣ", "οδός", "ΟΔΟΣ"),
    ("Ёлка в лесу", "елк", "Ёлк"),
    ("Łódź and Ærø", "aero", "Ærø"),
    ("ＦＵＬＬ width", "full", "ＦＵＬＬ"),
    ("don't", "don't", "don|t"),
    ("ask @ana_b, #sunset", "#sun", "sun"),
    ("明日は東京で会いましょう", "東京", "東京"),
    ("明日は東京で会いましょう", "京", "京"),
    ("カフェでﾊﾞｽを待つ", "バス", "ﾊﾞｽ"),
    ("พบกันที่กรุงเทพ", "กรุง", "กรุง"),
    ("안녕하세요", "안녕하", "안녕하"),
    ("한국", "하", "한"),
    ("שָׁלוֹם", "שלום", "שָׁלוֹם"),
    ("So good 👍🏽", "👍", "👍🏽"),
    ("iPhone15を買う", "iphone1 買", "iPhone1|買"),
    ("می\u200cخواهم", "میخواهم", "می\u200cخواهم"),
]
NOT_FOUND = [
    ("See you at the café", "afe"),
    ("See you", "seen"),
    ("one two", "one three"),
    ("明日は東京で", "京東"),
    ("ハハ", "パパ"),
    ("", "a"),
    ("😀", "😂"),
]


@pytest.mark.parametrize(("text", "query", "marked"), FOUND)
def test_found(text: str, query: str, marked: str) -> None:
    wanted = words.terms(query)
    found = words.matches(text, wanted)
    assert found is not None
    assert "|".join(text[start:end] for start, end in found) == marked
    assert {token for term in wanted for token in term.tokens} <= set(words.tokens(text))


@pytest.mark.parametrize(("text", "query"), NOT_FOUND)
def test_not_found(text: str, query: str) -> None:
    assert words.matches(text, words.terms(query)) is None


@pytest.mark.parametrize("query", ["", "  ", "…", "?!", "$", "\u200b", "\u0301", "- _ -"])
def test_nothing_to_look_for(query: str) -> None:
    assert words.terms(query) == []


LETTERS = st.text(
    st.sampled_from("aàbcßéïŁ1 _.'京都をか゛ガก่ไทย한ᄒ👍🏽🇩🇪\u0301\u200d\ufe0f"), max_size=30
)


@given(text=st.text(max_size=40) | LETTERS, cut=st.tuples(st.integers(0, 40), st.integers(1, 9)))
def test_whatever_matches_is_in_the_index(text: str, cut: tuple[int, int]) -> None:
    """Any part of a text as the query: else a search would leave out what is there."""
    wanted = words.terms(text[cut[0] : cut[0] + cut[1]])
    found = words.matches(text, wanted)
    if found is None:
        return
    assert {token for term in wanted for token in term.tokens} <= set(words.tokens(text))
    flat = [place for one in found for place in one]
    assert flat == sorted(flat)
    assert all(0 <= place <= len(text) for place in flat)
    if wanted:
        pieces = words.excerpt(text, found)
        assert any(match for _, match in pieces)
        assert "".join(piece for piece, _ in pieces).strip("…") in text


@given(text=LETTERS)
def test_a_whole_text_finds_itself(text: str) -> None:
    assert words.matches(text, words.terms(text)) is not None


@given(text=st.text(st.characters(codec="ascii"), max_size=40))
def test_the_short_way_for_plain_text_is_the_long_one(text: str) -> None:
    long = words.runs(text + "é")
    plain = words.runs(text)
    if long and text and text[-1].isalnum():  # the letter hangs on to the last word
        assert [run.text for run in plain[:-1]] == [run.text for run in long[:-1]]
        assert plain[-1].text + "e" == long[-1].text
    else:
        assert plain == long[:-1]


def test_an_excerpt_is_cut_between_words_around_the_match() -> None:
    text = "lorem " * 40 + "the needle is here " + "ipsum " * 40
    found = words.matches(text, words.terms("needle"))
    assert found is not None
    pieces = words.excerpt(text, found)
    assert pieces[0] == ("…", False)
    assert pieces[1][0].startswith("lorem ")
    assert pieces[2] == ("needle", True)
    assert pieces[-1] == ("…", False)
    assert pieces[-2][0].endswith(" ipsum")
    assert sum(len(piece) for piece, _ in pieces) < 150
