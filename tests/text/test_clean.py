"""Clean-up and defusing of what visitors type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour.text.clean import MAX_CHARS, clean, defuse

# all characters, surrogates included: hypothesis leaves those out by itself, visitors' broken clients do not
ANY_TEXT = st.text(st.characters())
NEARLY_A_COMMAND = st.builds(
    lambda before, slash, after: before + slash + after,
    st.text(st.sampled_from(" \t\n\r\x00\x0b\x1c\x1f\x85\u00a0\u200b\u200d\u2060\ufeff\u202e\u3000"), max_size=8),
    st.sampled_from(["/", "\uff0f", "//", "/\uff0f"]),
    st.sampled_from(["greet", 'inform{"country":"US"}', "restart", "faq/naltrexone_what", ""]),
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("can\u2019t", "can't"),
        ("can\u2018t", "can't"),
        ("can`t", "can't"),
        ("\u201cblocker\u201d", '"blocker"'),
        ("2\u20133 days", "2-3 days"),
        ("wait\u2026", "wait..."),
        ("\uff48\uff45\uff4c\uff50", "help"),
        ("hel\u200bp", "help"),
        ("\u202ehelp\u202c", "help"),
        ("help\x00me\x07now", "help me now"),
        ("  help\n\n me\t", "help me"),
        ("soooooooo", "sooo"),
        ("!!!!!!!!", "!!!"),
        ("\ud800help", "help"),
        ("", ""),
        (" \n\u200b", ""),
    ],
)
def test_a_message_is_read_the_same_whatever_its_characters(typed: str, read: str) -> None:
    """Curly quotes, full width, invisible and control characters and long runs are folded to plain text."""
    assert clean(typed) == read


@pytest.mark.parametrize("text", ["help me", "2-3 days", "can't", "£20", "naïve café", "😀", "👩\u200d👧"])
def test_plain_text_and_emoji_stay_as_they_are(text: str) -> None:
    """Accents, currency and joined emoji are kept: only what cannot be read is taken away."""
    assert clean(text) == text


@given(ANY_TEXT)
def test_cleaned_text_is_one_line_without_control_characters(text: str) -> None:
    """Whatever is typed, what is read is one trimmed line of characters that can be seen."""
    read = clean(text)
    assert read == read.strip()
    assert "  " not in read
    assert not {unicodedata.category(c) for c in read.replace("\u200d", "")} & {"Cc", "Cf", "Co", "Cs"}


@given(ANY_TEXT)
def test_cleaned_text_can_always_be_sent_on(text: str) -> None:
    """What is read can be encoded, also when half a surrogate pair was typed."""
    assert clean(text).encode("utf-8").decode("utf-8") == clean(text)


def test_a_very_long_message_keeps_its_beginning_and_its_end() -> None:
    """Of a message beyond the limit both ends are read, where the greeting and the question stand."""
    long = "first words " + "x y " * 10_000 + "last words"
    read = clean(long)
    assert read.startswith("first words ")
    assert read.endswith(" last words")
    assert len(read) <= MAX_CHARS


def test_a_message_at_the_limit_is_read_whole() -> None:
    """Nothing is cut from a message of exactly the limit."""
    text = "ab" * (MAX_CHARS // 2)
    assert clean(text) == text


@given(st.one_of(ANY_TEXT, NEARLY_A_COMMAND))
def test_typed_text_never_becomes_a_command(text: str) -> None:
    """After defusing, no folding and no trimming of blanks leaves a slash in front."""
    safe = defuse(text)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert not unicodedata.normalize(form, safe).strip().startswith("/")


@given(NEARLY_A_COMMAND)
def test_no_clean_up_brings_a_command_back(text: str) -> None:
    """The clean-up that follows, which removes invisible characters, leaves no slash in front either."""
    assert not clean(defuse(text)).startswith("/")


@given(st.one_of(ANY_TEXT, NEARLY_A_COMMAND))
def test_defusing_twice_changes_nothing_more(text: str) -> None:
    """Text that was defused once is safe as it stands."""
    assert defuse(defuse(text)) == defuse(text)


@given(ANY_TEXT)
def test_defused_text_does_not_grow_without_bound(text: str) -> None:
    """Folding may lengthen a character, at most eighteenfold as Unicode promises; nothing is added."""
    assert len(defuse(text)) <= 18 * len(text)


@pytest.mark.parametrize(
    "text", ["hello", "and/or", "1/2 a tablet", "w/d is bad", " hi / there", "http://example.org/x"]
)
def test_slashes_inside_a_message_stay(text: str) -> None:
    """Only a slash in front is neutralised."""
    assert defuse(text) == text


@pytest.mark.parametrize(
    "text", ["/greet", " /greet", "\t\n/greet", "\uff0fgreet", "\u200b/greet", "\ufeff \u2060/greet", "\x00/greet"]
)
def test_a_leading_slash_is_replaced_and_the_words_stay(text: str) -> None:
    """The visitor's words are kept; the slash only looks like one."""
    assert clean(defuse(text)) == "\u2215greet"


def test_an_acute_accent_is_an_apostrophe() -> None:
    """NFKC alone would make a blank and a combining accent of it."""
    assert clean("can\u00b4t wake him") == "can't wake him"


def test_no_number_of_invisible_characters_hides_a_command() -> None:
    """Not sixteen nor sixty of them."""
    assert not clean(defuse("\u200b" * 40 + "/greet")).startswith("/")
