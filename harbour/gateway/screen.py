"""The gateway's own screen: what it reads in a message itself, and what it says when the assistant cannot.

The reading is the assistant's first one, the signs of content/safety by the same code: no model and no
other process. It is done for every message, whoever answers it: assistant, gateway or staff.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from harbour.contacts.places import Place, country_after, load_places, place_named
from harbour.files import broken_files
from harbour.gateway.words import Words
from harbour.guide.additions import due_question
from harbour.safety.reading import SignReader
from harbour.safety.signs import ALARM, SAFETY_IDS
from harbour.safety.verdict import DEADLY, Risk, verdict
from harbour.store import Message, NewReply

log = structlog.get_logger()

BY = "signs"  # how a risk that the gateway found is marked: read by the signs alone
FOLDER = "content/safety"
YES = frozenset(
    {"y", "ye", "yes", "yea", "yeah", "yeh", "yep", "yup", "yh", "aye", "maybe", "i think so"}
    | {f"{yes}{who}" for yes in ("", "yes ", "yeah ") for who in ("i am", "he is", "she is", "they are")}
)
_MARKS = re.compile(r"[^\w\s]")


@dataclass(frozen=True)
class Screened:
    """What the gateway read in one message: its dangers, most pressing first."""

    risks: tuple[Risk, ...] = ()
    place: Place | None = None

    def country(self, known: str, default: str) -> str:
        """The country whose numbers are shown from here on: what the message says of it, else `known`."""
        danger = self.alarm is not None
        return (country_after(self.place, known, default, danger) if self.place else "") or known

    @property
    def alarm(self) -> Risk | None:
        """The danger that is answered first, if one raised the alarm."""
        return next((risk for risk in self.risks if risk.level == ALARM), None)

    @property
    def deadly(self) -> bool:
        """Whether minutes count: an alarm for what can kill within the hour."""
        return any(risk.level == ALARM and risk.id in DEADLY for risk in self.risks)

    @property
    def ids(self) -> list[str]:
        """The dangers that raised the alarm."""
        return [risk.id for risk in self.risks if risk.level == ALARM]

    def found(self) -> dict[str, Any]:
        """What is kept with the message for staff, in the shape of the assistant's, marked as the gateway's."""
        return {"risk": [risk.as_dict() | {"by": BY} for risk in self.risks]} if self.risks else {}


def pressed(payload: str | None, about: str | None) -> Screened:
    """A button that leads to a danger ("yes", "not sure") is its alarm, as it is to the assistant."""
    id, _, step = (payload or "").removeprefix("/").partition("/")
    if id not in SAFETY_IDS or step not in ("", "again"):  # another step of a crisis: "help is here"
        return Screened()
    return Screened((Risk(id, about or "self", "now", ALARM, ""),))


class Screen:
    """Reads messages in a thread of its own: spaCy is not made for several, and the gateway must not wait."""

    def __init__(self, reader: SignReader) -> None:
        self._reader = reader
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="screen")

    async def read(self, text: str) -> Screened:
        """The dangers in a text. Never raises: who cannot be screened is still answered."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, text)
        except Exception as error:  # the class only: an error's text may contain what somebody wrote
            log.error("message not screened", error=type(error).__name__)
            return Screened()

    def _read(self, text: str) -> Screened:
        return Screened(tuple(verdict(self._reader.read(text), None)), place_named(text))


def load_screen(root: Path) -> Screen:
    """The screen over the signs of the project in `root`, warm. Takes a second or two.

    Raises ValueError, in one sentence naming file and remedy, when a file cannot be used.
    """
    broken = broken_files(root, (f"{FOLDER}/*.yml", "content/places.yml"))
    if broken:
        raise ValueError("\n".join(broken))
    folder = root / FOLDER
    try:
        reader = SignReader(folder)
    except ValueError as error:
        raise ValueError(f"{FOLDER}/{str(error).removeprefix(f'{folder}/')}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{FOLDER}: a file is not a list of entries as its neighbours are ({error}): see harbour check"
        ) from error
    reader.read("warmning up")  # the first misspelt word loads tokenizer, lexicon and dictionary
    load_places()
    return Screen(reader)


def meant(text: str, buttons: Sequence[dict[str, str]]) -> str | None:
    """The id of the offered button whose title was typed instead of pressed ("yes"), or None."""
    said = " ".join(_MARKS.sub("", text).casefold().split())
    wanted = "yes" if said in YES else said
    return next((b["payload"] for b in buttons if b["title"].casefold() == wanted), None)


def last_offered(before: Sequence[Message]) -> list[dict[str, str]]:
    """The buttons of what was said since the visitor's last message; `before`: the conversation, oldest first."""
    offered: list[dict[str, str]] = []
    for message in reversed(before):
        if message.direction == "in":
            break
        offered += message.payload["buttons"]
    return offered


def stand_in(screened: Screened, words: Words, country: str, before: Sequence[Message] = ()) -> list[NewReply]:
    """What the gateway says to a message that the assistant did not answer, at least one reply.

    On an alarm the assistant's own safety card; else the honest word that there is no answer, and where a
    danger is suspected the calm question. `before`: the conversation up to the message and with it.
    The numbers are those of the place that the message names, else of `country`.
    """
    country = screened.country(country, words.default)
    said = [m.payload["response"] for m in before if m.direction == "out"]
    if alarm := screened.alarm:
        return [words.card(alarm.id, alarm.about, country, said[-1] if said else "")]
    honest = words.cannot_answer(country)
    question = due_question([risk.as_dict() for risk in screened.risks], [_event(m) for m in before])
    if question is None:
        return [honest]
    about = next(risk.about for risk in screened.risks if risk.id == question.suspected)
    return [honest, replace(words.question(question.response, about, country), buttons=question.buttons)]


def _event(message: Message) -> dict[str, Any]:
    """A stored message as Rasa's events tell it, for what decides by those."""
    if message.direction == "in":
        return {"event": "user"}
    return {"event": "bot", "metadata": {"utter_action": message.payload["response"]}}
