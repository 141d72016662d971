"""What the gateway reads by itself, and what it says in the assistant's place."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harbour.gateway import run
from harbour.gateway.screen import Screen, Screened, load_screen, meant, pressed, stand_in
from harbour.guide.responses import ResponseBook
from harbour.safety.verdict import Risk
from harbour.settings import ROOT, Settings
from harbour.store import Message
from tests.gateway.fakes import screen, words

BOOK = ResponseBook.load()


def suspected(id: str, about: str = "self", level: str = "check") -> Screened:
    return Screened((Risk(id, about, "now", level, "some words"),))


def message(direction: str, response: str = "", buttons: tuple[str, ...] = ()) -> Message:
    offered = [{"title": title, "payload": f"b_{title}"} for title in buttons]
    payload = {"response": response, "buttons": offered} if direction == "out" else {}
    return Message(1, "c", None, direction, "chat", "", payload, None, datetime.now(UTC), "stored")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "id", "about"),
    [
        ("he is not breathing", "emergency_overdose", "other"),
        ("i am hardly breathing", "emergency_overdose", "self"),
        ("i want to kill myself", "suicide_risk", "self"),
        ("they want to die", "suicide_risk", "other"),
    ],
)
async def test_danger_is_read_without_the_assistant(text: str, id: str, about: str) -> None:
    """The id, about whom, and the words; marked as read by the signs alone."""
    read = await screen().read(text)
    assert read.deadly and read.alarm is not None
    assert (read.alarm.id, read.alarm.about) == (id, about)
    [risk] = [r for r in read.found()["risk"] if r["id"] == id]
    assert risk["by"] == "signs" and risk["level"] == "alarm" and risk["words"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "known", "country", "number"),
    [
        ("im in dublin and hes not breathing", "", "IE", "Call 112 or 999 now"),
        ("he is not breathing", "", "", "Not in the UK?"),
        ("he is not breathing", "US", "US", "Call 911 now"),
        ("my cousin in texas died. he is not breathing", "", "", "Call 999 now"),
        ("my son is in ohio and hes not breathing", "", "US", "Call 911 now"),
        ("my son is in ohio and hes not breathing", "GB", "GB", "Call 999 now"),
    ],
)
async def test_the_card_has_the_numbers_of_the_place_that_is_named(
    text: str, known: str, country: str, number: str
) -> None:
    """Also when it is the gateway that gives it: the place in the message itself counts, one only mentioned does not."""
    read = await screen().read(text)
    assert read.country(known, "GB") == country
    assert number in stand_in(read, words(), known)[0].text


@pytest.mark.asyncio
async def test_a_plain_question_raises_nothing() -> None:
    """Nothing is found and nothing is kept."""
    read = await screen().read("what is naltrexone")
    assert (read.risks, read.alarm, read.deadly, read.found()) == ((), None, False, {})


@pytest.mark.asyncio
async def test_a_broken_reader_stops_nobody() -> None:
    """An error in reading is no alarm and no crash."""

    class Broken:
        def read(self, text: str) -> None:
            raise RecursionError(text)

    assert await Screen(Broken()).read("hello") == Screened()  # type: ignore[arg-type]


def test_only_what_kills_within_the_hour_hurries() -> None:
    """An alarm of another danger, and a suspicion of a deadly one, wait for the assistant as long as others."""
    assert suspected("suicide_risk", level="alarm").deadly
    assert not suspected("relapse_disclosure", level="alarm").deadly
    assert not suspected("suicide_risk").deadly


def test_a_button_that_leads_to_a_danger_is_its_alarm() -> None:
    """About whom the conversation was; any other button is none."""
    assert pressed("/suicide_risk", "other").alarm == Risk("suicide_risk", "other", "now", "alarm", "")
    assert pressed("/suicide_risk", None).risks[0].about == "self"
    assert [pressed(payload, "self") for payload in ("/deny", "/faq/dose", None)] == [Screened()] * 3


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("yes", "b_Yes"),
        ("YES!!", "b_Yes"),
        ("yeah i am", "b_Yes"),
        ("Not sure.", "b_Not sure"),
        ("no", "b_No"),
        ("yes but where do i get the implant", None),
        ("", None),
    ],
)
def test_a_typed_answer_is_the_button(text: str, payload: str | None) -> None:
    """Who types "yes" instead of pressing it means the same; a sentence is a sentence."""
    buttons = message("out", buttons=("Yes", "No", "Not sure")).payload["buttons"]
    assert meant(text, buttons) == payload


def test_a_yes_to_nothing_is_nothing() -> None:
    """Without a question there is no answer to it."""
    assert meant("yes", []) is None


@pytest.mark.parametrize("country", ["GB", "US"])
@pytest.mark.parametrize("about", ["self", "other"])
@pytest.mark.parametrize("id", ["emergency_overdose", "suicide_risk", "medical_urgent", "relapse_disclosure"])
def test_the_card_is_the_assistants(id: str, about: str, country: str) -> None:
    """One reply, the response of domain.yml for the country and whom it is about, with its buttons."""
    [card] = stand_in(suspected(id, about, "alarm"), words(), country)
    expected = BOOK.render(f"utter_{id}", country, about)
    assert (card.response, card.text, card.kind) == (expected.response, expected.text, "safety")
    assert list(card.buttons) == [(b["title"], b["payload"]) for b in expected.buttons]
    assert ("999" in card.text, "911" in card.text) == (country == "GB", country == "US")


def test_of_several_dangers_the_first_is_answered() -> None:
    """One card, as the assistant gives."""
    both = Screened(
        (*suspected("suicide_risk", level="alarm").risks, *suspected("abuse_violence", level="alarm").risks)
    )
    assert [r.response for r in stand_in(both, words(), "GB")] == ["utter_suicide_risk"]


def test_when_it_comes_up_again_the_question_is_not_asked_twice() -> None:
    """Right after the card the shorter one follows; later the first again."""
    danger = suspected("suicide_risk", level="alarm")
    first = [message("in"), message("out", "utter_suicide_risk"), message("in")]
    assert [r.response for r in stand_in(danger, words(), "GB", first)] == ["utter_suicide_risk_again"]
    later = [*first, message("out", "utter_cannot_answer"), message("in")]
    assert [r.response for r in stand_in(danger, words(), "GB", later)] == ["utter_suicide_risk"]


@pytest.mark.parametrize(
    ("id", "about", "response"),
    [
        ("emergency_overdose", "other", "utter_check_danger"),
        ("suicide_risk", "self", "utter_check_suicide"),
        ("suicide_risk", "other", "utter_check_suicide"),
    ],
)
def test_a_suspicion_is_asked_about(id: str, about: str, response: str) -> None:
    """The honest word first, then the calm question; its yes is the alarm."""
    honest, question = stand_in(suspected(id, about), words(), "US")
    assert honest == words().cannot_answer("US")
    assert (question.response, question.text) == (response, BOOK.render(response, "US", about).text)
    assert question.buttons == (("Yes", f"/{id}"), ("No", "/deny"))


def test_the_question_rests() -> None:
    """Asked within ten messages, it is not asked again, and then it is."""
    asked = [message("in"), message("out", "utter_cannot_answer"), message("out", "utter_check_danger")]
    soon, late = [*asked, *[message("in")] * 10], [*asked, *[message("in")] * 11]
    assert len(stand_in(suspected("emergency_overdose"), words(), "GB", soon)) == 1
    assert len(stand_in(suspected("emergency_overdose"), words(), "GB", late)) == 2


# the start


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the gateway reads, to be spoilt."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    shutil.copy(ROOT / "domain.yml", tmp_path)
    return tmp_path


SPOILT = [
    ("- phrase: [\n", "content/safety/suicide_risk.yml:2: "),
    (
        "- phrase: a b\n  why: x\n  examples: [a b]\n  traps: [c]\n  level: loud\n",
        "suicide_risk.yml: entry 1: level 'loud': write alarm or check",
    ),
    ("- phrase: a b\n", "content/safety/suicide_risk.yml: entry 1 has no why"),
    (
        "- phrase: '{no_such_list} dies'\n  why: x\n  examples: [a b]\n  traps: [c]\n",
        "{no_such_list} is no list of words.yml",
    ),
    ("- 7\n", "content/safety"),
]


@pytest.mark.parametrize(("text", "said"), SPOILT)
def test_a_broken_file_stops_the_start_with_one_sentence(
    project: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No gateway with half a screen: file, what is wrong and what to do, and status 1."""
    (project / "content" / "safety" / "suicide_risk.yml").write_text(text, encoding="utf-8")
    settings = dataclasses.replace(Settings(), root=project, var=project / "var")
    monkeypatch.setattr(run, "load", lambda: settings)
    monkeypatch.setattr(run, "configure_logging", lambda level: None)
    assert run.main() == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (project / "var").exists()


def test_a_missing_file_stops_the_start(project: Path) -> None:
    """It is named."""
    (project / "content" / "safety" / "suicide_risk.yml").unlink()
    with pytest.raises(OSError, match=r"suicide_risk\.yml"):
        load_screen(project)


NOTHING_FROM_DISK = """
import asyncio, builtins, io, os
from harbour.gateway.screen import load_screen
from harbour.settings import ROOT
screen = load_screen(ROOT)
def refuse(*args, **more):
    raise AssertionError(f"opened {args}")
builtins.open = io.open = os.open = refuse
read = asyncio.run(screen.read("hes nott brething, please helpppp"))
print(read.ids)
"""


def test_nothing_is_loaded_in_a_turn() -> None:
    """Once the screen is loaded, reading opens no file, also for the first misspelt message."""
    done = subprocess.run(
        [sys.executable, "-c", NOTHING_FROM_DISK], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("['emergency_overdose'") and done.stderr == ""
