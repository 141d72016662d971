"""Where a visitor says they are, and all the places that are only mentioned."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harbour import settings
from harbour.contacts import load_countries
from harbour.contacts.places import PlaceReader, load_places, place_named
from harbour.contacts.problems import dead_numbers, out_of_use, place_problems

READER = load_places()
FILE = settings.ROOT / "content" / "places.yml"
EXAMPLES = [(text, code) for frame in READER.frames for text, code in frame.examples.items()]
TRAPS = [*READER.traps, *(trap for frame in READER.frames for trap in frame.phrase.traps)]


def code(text: str) -> str | None:
    """The country that is read, "" where the name does not tell, None where no place is said."""
    place = place_named(text)
    return place.code if place else None


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_the_examples_of_the_file_are_read(text: str, expected: str) -> None:
    """Each phrase of places.yml reads what it was written for."""
    assert code(text) == expected


@pytest.mark.parametrize("text", TRAPS)
def test_the_traps_of_the_file_are_left_alone(text: str) -> None:
    """A place that is only mentioned changes nobody's numbers."""
    assert place_named(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("im in dublin", "IE"),
        ("I'm in Dublin", "IE"),
        ("we're in the US", "US"),
        ("US", "US"),
        ("us", "US"),
        ("U.S.", "US"),
        ("usa", "US"),
        ("in the us", "US"),
        ("UK", "GB"),
        ("u.k.", "GB"),
        ("calling from toronto", "CA"),
        ("what's the number in Australia", "AU"),
        ("us numbers please", "US"),
        ("do you have irish numbers", "IE"),
        ("IM IN THE US HELP", "US"),
        ("i am in new york and i want to die", "US"),
        ("he is not breathing. dublin", "IE"),
        ("Dublin, Ireland. my son wont wake up", "IE"),
        ("hi im in new zealand", "ZZ"),
        ("im in irland", "IE"),
        ("im in austrailia", "AU"),
        ("actually im in Canada, sorry", "CA"),
        ("im from ireland but i live in boston", "US"),
        ("i live in the north of ireland", "IE"),
        ("i am in belfast, northern ireland", "GB"),
        ("county cork", "IE"),
        ("i stay in Dundee", "GB"),
        ("I live in Spain, he's in Hull", "ZZ"),
        ("no, ireland", "IE"),
        ("not the uk, ireland", "IE"),
    ],
)
def test_people_say_where_they_are_in_many_ways(text: str, expected: str) -> None:
    """Whole sentences, one word, an answer, a question for the number, with slips and without capitals."""
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("im in london", "GB"),
        ("im in london ontario", "CA"),
        ("london, ontario", "CA"),
        ("im in perth australia", "AU"),
        ("im in perth, scotland", "GB"),
        ("birmingham alabama", "US"),
        ("birmingham uk", "GB"),
        ("atlanta georgia", "US"),
        ("paris texas", "US"),
        ("dublin ohio", "US"),
        ("im in new south wales", "AU"),
        ("im in new england", "US"),
    ],
)
def test_two_places_tell_each_other_apart(text: str, expected: str) -> None:
    """The last of two names decides, and tells which of several places the first one is."""
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "among"),
    [("im in perth", ("AU", "GB")), ("birmingham", ("GB", "US")), ("im in georgia", ("US", "ZZ"))],
)
def test_a_name_of_several_places_is_not_guessed(text: str, among: tuple[str, ...]) -> None:
    """No country is taken; what it may be is told, so that it can be asked."""
    place = place_named(text)
    assert place is not None and (place.code, place.among) == ("", among)


@pytest.mark.parametrize(
    "text",
    [
        "help us",
        "HELP US",
        "can you help us in time",
        "CALLING FROM US",
        "my cousin in texas died",
        "Irish coffee",
        "the cork came out",
        "georgia wont wake up",
        "ca",
        "my mate from leeds says its free",
        "i was in canada last year",
        "if i am in spain next week can i get it",
        "is it licensed in australia",
        "what does the american guide say",
        "im in reading",
        "im in a bad way",
        "im in withdrawal",
        "",
        "?",
    ],
)
def test_what_is_no_place_of_theirs_is_not_read(text: str) -> None:
    """Pronouns, nationalities, things, people, other times and other people's places."""
    assert place_named(text) is None


def test_somebody_elses_place_is_told_apart() -> None:
    """Where the son is, is not where the mother is."""
    place = place_named("my son is in toronto and hes not breathing")
    assert place is not None and (place.code, place.whose) == ("CA", "other")
    place = place_named("hes in leeds im in cork")
    assert place is not None and (place.code, place.whose) == ("IE", "self")


@pytest.mark.parametrize("text", ["im not in the uk", "not in the uk", "i am not in england", "we're not in the UK!"])
def test_not_being_somewhere_is_told(text: str) -> None:
    """Whoever says they are not there names the country and takes it back."""
    place = place_named(text)
    assert place is not None and (place.code, place.denied) == ("GB", True)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("im in dublin", True),
        ("sorry, actually im in canada!", True),
        ("what's the emergency number in the us?", True),
        ("im in dublin and hes not breathing", False),
        ("where can i find a clinic in dublin", False),
        ("im in ohio, how long does a dose last", False),
        ("im in hull help", False),
    ],
)
def test_a_message_that_says_more_is_not_only_a_place(text: str, alone: bool) -> None:
    """What else was said must be answered."""
    place = place_named(text)
    assert place is not None and place.alone is alone


def test_every_country_with_numbers_can_be_said() -> None:
    """Its own name, and how a sentence calls it, lead to its numbers."""
    for found in load_countries().values():
        if found.code != "ZZ":
            assert code(found.name) == code(f"im in {found.called}") == found.code


def test_the_file_of_today_has_no_problem() -> None:
    """What `harbour check` looks at, as it stands."""
    assert list(place_problems(settings.ROOT)) == []
    assert list(dead_numbers(settings.ROOT)) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "near"}, r"says\[0\]: kind 'near': write one of from, looks, here, asks"),
        ({"why": ""}, r"says\[0\] has no why: add it"),
        ({"prase": "x"}, r"says\[0\]: unknown key 'prase'"),
        ({"examples": {"im in dublin": "GB"}}, r"says\[0\]: 'im in dublin' is read as IE, not GB"),
        ({"examples": {"nowhere": "GB"}}, r"says\[0\]: 'nowhere' is read as no place, not GB"),
        ({"traps": ["im in dublin"]}, r"says\[0\]: 'im in dublin' is read as IE: narrow the phrase"),
    ],
)
def test_a_broken_entry_is_named(tmp_path: Path, change: dict[str, object], says: str) -> None:
    """Whoever edits the file learns which entry is wrong and what to do."""
    import re

    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    data["says"] = [{**data["says"][0], **change}]
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "places.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    assert any(re.search(says, problem) for problem in place_problems(tmp_path)), list(place_problems(tmp_path))


def test_a_number_out_of_use_is_found_however_it_is_written(tmp_path: Path) -> None:
    """With other spaces, in any file we show, but not in the list itself nor inside a longer number."""
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "out_of_use.yml").write_text("- {number: 0800 77 66 00, why: old}\n", encoding="utf-8")
    (tmp_path / "domain.yml").write_text("call 0800 776 600\n", encoding="utf-8")
    (tmp_path / "content" / "fine.yml").write_text("id: 108007766001\n", encoding="utf-8")
    assert out_of_use(tmp_path) == {"0800776600": "0800 77 66 00"}
    assert [p.split(":")[0] for p in dead_numbers(tmp_path)] == ["domain.yml"]


def test_a_reader_can_be_made_of_another_file() -> None:
    """The file alone decides: nothing is kept from one reader to the next."""
    place = PlaceReader(FILE).read("im in dublin")
    assert place is not None and place.code == "IE"
