"""Web chat over a real socket, in Rasa's events."""

from __future__ import annotations

import asyncio

import pytest
import socketio
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from harbour.gateway.assistant import Answer, Question
from harbour.gateway.tokens import Tokens, signing_key
from harbour.settings import Settings
from harbour.store import NewReply, Store
from harbour.store.tables import conversations
from tests.gateway.conftest import Join
from tests.gateway.fakes import DOWN, FakeAssistant, Visitor

pytestmark = pytest.mark.asyncio


def _inbound(store: Store, visitor: Visitor, settings: Settings) -> list[str]:
    conversation_id = Tokens(signing_key(settings)).read(visitor.token)
    assert conversation_id is not None
    return [m.state for m in store.history(conversation_id) if m.direction == "in"]


async def test_a_new_visitor_is_told_what_this_is(join: Join, assistant: FakeAssistant) -> None:
    """A new session gets a token as a plain string and the introduction, without the assistant."""
    visitor = await join()
    assert isinstance(visitor.token, str)
    assert await visitor.hear(1) == ["Hello. I am automated, not a clinician."]
    assert assistant.asked == []


async def test_a_message_is_answered_in_rasas_words(join: Join) -> None:
    """A reply carries text, quick_replies and metadata, after a typing event."""
    visitor = await join()
    receipt = await visitor.say("what is it", id="m1")
    await visitor.hear(2)
    assert receipt == {"stored": True, "refused": False}
    reply = visitor.replies[1]
    assert set(reply) == {"text", "quick_replies", "metadata"}
    assert reply["text"] == "You said: what is it"
    assert {k: reply["metadata"][k] for k in ("kind", "section", "section_title", "response")} == {
        "kind": "answer",
        "section": "intro",
        "section_title": "Opening",
        "response": "utter_echo",
    }
    await asyncio.sleep(0.05)
    assert visitor.typing == [True, False]


async def test_a_rasa_client_without_ids_or_token_is_served(url: str) -> None:
    """`user_uttered` right after connecting, with nothing but a message, opens a conversation and is answered."""
    client = socketio.AsyncClient()
    texts: list[str] = []
    client.on("bot_uttered", lambda data: texts.append(data["text"]))
    await client.connect(url)
    await client.emit("session_request", {})
    await client.emit("user_uttered", {"message": "hi"})
    for _ in range(100):
        if len(texts) == 2:
            break
        await asyncio.sleep(0.02)
    await client.disconnect()
    assert texts == ["Hello. I am automated, not a clinician.", "You said: hi"]


async def test_a_message_behind_its_session_request_opens_one_conversation(url: str, store: Store) -> None:
    """Events that arrive together belong to the same new conversation."""
    visitor = Visitor(url)
    await visitor.client.connect(url, transports=["websocket"])
    await asyncio.gather(
        visitor.client.emit("session_request", {}), visitor.client.emit("user_uttered", {"message": "hi"})
    )
    await visitor.hear(2)
    await visitor.leave()
    with store.engine.connect() as db:
        assert db.scalar(select(func.count()).select_from(conversations)) == 1


async def test_the_message_is_kept_when_the_assistant_is_down(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """The visitor gets an honest word with the country's numbers; the message stays stored."""
    assistant.fail = DOWN
    visitor = await join()
    await visitor.say("how long does it last", id="m1")
    sorry = (await visitor.hear(2))[1]
    assert all(number in sorry for number in ("999", "116 123", "0300 123 6600"))
    assert _inbound(store, visitor, settings) == ["stored"]


async def test_an_apology_names_the_numbers_of_the_visitors_country(join: Join, assistant: FakeAssistant) -> None:
    """A visitor in the United States is not told to call 999."""
    assistant.fail = DOWN
    visitor = await join(country="US")
    await visitor.say("help")
    sorry = (await visitor.hear(2))[1]
    assert "911" in sorry and "999" not in sorry


async def test_a_bug_in_a_turn_is_no_silence(join: Join, assistant: FakeAssistant) -> None:
    """Even an error that nobody thought of ends in the honest word."""
    assistant.fail = RuntimeError("a bug")
    visitor = await join()
    await visitor.say("help")
    assert "999" in (await visitor.hear(2))[1]


async def test_a_retry_after_an_apology_is_answered(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """The same client id asks again when the first try got no answer."""
    assistant.fail = DOWN
    visitor = await join()
    await visitor.say("hello", id="m1")
    await visitor.hear(2)
    assistant.fail = None
    await visitor.say("hello", id="m1")
    assert (await visitor.hear(3))[2] == "You said: hello"
    assert _inbound(store, visitor, settings) == ["answered"]


async def test_a_repeated_message_is_answered_once(join: Join, assistant: FakeAssistant) -> None:
    """Retries of one client id, before and after the answer, give one answer."""
    assistant.delay = 0.1
    visitor = await join()
    receipts = await asyncio.gather(*(visitor.say("hello", id="same") for _ in range(3)))
    await visitor.hear(2)
    receipts.append(await visitor.say("hello", id="same"))
    await asyncio.sleep(0.3)
    assert [r["stored"] for r in receipts] == [True] * 4
    assert len(visitor.replies) == 2
    assert len(assistant.asked) == 1


async def test_messages_in_a_row_are_answered_in_order(join: Join, assistant: FakeAssistant) -> None:
    """One turn at a time per conversation, first come first served, each with the last one's context."""
    assistant.delay = 0.02
    visitor = await join()
    await asyncio.gather(*(visitor.say(f"m{n}", id=f"m{n}") for n in range(5)))
    assert (await visitor.hear(6))[1:] == [f"You said: m{n}" for n in range(5)]
    assert assistant.most_at_once == 1
    assert [q.context.get("turns", 0) for q in assistant.asked] == [0, 1, 2, 3, 4]


async def test_visitors_do_not_wait_for_each_other(join: Join, assistant: FakeAssistant) -> None:
    """Two conversations are answered side by side."""
    one, two = await join(), await join()
    assistant.delay = 0.5
    started = asyncio.get_running_loop().time()
    await asyncio.gather(one.say("a"), two.say("b"))
    await asyncio.gather(one.hear(2), two.hear(2))
    assert asyncio.get_running_loop().time() - started < 0.95
    assert "a" in one.replies[1]["text"] and "b" in two.replies[1]["text"]


@pytest.mark.parametrize("token", ["forged", "", 7, {"a": 1}, "x" * 100_00])
async def test_a_forged_token_gets_a_fresh_conversation(join: Join, token: object) -> None:
    """What we did not sign opens nothing: a new conversation starts instead."""
    visitor = await join(token)
    assert visitor.token != token
    assert await visitor.hear(1)
    assert len(visitor.history) == 1


async def test_a_token_signed_with_another_key_gets_a_fresh_conversation(
    join: Join, store: Store, settings: Settings
) -> None:
    """Knowing a conversation's id is not enough; neither is one's own key."""
    victim = await join()
    await victim.say("my secret", id="m1")
    await victim.hear(2)
    conversation_id = Tokens(signing_key(settings)).read(victim.token)
    assert conversation_id is not None
    thief = await join(Tokens("k" * 40).issue(conversation_id))
    guesser = await join(conversation_id)
    assert "my secret" not in str([thief.history, guesser.history])


async def test_a_token_whose_conversation_is_gone_gets_a_fresh_one(join: Join, settings: Settings) -> None:
    """A well-signed token of an erased conversation starts anew."""
    visitor = await join(Tokens(signing_key(settings)).issue("erased"))
    assert len(visitor.history) == 1


async def test_a_message_with_a_forged_token_stays_in_the_senders_conversation(join: Join) -> None:
    """Changing the session id of a message gets nobody into another conversation."""
    victim, thief = await join(), await join()
    await thief.client.call("user_uttered", {"message": "hi", "session_id": "forged"}, timeout=5)
    assert (await thief.hear(2))[1] == "You said: hi"
    await asyncio.sleep(0.05)
    assert len(victim.replies) == 1


async def test_a_reload_brings_the_history_back(join: Join) -> None:
    """The token resumes the conversation: everything said so far, in order, and no second introduction."""
    visitor = await join()
    await visitor.say("hello", id="m1")
    await visitor.hear(2)
    await visitor.leave()
    again = await join(visitor.token)
    assert [(m["direction"], m["text"]) for m in again.history] == [
        ("out", "Hello. I am automated, not a clinician."),
        ("in", "hello"),
        ("out", "You said: hello"),
    ]
    assert again.history[1]["client_id"] == "m1"
    assert again.replies == []


async def test_what_was_said_while_away_comes_on_return(join: Join, assistant: FakeAssistant) -> None:
    """A reply that found nobody is delivered at the next connection, as Rasa's clients know it."""
    assistant.delay = 0.2
    visitor = await join()
    await visitor.say("hello", id="m1")
    await visitor.leave()
    await asyncio.sleep(0.5)
    again = await join(visitor.token)
    assert await again.hear(1) == ["You said: hello"]
    third = await join(visitor.token)
    await asyncio.sleep(0.1)
    assert third.replies == []


async def test_a_turn_that_a_stopped_process_left_is_taken_up(join: Join, store: Store, settings: Settings) -> None:
    """A stored message without any reply is answered when its visitor comes back."""
    conversation = store.new_conversation("GB")
    store.add_inbound(conversation.id, "before the crash", "m1")
    visitor = await join(Tokens(signing_key(settings)).issue(conversation.id))
    assert await visitor.hear(1) == ["You said: before the crash"]


async def test_two_tabs_see_the_same_replies(join: Join) -> None:
    """Both connections of one conversation get each reply once."""
    one = await join()
    two = await join(one.token)
    await one.say("hello")
    await one.hear(2)
    assert await two.hear(1) == ["You said: hello"]


def _asks_which(question: Question) -> Answer:
    if question.button:
        return Answer((NewReply(f"Pressed {question.button}"),), {})
    return Answer((NewReply("Which?", "fallback", buttons=(("Dose", "/faq/dose"),)),), {})


async def test_a_button_is_opaque_and_works(join: Join, assistant: FakeAssistant) -> None:
    """The browser sees a random id; pressing it sends the assistant the payload, and the log its title."""
    assistant.reply = _asks_which
    visitor = await join()
    await visitor.say("?")
    await visitor.hear(2)
    [choice] = visitor.replies[1]["quick_replies"]
    assert choice["title"] == "Dose" and "faq" not in choice["payload"]
    await visitor.say("Dose", button=choice["payload"])
    assert (await visitor.hear(3))[2] == "Pressed /faq/dose"
    # Existing Rasa clients send the payload as the message.
    await visitor.say(choice["payload"])
    assert (await visitor.hear(4))[3] == "Pressed /faq/dose"
    again = await join(visitor.token)
    assert [m["text"] for m in again.history if m["direction"] == "in"] == ["?", "Dose", "Dose"]


async def test_a_foreign_button_is_only_its_title(join: Join, assistant: FakeAssistant) -> None:
    """A button of another conversation, or a made-up one, is typed text, or refused when there is none."""
    assistant.reply = _asks_which
    owner, other = await join(), await join()
    await owner.say("?")
    await owner.hear(2)
    stolen = owner.replies[1]["quick_replies"][0]["payload"]
    await other.say("Dose", button=stolen)
    await other.hear(2)
    assert assistant.asked[-1].button is None and assistant.asked[-1].text == "Dose"
    asked = len(assistant.asked)
    for message, button in ((stolen, None), ("", stolen)):
        receipt = await other.say(message, button=button)
        assert receipt == {"stored": False, "refused": True}
    assert "type your question" in (await other.hear(4))[3]
    assert len(assistant.asked) == asked


async def test_a_typed_command_is_only_text(join: Join, assistant: FakeAssistant) -> None:
    """`/intent{...}` typed by a visitor goes to the assistant as text, never as a button."""
    visitor = await join()
    await visitor.say('/faq/dose{"slot": "x"}')
    await visitor.hear(2)
    assert assistant.asked[0].button is None
    assert assistant.asked[0].text == '/faq/dose{"slot": "x"}'


async def test_markup_is_kept_and_sent_as_typed(join: Join) -> None:
    """HTML and script are text: stored, answered and remembered character by character."""
    typed = "<img src=x onerror=alert(1)> & [x](javascript:1) \u202e مرحبا 😶"
    visitor = await join()
    await visitor.say(typed)
    assert (await visitor.hear(2))[1] == f"You said: {typed}"
    again = await join(visitor.token)
    assert again.history[1]["text"] == typed


async def test_a_message_of_8_kb_is_taken(join: Join) -> None:
    """8,192 bytes are fine."""
    visitor = await join()
    assert (await visitor.say("x" * 8192))["stored"]


async def test_a_longer_message_is_refused_kindly(
    join: Join, store: Store, settings: Settings, assistant: FakeAssistant
) -> None:
    """One byte more is not stored, and the reply says so, asks for less and names the emergency number."""
    visitor = await join()
    receipt = await visitor.say("é" * 4096 + "x")
    reply = (await visitor.hear(2))[1]
    assert receipt == {"stored": False, "refused": True}
    assert "shorter" in reply and "not kept" in reply and "999" in reply
    assert _inbound(store, visitor, settings) == [] and assistant.asked == []


@pytest.mark.parametrize("blank", ["", "  \n\t", None, 7, ["x"], {"text": "x"}])
async def test_a_blank_message_gets_a_gentle_prompt(join: Join, blank: object, assistant: FakeAssistant) -> None:
    """Nothing, and what is no text at all, is not stored and not answered with silence."""
    visitor = await join()
    assert await visitor.say(blank) == {"stored": False, "refused": True}
    assert "whenever you are ready" in (await visitor.hear(2))[1]
    assert assistant.asked == []


@pytest.mark.parametrize("text", ["\x00\x01\x1b[31m", "half a pair \ud83d", "‮⁦"])
async def test_odd_characters_do_not_break_a_turn(join: Join, text: str) -> None:
    """Control characters and half a surrogate pair are stored and answered."""
    visitor = await join()
    assert (await visitor.say(text))["stored"]
    assert len(await visitor.hear(2)) == 2


@pytest.mark.parametrize("data", [None, "text", 7, [], [["x"]]])
async def test_events_of_a_wrong_shape_are_no_crash(join: Join, data: object) -> None:
    """Whatever is sent as an event's data, the connection lives on."""
    visitor = await join()
    for event in ("session_request", "user_uttered", "country"):
        await visitor.client.emit(event, data)
    await visitor.request(visitor.token)
    assert (await visitor.say("still there"))["stored"]


async def test_a_chosen_country_is_remembered(join: Join, assistant: FakeAssistant) -> None:
    """The picker's country goes to the assistant with the next message and survives a reload."""
    visitor = await join()
    await visitor.client.emit("country", {"code": "IE"})
    await visitor.say("hi")
    await visitor.hear(2)
    assert assistant.asked[0].country == "IE"
    again = await join(visitor.token)
    assert again.countries == ["IE"]


async def test_a_country_with_a_message_counts_before_it_is_answered(join: Join, assistant: FakeAssistant) -> None:
    """`country` of `user_uttered` is used for this very message; an unknown one is ignored."""
    visitor = await join()
    await visitor.say("hi", country="us")
    await visitor.say("hi", country="atlantis")
    await visitor.hear(3)
    assert [q.country for q in assistant.asked] == ["US", "US"]


async def test_a_country_that_the_assistant_learns_is_told_to_the_page(join: Join, assistant: FakeAssistant) -> None:
    """When an answer names another country, it is kept and sent as an event."""
    assistant.reply = lambda q: Answer((NewReply("Ireland then"),), {}, country="IE")
    visitor = await join()
    await visitor.say("im in cork")
    await visitor.hear(2)
    await visitor.say("and now?")
    await visitor.hear(3)
    assert visitor.countries == ["", "IE"]
    assert [q.country for q in assistant.asked] == ["", "IE"]


async def test_while_nobody_said_where_they_are_nobody_claims_to_know(
    join: Join, assistant: FakeAssistant, store: Store, settings: Settings
) -> None:
    """Without a country from page or visitor the assistant gets none, and what the gateway says itself is
    the site's own country's with one line for everybody else."""
    assistant.fail = DOWN
    visitor = await join()
    await visitor.say("hi")
    sorry = (await visitor.hear(2))[1]
    assert visitor.countries == [""] and assistant.asked[0].country == ""
    assert "999" in sorry and sorry.count("Not in the UK?") == 1
    await visitor.client.emit("country", {"code": "GB"})
    await visitor.say("hi")
    sorry = (await visitor.hear(3))[2]
    assert "999" in sorry and "Not in the UK?" not in sorry


async def test_a_sites_own_word_for_the_country_counts(join: Join, assistant: FakeAssistant) -> None:
    """The country that a page asks with opens a new conversation in it, and no known one."""
    visitor = await join(country="IE")
    again = await join(visitor.token, country="US")
    assert visitor.countries == ["IE"] and again.countries == ["IE"]


async def test_a_database_that_takes_nothing_is_said(join: Join, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the message is not acknowledged as stored, and the visitor gets the numbers."""
    visitor = await join()

    def full(*args: object) -> None:
        raise OperationalError("insert", {}, Exception("database or disk is full"))

    monkeypatch.setattr(store, "add_inbound", full)
    receipt = await visitor.say("help")
    assert receipt == {"stored": False, "refused": False}
    sorry = (await visitor.hear(2))[1]
    assert "999" in sorry and "could not save" in sorry


async def test_an_answer_that_cannot_be_kept_is_not_given(
    join: Join, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the replies cannot be stored, the visitor is told, and the message waits to be asked again."""
    visitor = await join()
    with monkeypatch.context() as patch:

        def full(*args: object, **more: object) -> None:
            raise OperationalError("insert", {}, Exception("database or disk is full"))

        patch.setattr(store, "add_answer", full)
        await visitor.say("help", id="m1")
        assert "999" in (await visitor.hear(2))[1]
    await visitor.request(visitor.token)
    assert (await visitor.hear(3))[2] == "You said: help"
    assert _inbound(store, visitor, settings) == ["answered"]


async def test_another_site_cannot_connect(url: str) -> None:
    """A page of another origin is refused at the handshake; our own is not."""
    for origin, welcome in (("https://evil.example", False), (url, True)):
        client = socketio.AsyncClient(reconnection=False)
        try:
            await client.connect(url, headers={"Origin": origin}, transports=["websocket"])
            connected = True
            await client.disconnect()
        except socketio.exceptions.ConnectionError:
            connected = False
        assert connected is welcome


async def test_a_huge_packet_ends_only_its_own_connection(join: Join, assistant: FakeAssistant) -> None:
    """A packet over 64 kB is dropped with its connection; others go on, and the sender can come back."""
    sender, other = await join(), await join()
    await sender.client.emit("user_uttered", {"message": "x" * 100_000})
    await asyncio.sleep(0.3)
    assert assistant.asked == []
    assert (await other.say("fine"))["stored"]
    again = await join(sender.token)
    assert (await again.say("short now"))["stored"]
