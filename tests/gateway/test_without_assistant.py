"""Danger is answered when the assistant is slow, silent, empty, down or talks nonsense, over real sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from harbour.gateway import turns
from harbour.gateway.app import create_app
from harbour.gateway.assistant import Answer, Assistant
from harbour.gateway.screen import Screen
from harbour.gateway.tokens import Tokens, signing_key
from harbour.guide.responses import ResponseBook
from harbour.settings import Settings
from harbour.store import Message, NewReply, Store
from tests.gateway.conftest import Join
from tests.gateway.fakes import DOWN, FakeAssistant, Visitor, free_port, screen, serving, words

pytestmark = pytest.mark.asyncio

BOOK = ResponseBook.load()
OVERDOSE, SUICIDE = "he is not breathing", "i want to kill myself"
DANGERS = [
    (OVERDOSE, "emergency_overdose", "other"),
    ("i am hardly breathing", "emergency_overdose", "self"),
    (SUICIDE, "suicide_risk", "self"),
    ("they want to die", "suicide_risk", "other"),
]
LATE_S = 0.6  # the assistant is given up
HURRY_S = 0.3  # and in an emergency before that


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "EMERGENCY_S", HURRY_S)


def card(id: str, about: str = "other", country: str = "") -> str:
    return BOOK.render(f"utter_{id}", country, about).text


def told(visitor: Visitor) -> list[str]:
    """The responses said after the introduction."""
    return [reply["metadata"]["response"] for reply in visitor.replies[1:]]


def messages(store: Store, visitor: Visitor, settings: Settings) -> list[Message]:
    """What the visitor has written, as stored."""
    conversation_id = Tokens(signing_key(settings)).read(visitor.token)
    assert conversation_id is not None
    return [m for m in store.history(conversation_id) if m.direction == "in"]


# every way to fail, through the real client


async def silent(request: Request) -> Response:
    await asyncio.sleep(30)
    return Response()


async def trickling(request: Request) -> Response:
    async def bytes_now_and_then() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.05)

    return StreamingResponse(bytes_now_and_then(), media_type="application/json")


async def empty_body(request: Request) -> Response:
    return Response(b"")


async def no_replies(request: Request) -> Response:
    return JSONResponse({"replies": [], "risk": [], "context": {}})


async def an_error(request: Request) -> Response:
    return JSONResponse({"error": "a bug"}, status_code=500)


async def nonsense(request: Request) -> Response:
    return Response(b'{"replies": [{"text": "half', media_type="application/json")


FAILURES: dict[str, Callable[[Request], Awaitable[Response]] | None] = {
    "silent": silent,
    "slow": trickling,
    "an empty body": empty_body,
    "an empty list": no_replies,
    "an error": an_error,
    "nonsense": nonsense,
    "refuses connections": None,
}


@asynccontextmanager
async def gateway_before(failure: str, settings: Settings, store: Store) -> AsyncIterator[str]:
    """A gateway whose assistant fails in one way; its address."""
    behave = FAILURES[failure]
    port = free_port()
    async with AsyncExitStack() as stack:
        if behave:
            channel = Starlette(routes=[Route("/webhooks/harbour/webhook", behave, methods=["POST"])])
            await stack.enter_async_context(serving(channel, port))
        client = await stack.enter_async_context(Assistant(f"http://127.0.0.1:{port}", "t", timeout=LATE_S))
        yield await stack.enter_async_context(serving(create_app(settings, store, client, words(), screen())))


@pytest.mark.parametrize("failure", FAILURES)
async def test_danger_is_answered_however_the_assistant_fails(failure: str, settings: Settings, store: Store) -> None:
    """The assistant's own card, for the country and whom it is about, once; the message waits with its risk."""
    async with gateway_before(failure, settings, store) as url:
        cases = [(*danger, country) for danger in DANGERS for country in ("GB", "US")]
        visitors = [await Visitor(url).connect(country=country) for *_, country in cases]
        started = time.monotonic()
        for visitor, (text, *_) in zip(visitors, cases):
            await visitor.say(text, id="m1")
        for visitor, (_, id, about, country) in zip(visitors, cases):
            assert (await visitor.hear(2))[1] == card(id, about, country)
        assert time.monotonic() - started < 5
        await asyncio.sleep(LATE_S)
        for visitor, (_, id, about, _) in zip(visitors, cases):
            assert told(visitor) == [f"utter_{id}"]
            [message] = messages(store, visitor, settings)
            assert message.state == "stored"
            [risk] = [r for r in message.payload["found"]["risk"] if r["id"] == id]
            assert (risk["about"], risk["level"], risk["by"]) == (about, "alarm", "signs")
            await visitor.leave()


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_plain_question_gets_the_honest_word(failure: str, settings: Settings, store: Store) -> None:
    """With the country's numbers; the message waits and nothing was found in it."""
    async with gateway_before(failure, settings, store) as url:
        visitor = await Visitor(url).connect(country="US")
        await visitor.say("what is naltrexone")
        assert "911" in (await visitor.hear(2))[1]
        assert told(visitor) == ["utter_cannot_answer"]
        [message] = messages(store, visitor, settings)
        assert (message.state, message.payload) == ("stored", {})
        await visitor.leave()


# in time, once, and nothing contradictory


async def test_an_emergency_waits_less(join: Join, assistant: FakeAssistant) -> None:
    """The card comes at the shorter limit; the assistant's late answer does not."""
    assistant.delay = 1.0
    visitor = await join()
    started = time.monotonic()
    await visitor.say(OVERDOSE)
    await visitor.hear(2)
    assert HURRY_S <= time.monotonic() - started < 0.9
    await asyncio.sleep(1.0)
    assert told(visitor) == ["utter_emergency_overdose"]
    assert visitor.typing == [True, False]


async def test_what_does_not_hurry_is_waited_for(join: Join, assistant: FakeAssistant) -> None:
    """An alarm of another danger is the assistant's as long as it is not too late."""
    assistant.delay = 2 * HURRY_S
    visitor = await join()
    await visitor.say("i relapsed yesterday")
    assert (await visitor.hear(2))[1] == "You said: i relapsed yesterday"


async def test_an_answer_in_time_is_given(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """While the assistant works the gateway does not speak."""
    assistant.reply = lambda q: Answer(
        (NewReply("Call", "safety", "utter_emergency_overdose"),), {}, found={"risk": [7]}
    )
    visitor = await join()
    await visitor.say(OVERDOSE)
    await visitor.hear(2)
    await asyncio.sleep(2 * HURRY_S)
    assert [r["text"] for r in visitor.replies[1:]] == ["Call"]
    assert messages(store, visitor, settings)[0].payload["found"] == {"risk": [7]}


async def test_an_emergency_does_not_queue(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """Behind a message that takes long the card goes past it, once, also when it was sent twice."""
    assistant.delay = 1.5
    visitor = await join()
    await visitor.say("hello")
    started = time.monotonic()
    await visitor.say(OVERDOSE, id="m1")
    await visitor.say(OVERDOSE, id="m1")
    assert (await visitor.hear(2))[1] == card("emergency_overdose")
    assert time.monotonic() - started < 1.2
    assert (await visitor.hear(3))[2] == "You said: hello"
    await asyncio.sleep(0.3)
    assert len(visitor.replies) == 3
    assert [q.text for q in assistant.asked] == ["hello"]
    assert [m.state for m in messages(store, visitor, settings)] == ["answered", "stored"]


async def test_a_card_is_not_repeated_hours_later(join: Join, assistant: FakeAssistant) -> None:
    """Neither a retry nor a return brings it again, or another answer, when the assistant is back."""
    assistant.fail = DOWN
    visitor = await join()
    await asyncio.gather(*(visitor.say(OVERDOSE, id="m1") for _ in range(3)))
    await visitor.hear(2)
    assistant.fail = None
    asked = len(assistant.asked)
    await visitor.say(OVERDOSE, id="m1")
    again = await join(visitor.token)
    await again.say(OVERDOSE, id="m1")
    await asyncio.sleep(2 * HURRY_S)
    assert len(visitor.replies) == 2 and again.replies == []
    assert [m["text"] for m in again.history].count(card("emergency_overdose")) == 1
    assert len(assistant.asked) == asked
    await again.say("and now?")
    assert (await again.hear(1))[0] == "You said: and now?"


async def test_a_card_that_nobody_saw_comes_on_return(join: Join, assistant: FakeAssistant) -> None:
    """Whoever closed the page finds it."""
    assistant.delay = 5
    visitor = await join()
    await visitor.say(SUICIDE)
    await visitor.leave()
    await asyncio.sleep(2 * HURRY_S)
    again = await join(visitor.token)
    assert await again.hear(1) == [card("suicide_risk", "self")]


# questions and their answers


async def test_a_suspicion_is_asked_about_once(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """The honest word and the question with its buttons; the next time the honest word alone."""
    assistant.fail = DOWN
    visitor = await join()
    await visitor.say("what if he is not breathing")
    await visitor.hear(3)
    assert told(visitor) == ["utter_cannot_answer", "utter_check_danger"]
    assert [b["title"] for b in visitor.replies[2]["quick_replies"]] == ["Yes", "No"]
    await visitor.say("what if he is not breathing")
    await visitor.hear(4)
    assert told(visitor)[2:] == ["utter_cannot_answer"]
    assert messages(store, visitor, settings)[0].payload["found"]["risk"][0]["level"] == "check"


@pytest.mark.parametrize("typed", [False, True])
async def test_a_yes_is_the_alarm(join: Join, assistant: FakeAssistant, typed: bool) -> None:
    """Pressed or typed, with the assistant still down, about whom the question was."""
    assistant.fail = DOWN
    visitor = await join()
    await visitor.say("what if he is not breathing")
    await visitor.hear(3)
    yes = visitor.replies[2]["quick_replies"][0]
    await (visitor.say("yes") if typed else visitor.say(yes["title"], button=yes["payload"]))
    assert (await visitor.hear(4))[3] == card("emergency_overdose", "other")


async def test_a_yes_to_the_assistants_question_is_the_alarm(join: Join, assistant: FakeAssistant) -> None:
    """It was asked while the assistant was up, about somebody else; the answer comes when it is down."""
    question = NewReply(
        "Are they?", "safety", "utter_check_suicide", buttons=(("Yes", "/suicide_risk"), ("No", "/deny"))
    )
    assistant.reply = lambda q: Answer((NewReply("An answer"), question), {"about": "other"})
    visitor = await join(country="US")
    await visitor.say("hm")
    await visitor.hear(3)
    assistant.fail = DOWN
    await visitor.say("yes she is")
    assert (await visitor.hear(4))[3] == card("suicide_risk", "other", "US")
    await visitor.say("Not sure")
    assert (await visitor.hear(5))[4] == BOOK.render("utter_suicide_risk_again", "US", "other").text


async def test_a_no_is_no_alarm(join: Join, assistant: FakeAssistant) -> None:
    """And a yes to nothing is none."""
    assistant.fail = DOWN
    visitor = await join()
    await visitor.say("what if he is not breathing")
    await visitor.hear(3)
    await visitor.say("no")
    await visitor.say("yes")
    await visitor.hear(5)
    assert told(visitor)[2:] == ["utter_cannot_answer"] * 2


# what staff are to see though it was answered


async def test_danger_that_the_assistant_overlooked_is_kept(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """Its answer is given, a warning is logged without a word of the message, and the risk is kept."""
    assistant.reply = lambda q: Answer((NewReply("Fine"),), {}, found={"topics": ["greet"]})
    visitor = await join()
    with capture_logs() as logs:
        await visitor.say(SUICIDE)
        assert (await visitor.hear(2))[1] == "Fine"
        await asyncio.sleep(0.2)
    [message] = messages(store, visitor, settings)
    assert message.state == "answered" and message.payload["found"]["topics"] == ["greet"]
    assert [(r["id"], r["by"]) for r in message.payload["found"]["risk"]] == [("suicide_risk", "signs")]
    [warning] = [entry for entry in logs if entry["log_level"] == "warning"]
    assert warning["event"] == "the assistant raised nothing" and warning["signs"] == ["suicide_risk"]
    assert "kill" not in json.dumps(logs)


# when more than the assistant fails


async def test_a_bug_in_a_turn_still_brings_the_card(join: Join, assistant: FakeAssistant) -> None:
    """An error that nobody thought of is no reason for silence."""
    assistant.fail = RuntimeError("a bug")
    visitor = await join()
    await visitor.say(OVERDOSE)
    assert (await visitor.hear(2))[1] == card("emergency_overdose")


@pytest.mark.parametrize("method", ["add_inbound", "add_stand_in", "add_answer", "message", "history", "mark_sent"])
async def test_a_full_disk_still_lets_the_card_through(
    join: Join, assistant: FakeAssistant, store: Store, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Whatever the database refuses, the card comes, once, and what was not saved is said."""
    visitor = await join()
    await visitor.hear(1)
    await asyncio.sleep(0.1)

    def full(*args: object, **more: object) -> None:
        raise OperationalError("insert", {}, Exception("database or disk is full"))

    if method != "add_answer":
        assistant.fail = DOWN
    monkeypatch.setattr(store, method, full)
    receipt = await visitor.say(OVERDOSE)
    assert (await visitor.hear(2))[1] == card("emergency_overdose")
    await asyncio.sleep(0.3)
    unsaved = method == "add_inbound"
    assert receipt["stored"] is not unsaved
    assert told(visitor)[1:] == (["utter_not_saved"] if unsaved else [])


async def test_a_broken_screen_stops_nobody(
    join: Join, assistant: FakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The assistant's answer comes, and without it the honest word."""

    def broken(self: Screen, text: str) -> None:
        raise RecursionError(text)

    monkeypatch.setattr(Screen, "_read", broken)
    visitor = await join()
    await visitor.say(OVERDOSE)
    await visitor.hear(2)
    assistant.fail = DOWN
    await visitor.say(OVERDOSE)
    await visitor.hear(3)
    assert told(visitor) == ["utter_echo", "utter_cannot_answer"]


async def test_a_place_in_the_message_chooses_the_cards_numbers_and_stays(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """The assistant is down: the card has the numbers of the place that was named, the page follows, and so
    does what is said next."""
    assistant.fail = DOWN
    visitor = await join()
    await visitor.say("im in dublin and hes not breathing")
    assert "Call 112 or 999 now" in (await visitor.hear(2))[1]
    await visitor.say("what is naltrexone")
    assert "112 or 999" in (await visitor.hear(3))[2]
    assert visitor.countries == ["", "IE"]
    assert [q.country for q in assistant.asked] == ["", "IE"]


async def test_a_message_too_long_to_keep_is_still_screened(join: Join) -> None:
    """It is refused, and whoever is in danger gets the card instead of a request to write less."""
    visitor = await join(country="US")
    await visitor.say("he is not breathing and his lips are blue. " + "and so on and on. " * 600)
    assert (await visitor.hear(2))[1] == card("emergency_overdose", "other", "US")
