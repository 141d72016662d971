"""One turn with the assistant: a message in, replies, topics and risk out.

Shared by the input channel, `harbour answer`, `harbour chat` and the tests, so that all of them run
the same assistant.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from harbour.assistant.memory import BoundedTrackerStore
from harbour.guide.referral import PAYLOADS
from harbour.guide.topics import load_guide
from harbour.safety.steps import NONE, payloads
from harbour.text.clean import clean, defuse

CHANNEL = "harbour"
COUNTRY = re.compile(r"^[A-Z]{2}$")
REMEMBERED = ("country", "about", "crisis", "told", "referral", "helping")  # slots that survive a lost conversation


class TurnError(ValueError):
    """The request is not one we can answer; the message says what to send instead."""


@dataclass(frozen=True)
class Request:
    """What a visitor did: typed `text` or pressed a `button` whose payload we issued.

    `held`: staff have the conversation; the message is screened and nothing is said.
    """

    conversation: str
    text: str = ""
    button: str = ""
    country: str = ""
    held: bool = False
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """One message to show. `section` is the guide's section slug, `section_title` its heading."""

    response: str
    text: str
    buttons: list[dict[str, str]]
    section: str
    kind: str
    section_title: str = ""


@dataclass(frozen=True)
class Turn:
    """What came of a request. `risk` holds the verdict's dicts, alarms and checks together.

    `ranking`: ids of the likeliest topics, best first; for evaluation, not sent over the channel.
    """

    replies: list[Reply]
    topics: list[str]
    intent: str
    risk: list[dict[str, str]]
    context: dict[str, Any]
    country: str
    ranking: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """What the input channel answers with."""
        return {key: value for key, value in asdict(self).items() if key != "ranking"}

    def raised(self, level: str) -> list[str]:
        """Ids of the dangers raised as `alarm` or `check`, in order."""
        return [risk["id"] for risk in self.risk if risk["level"] == level]


def _user_text(request: Request) -> str:
    """What Rasa is told. Only a payload we issued may start with a slash."""
    if not request.button:
        return defuse(request.text)
    topic = request.button.removeprefix("/")
    if request.button.startswith("/") and topic in load_guide().topics:
        # `/thank` would be read by Rasa alone; with a word before it, it passes the safety screen like any message
        return request.button if "/" in topic else f"/press/{topic}"
    if request.button in {*payloads(), *PAYLOADS}:
        return request.button
    raise TurnError(f"button {request.button!r} is none of ours: send the payload of a button that was offered")


def _replies(tracker: DialogueStateTracker) -> list[Reply]:
    """What the assistant said since the visitor last spoke, from the record of the conversation."""
    said: list[BotUttered] = []
    for event in reversed(list(tracker.events)):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            said.insert(0, event)
    return [_reply(event) for event in said if event.text]


def _reply(event: BotUttered) -> Reply:
    metadata = event.metadata or {}
    own = metadata.get("metadata") or {}  # the response's own, as written in domain.yml
    section = own.get("section", "")
    buttons = [{"title": b["title"], "payload": b["payload"]} for b in event.data.get("buttons") or []]
    return Reply(
        response=metadata.get("utter_action", ""),
        text=(event.text or "").strip(),
        buttons=buttons,
        section=section,
        kind=own.get("kind", "chat"),
        section_title=load_guide().sections.get(section, ""),
    )


class Assistant:
    """A trained Rasa agent, spoken to turn by turn."""

    def __init__(self, agent: Agent) -> None:
        if not agent.is_ready():
            raise TurnError("No trained model was loaded. Run `make train`.")
        self.agent = agent

    async def _prepare(self, request: Request) -> DialogueStateTracker:
        """The conversation as the message finds it: one that is new or forgotten with what the gateway
        remembers of it, and the request's country. Kept, unless staff hold the conversation."""
        store = self.agent.tracker_store
        known = await store.exists(request.conversation)
        if request.held:
            tracker = await store.retrieve(request.conversation)
            tracker = tracker or DialogueStateTracker(request.conversation, self.agent.domain.slots)
        else:
            tracker = await self.agent.processor.fetch_tracker_with_initial_session(request.conversation)
        wanted = {} if known else {slot: request.context.get(slot) for slot in REMEMBERED}
        if request.country:
            wanted["country"] = request.country
        changed = [SlotSet(k, v) for k, v in wanted.items() if v and v != tracker.get_slot(k) and isinstance(v, str)]
        if changed or not known:
            tracker.update_with_events(changed, self.agent.domain)
            if not request.held:
                await store.save(tracker)
        return tracker

    async def forget(self, conversation: str) -> None:
        """Drop what is remembered of a conversation."""
        store = getattr(self.agent.tracker_store, "_tracker_store", self.agent.tracker_store)
        if isinstance(store, BoundedTrackerStore):
            store.forget(conversation)

    async def turn(self, request: Request) -> Turn:
        """Answer one request.

        Raises TurnError for a button we never offered, or a country that is no ISO code.
        """
        if request.country and not COUNTRY.fullmatch(request.country):
            raise TurnError(f"country {request.country!r} is no ISO code: write two capital letters, like GB")
        text = _user_text(request)
        if not clean(text):
            return await self._blank(request)
        message = UserMessage(text, CollectingOutputChannel(), request.conversation, input_channel=CHANNEL)
        tracker = await self._prepare(request)
        if request.held:
            return self._silent(await self.agent.processor.parse_message(message, tracker), request)
        await self.agent.handle_message(message)
        tracker = await self.agent.tracker_store.retrieve(request.conversation)
        assert tracker is not None and tracker.latest_message is not None
        return self._turn(tracker.latest_message.parse_data, _replies(tracker), tracker.current_slot_values())

    @staticmethod
    def _turn(parsed: dict[str, Any], replies: list[Reply], slots: dict[str, Any]) -> Turn:
        intent = parsed["intent"]["name"] or ""
        selected = (parsed.get("response_selector") or {}).get(intent, {}).get("response", {})
        context = {slot: slots[slot] for slot in REMEMBERED if slots.get(slot) not in (None, "", NONE)}
        ranking = [item["name"].split("/")[-1] for item in parsed.get("topic_ranking") or []]
        return Turn(
            replies=replies,
            topics=parsed.get("topics") or [],
            intent=selected.get("intent_response_key") or intent,
            risk=parsed.get("risk") or [],
            context=context,
            country=slots.get("country") or "",
            ranking=ranking,
        )

    def _silent(self, parsed: dict[str, Any], request: Request) -> Turn:
        said = {e["entity"]: e["value"] for e in parsed.get("entities") or []}
        country = said.get("country") or request.country or request.context.get("country")
        return self._turn(parsed, [], {**request.context, "country": country})

    async def _blank(self, request: Request) -> Turn:
        """No words to understand: say so, ask for some, change nothing."""
        slots = {**request.context, "country": request.country or request.context.get("country")}
        draft = self.agent.nlg.generate_from_slots("utter_blank", slots, CHANNEL)
        reply = Reply("utter_blank", draft["text"].strip(), draft.get("buttons") or [], "", draft["metadata"]["kind"])
        return Turn([] if request.held else [reply], [], "", [], request.context, slots["country"] or "")
