"""Reading content/guide.yml."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbour.guide.topics import Fact, load_guide, read_guide


def test_a_fact_is_missing_when_none_of_its_words_stand_in_the_answer() -> None:
    """Each entry of `says` must be there, whatever its case; of alternatives one is enough."""
    fact = Fact("it lasts", ("two to four days | 2 to 4 days", "Pill"))
    assert fact.missing("A pill lasts 2 to 4 days.") == []
    assert fact.missing("A pill lasts.") == ["two to four days | 2 to 4 days"]
    assert fact.missing("") == list(fact.says)


def test_topics_are_named_by_their_leaf(tmp_path: Path) -> None:
    """faq and beyond topics carry their group; the others are plain ids; a topic knows its response."""
    file = tmp_path / "guide.yml"
    file.write_text(
        """
sections: {intro: {title: Opening}}
faq: {what: {title: "What?", section: intro, facts: [{fact: a, says: [b]}], notes: [n], adds: [overdose_risk]}}
beyond: {cost: {title: "Cost?"}}
chat: {greet: {title: Hello}}
safety: {suicide_risk: {title: Thoughts}}
""",
        encoding="utf-8",
    )
    guide = read_guide(file)
    assert list(guide.topics) == ["faq/what", "beyond/cost", "greet", "suicide_risk"]
    topic = guide.topics["faq/what"]
    assert (topic.id, topic.response, topic.section, topic.notes) == ("what", "utter_faq/what", "intro", ("n",))
    assert guide.sections == {"intro": "Opening"}


def test_a_title_stands_for_its_topic() -> None:
    """Visitors and staff see the title; an unknown id is shown as it is."""
    assert load_guide().title("faq/dose_duration") == "How long does one dose last?"
    assert load_guide().title("no_such_topic") == "no_such_topic"


def test_a_topic_without_a_title_is_an_error(tmp_path: Path) -> None:
    """A topic nobody could name is refused."""
    file = tmp_path / "guide.yml"
    file.write_text("sections: {}\nfaq: {what: {section: intro}}\nbeyond: {}\nchat: {}\nsafety: {}\n", encoding="utf-8")
    with pytest.raises(KeyError, match="title"):
        read_guide(file)
