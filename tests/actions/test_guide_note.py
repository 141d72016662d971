"""action_guide_note: what the guide leaves out, once."""

from __future__ import annotations

import pytest

from actions.guide_note import ActionGuideNote
from harbour.guide.topics import load_guide
from tests.actions.helpers import assert_rests, assert_says, bot, create_tracker, message, since, user

# an answer with two notes, and one without any, whichever these are in the guide of the day
NOTED = next(t for t in load_guide().topics.values() if len(t.notes) == 2)
PLAIN = next(t for t in load_guide().topics.values() if t.facts and not t.notes)
ANSWERED = message(NOTED.leaf)
NOTES = tuple(f"utter_note_{slug}" for slug in NOTED.notes)


def test_an_answer_brings_its_notes() -> None:
    """The notes of the answer just given follow it, in the guide's order."""
    assert_says(ActionGuideNote(), create_tracker(ANSWERED), *[{"response": name} for name in NOTES])


def test_a_note_said_before_rests_and_the_other_still_comes() -> None:
    """Only what was said already is left out."""
    assert_says(ActionGuideNote(), create_tracker(ANSWERED, since(1, NOTES[0])), {"response": NOTES[1]})


def test_notes_rest_for_ten_turns() -> None:
    """Up to ten messages later nothing is repeated."""
    assert_rests(ActionGuideNote(), create_tracker(ANSWERED, [user(), *map(bot, NOTES), *[user()] * 10]))


def test_notes_come_again_after_ten_turns() -> None:
    """In a long conversation they are due again."""
    tracker = create_tracker(ANSWERED, [user(), *map(bot, NOTES), *[user()] * 11])
    assert_says(ActionGuideNote(), tracker, *[{"response": name} for name in NOTES])


@pytest.mark.parametrize("leaf", ["greet", "suicide_risk", "nlu_fallback", PLAIN.leaf])
def test_answers_without_notes_bring_none(leaf: str) -> None:
    """Small talk, danger and answers that need no note stay as they are."""
    assert_rests(ActionGuideNote(), create_tracker(message(leaf)))


def test_two_names_mixed_up_are_told_apart_first() -> None:
    """The note comes after any answer, remembers how they were mixed up, and leaves room for one other."""
    mixup = {"kind": "spelling", "words": "naltroxone"}
    two_names = {"response": "utter_note_two_names", "mixup": "spelling"}
    assert_says(ActionGuideNote(), create_tracker(message("nlu_fallback", mixup=mixup)), two_names)
    tracker = create_tracker(message(NOTED.leaf, mixup=mixup))
    assert_says(ActionGuideNote(), tracker, two_names, {"response": NOTES[0]})


def test_the_same_mix_up_is_not_explained_again() -> None:
    """Once in a conversation; another kind of mix-up is explained."""
    before = since(1, "utter_note_two_names", mixup="spelling")
    assert_rests(ActionGuideNote(), create_tracker(message("greet", mixup={"kind": "spelling"}), before))
    tracker = create_tracker(message("greet", mixup={"kind": "rescue"}), before)
    assert_says(ActionGuideNote(), tracker, {"response": "utter_note_two_names", "mixup": "rescue"})


def test_a_message_without_a_mix_up_brings_no_names() -> None:
    """Most messages have none."""
    assert_rests(ActionGuideNote(), create_tracker(message("greet", mixup=None)))
