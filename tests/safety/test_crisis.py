"""What happens after an alarm: which response, in which order, and when it is over. Pure, without Rasa."""

from __future__ import annotations

import itertools

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from harbour import settings
from harbour.safety.crisis import LASTS, SILENT, Heard, Move, State, asks, decide, press, whom
from harbour.safety.followups import Followup, load_followups
from harbour.safety.reading import load_reader
from harbour.safety.signs import ALARM, SAFETY_IDS
from harbour.safety.steps import EMERGENCY, LESSER, STEP_OF, STEPS, SUICIDE, WITHHELD

DOMAIN = yaml.safe_load((settings.ROOT / "domain.yml").read_text(encoding="utf-8"))
RULES = yaml.safe_load((settings.ROOT / "data" / "rules.yml").read_text(encoding="utf-8"))["rules"]


def heard(text: str = "", danger: str = "", topic: str = "out_of_scope", alarms: tuple[str, ...] = (), **more) -> Heard:
    """A message as the screen would hear it: its own follow-ups and signs, and what the classifier made of it."""
    reading = load_reader().read(text)
    signs = tuple((e.sign.id, e.start) for e in reading.evidence if e.level == ALARM)
    found = load_followups().find(text, danger) if danger else ()
    return Heard(topic=topic, sure=0.9, alarms=alarms, signs=signs, followups=found, **more)


def talk(*messages: Heard, start: State = State()) -> list[Move]:
    """The moves of a conversation, one after the other."""
    moves, state = [], start
    for message in messages:
        moves.append(decide(state, message))
        state = moves[-1].state
    return moves


def after(danger: str, *told: str) -> State:
    """A conversation in a crisis whose card, and then these, were given."""
    return State(danger, (danger, *told))


def in_emergency(text: str, *told: str, alarms: tuple[str, ...] = (), **more) -> Move:
    """What an emergency says to a message."""
    return decide(after(EMERGENCY, *told), heard(text, EMERGENCY, alarms=alarms, **more))


def in_suicide(text: str, *told: str, alarms: tuple[str, ...] = (), **more) -> Move:
    """What a suicide risk says to a message."""
    return decide(after(SUICIDE, *told), heard(text, SUICIDE, alarms=alarms, **more))


# ---------------------------------------------------------------- opening


@pytest.mark.parametrize("id", SAFETY_IDS)
def test_each_danger_opens_a_crisis_with_its_card(id: str) -> None:
    """The first alarm is answered with the danger's own card."""
    move = decide(State(), heard(alarms=(id,)))
    assert (move.state, move.danger, move.step) == (State(id, (id,)), id, id)


def test_without_an_alarm_there_is_no_crisis() -> None:
    """A conversation without danger is left alone, whatever its words."""
    assert decide(State(), heard("i have no naloxone, what do i do")) == Move(State())


@pytest.mark.parametrize("id", [*LESSER, SUICIDE])
def test_an_overdose_beats_every_other_crisis(id: str) -> None:
    """Whatever was talked about: the overdose card, whole."""
    assert decide(after(id), heard(alarms=(EMERGENCY, id))).step == EMERGENCY


@pytest.mark.parametrize("id", LESSER)
def test_suicide_risk_beats_the_lesser_dangers(id: str) -> None:
    """Its card comes, and a lesser danger spoken of later does not push it out."""
    move = decide(after(id), heard(alarms=(SUICIDE,)))
    assert move.step == SUICIDE
    assert decide(move.state, heard(alarms=(id,))).danger == SUICIDE
    assert decide(after(EMERGENCY), heard(alarms=(id,))).step == f"{EMERGENCY}_again"


def test_one_lesser_danger_after_another_is_answered_by_its_own_card() -> None:
    """And coming back to the first gets the shorter text."""
    cards = [m.step for m in talk(*(heard(alarms=(a,)) for a in ("relapse_disclosure", "medical_urgent")))]
    assert cards == ["relapse_disclosure", "medical_urgent"]
    back = decide(State("medical_urgent", tuple(cards)), heard(alarms=("relapse_disclosure",)))
    assert back.step == "relapse_disclosure_again"


@pytest.mark.parametrize("id", SAFETY_IDS)
def test_the_same_danger_again_is_answered_in_other_words(id: str) -> None:
    """The card is not repeated, and neither is what came last: overdose and suicide risk have three wordings."""
    steps = [m.step for m in talk(*[heard(alarms=(id,))] * 8)]
    assert steps[0] == id and id not in steps[1:]
    assert [a for a, b in itertools.pairwise(steps) if a == b] == []
    assert len(set(steps[1:])) == STEPS[id]["again"] >= (3 if id in (EMERGENCY, SUICIDE) else 2)


# ---------------------------------------------------------------- an overdose


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("what do i do", "waiting"),
        ("the ambulance is on its way", "waiting"),
        ("i dont have naloxone", "no_naloxone"),
        ("we have no nalaxone", "no_naloxone"),
        ("how do i use the naloxone", "give_naloxone"),
        ("gave him narcan but nothing is happening", "second_dose"),
        ("how long do i wait before giving more", "second_dose"),
        ("done it, injected the thigh", "second_dose"),
        ("hes stopped breathing", "not_breathing"),
        ("do i do cpr", "not_breathing"),
        ("shes breathing but she wont wake up", "recovery"),
        ("hes breathing again thank god", "awake"),
        ("he just woke up", "awake"),
        ("he just opened his eyes", "awake"),
        ("he says he wants to go and use again", "awake"),
        ("hes going under again", "worse"),
        ("my phone is dead", "cannot_call"),
        ("will the police come", "police"),
        ("im on my own here", "alone"),
        ("its me, i took it", "alone"),
        ("i dont know what he took", "not_sure"),
        ("he has a naltrexone implant", "on_naltrexone"),
        ("should i put her in a cold shower", "do_not"),
        ("can he just sleep it off", "do_not"),
        ("who are you", "bot"),
        ("can you call an ambulance for me", "bot"),
        ("i think its too late", "died"),
    ],
)
def test_each_follow_up_of_an_overdose_has_its_own_answer(text: str, step: str) -> None:
    """Asked or told in plain words, misspelt or not; the alarm stays, except where somebody died."""
    for alarms in ((), (EMERGENCY,)):
        move = in_emergency(text, alarms=alarms)
        assert move.step == f"{EMERGENCY}_{step}"
        assert move.state.crisis == EMERGENCY
        assert move.raised is (step != "died")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("thank you, the ambulance is here", "help_here"),
        ("paramedics are working on her", "help_here"),
        ("hes in hospital now", "help_here"),
        ("theyre here", "help_here"),
        ("sorry, false alarm", "denied"),
        ("no hes fine, just asleep, breathing ok", "denied"),
        ("he isnt overdosing hes just asleep", "denied"),
    ],
)
def test_help_and_denial_end_an_overdose_even_when_the_verdict_doubts(text: str, step: str) -> None:
    """A whole sentence that calms is not answered with the alarm it mentions."""
    move = in_emergency(text, alarms=(EMERGENCY,))
    assert (move.step, move.state, move.raised, move.over) == (f"{EMERGENCY}_{step}", State(), False, True)


@pytest.mark.parametrize(
    "text",
    [
        "ambulance is here but now my sister isnt breathing either",
        "the paramedics are here but she stopped breathing",
        "hes fine but she wont wake up",
        "he wont wake up but hes ok",
        "the ambulance is here and my brother is not breathing too",
    ],
)
def test_a_new_sign_beside_calm_words_is_an_alarm(text: str) -> None:
    """Help for one is not help for another, and nobody is fine while a sign stands."""
    move = in_emergency(text, f"{EMERGENCY}_waiting", alarms=(EMERGENCY,))
    assert move.state.crisis == EMERGENCY and move.raised and not move.over


def test_a_new_emergency_behind_the_end_of_the_first_gets_the_whole_card() -> None:
    """Somebody else is not breathing: the card again, unless it was what we said last."""
    text = "ambulance is here but now my sister isnt breathing either"
    again = heard(text, EMERGENCY, alarms=(EMERGENCY,))
    assert decide(after(EMERGENCY, f"{EMERGENCY}_waiting"), again).step == EMERGENCY
    assert decide(after(EMERGENCY), again).step == f"{EMERGENCY}_again"


def test_what_came_before_calm_words_is_over() -> None:
    """ "He wasnt breathing but now hes awake" is good news."""
    assert in_emergency("he wasnt breathing but hes awake now", alarms=(EMERGENCY,)).step == f"{EMERGENCY}_awake"


@pytest.mark.parametrize("text", ["shes not breathing now", "he isnt awake", "is he awake", "hes not ok"])
def test_a_no_before_calm_words_calms_nothing(text: str) -> None:
    """ "Not breathing now" is not "breathing now"."""
    move = in_emergency(text)
    assert STEP_OF[move.step] not in ("awake", "denied", "help_here") and move.raised


@pytest.mark.parametrize(
    "topic", ["out_of_scope", "nlu_fallback", "affirm", "thank", "goodbye", "greet", "feedback_negative"]
)
def test_an_unclear_message_in_an_overdose_is_never_left_to_small_talk(topic: str) -> None:
    """Three wordings of "I am still here" in turn, whatever the classifier thinks."""
    steps = [STEP_OF[m.step] for m in talk(*[heard(topic=topic)] * 4, start=after(EMERGENCY))]
    assert set(steps) == {"here"}
    assert len({m.step for m in talk(*[heard(topic=topic)] * 3, start=after(EMERGENCY))}) == 3


def test_a_bare_no_counts_only_behind_the_card() -> None:
    """Later a no may mean anything."""
    assert decide(after(EMERGENCY), heard(topic="deny")).over
    assert not decide(after(EMERGENCY, f"{EMERGENCY}_waiting"), heard(topic="deny")).over


def test_a_question_of_the_guide_in_an_overdose_is_answered_beside_a_line_of_safety() -> None:
    """The message keeps its own topic; an unclear one does not."""
    move = decide(after(EMERGENCY), heard(topic="faq/dose_duration"))
    assert (move.step, move.beside, move.raised) == (f"{EMERGENCY}_beside", True, True)
    assert decide(after(EMERGENCY), Heard(topic="faq/dose_duration", sure=0.3)).step == f"{EMERGENCY}_here"
    assert decide(after(EMERGENCY), Heard(topic="faq/dose_duration", sure=0.9, asks=False)).step == f"{EMERGENCY}_here"
    assert decide(move.state, heard(topic="beyond/pregnancy")).step == f"{EMERGENCY}_beside_2"


@pytest.mark.parametrize(
    ("text", "asked"),
    [("how long does a dose last", True), ("does it hurt", True), ("dose lasts long?", True), ("naltrexone side effects", True),
     ("its all too much", False), ("i feel a bit better", False), ("ok", False), ("", False)],
)  # fmt: skip
def test_a_question_is_worded_as_one(text: str, asked: bool) -> None:
    """What the classifier takes for a question must also look like one before it is answered in a crisis."""
    assert asks(text) is asked


def test_a_person_is_asked_for_in_an_overdose() -> None:
    """The emergency number comes first, not the handoff."""
    assert decide(after(EMERGENCY), heard(topic="human_handoff")).step == f"{EMERGENCY}_person"


def test_despair_in_an_overdose_keeps_the_overdose_first() -> None:
    """Suicide risk spoken of meanwhile gets its lines without ending the emergency."""
    move = in_emergency("i want to kill myself", alarms=(SUICIDE,))
    assert (move.step, move.state.crisis) == (f"{EMERGENCY}_despair", EMERGENCY)


def test_grief_is_not_answered_with_first_aid() -> None:
    """After a death no unclear message is told to roll anybody on their side."""
    state = in_emergency("he is dead").state
    assert [m.step for m in talk(*[heard(topic="thank")] * 3, start=state)] == [
        f"{EMERGENCY}_grief",
        f"{EMERGENCY}_grief_2",
        f"{EMERGENCY}_grief",
    ]


def test_a_weak_sign_keeps_an_overdose_going() -> None:
    """What the verdict would only ask about is enough to say the short card again."""
    assert decide(after(EMERGENCY), Heard(topic="out_of_scope", checks=(EMERGENCY,))).step == f"{EMERGENCY}_again"


# ---------------------------------------------------------------- suicide risk


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("i dont want to talk to anyone", "no_call"),
        ("tried samaritans, useless", "no_call"),
        ("nobody cares", "nobody"),
        ("i cant do this anymore", "nobody"),
        ("im 15", "young"),
        ("i have the pills here", "means"),
        ("i havent taken anything", "no_means"),
        ("how do i help her", "what_now"),
        ("not yet", "means"),
        ("im not sure", "again"),
        ("im going to bed", "goodbye"),
        ("its all too much", "nobody"),
        ("are you a real person", "bot"),
    ],
)
def test_each_follow_up_of_a_suicide_risk_has_its_own_answer(text: str, step: str) -> None:
    """The conversation stays where it is, in words that fit."""
    move = in_suicide(text, alarms=(SUICIDE,))
    assert (move.step, move.state.crisis) == (f"{SUICIDE}_{step}", SUICIDE)


@pytest.mark.parametrize("text", ["im on the phone to samaritans", "my mum is here now", "i feel a bit better now"])
def test_company_or_relief_ends_a_suicide_risk(text: str) -> None:
    """The visitor says that it is better: accepted."""
    move = in_suicide(text)
    assert (move.step, move.over) == (f"{SUICIDE}_safe", True)


@pytest.mark.parametrize("text", ["im not suicidal", "i would never do it", "i didnt mean it like that"])
def test_a_denied_suicide_risk_is_accepted(text: str) -> None:
    """In whole sentences too, though the words themselves look like danger."""
    move = in_suicide(text, alarms=(SUICIDE,))
    assert (move.step, move.over) == (f"{SUICIDE}_denied", True)


def test_what_was_taken_makes_it_an_emergency() -> None:
    """In words and by button."""
    assert in_suicide("i already took them").step == EMERGENCY
    assert in_suicide("nobody cares, he is not breathing", alarms=(EMERGENCY,)).step == EMERGENCY
    assert press(after(SUICIDE), SUICIDE, "taken").step == EMERGENCY


def test_yes_and_no_answer_what_was_asked_last() -> None:
    """Behind the first card a yes is the alarm and a no the end; behind the second they are about means."""
    yes, no = heard(topic="affirm"), heard(topic="deny")
    assert decide(after(SUICIDE), yes).step == f"{SUICIDE}_again"
    assert decide(after(SUICIDE), heard(topic="affirm", alarms=(SUICIDE,))).step == f"{SUICIDE}_again"
    assert decide(after(SUICIDE), no).over
    asked = after(SUICIDE, f"{SUICIDE}_again")
    assert decide(asked, heard(topic="affirm", alarms=(SUICIDE,))).step == f"{SUICIDE}_means"
    assert decide(asked, no).step == f"{SUICIDE}_no_means"
    assert decide(asked, no).state.crisis == SUICIDE
    assert decide(after(SUICIDE, f"{SUICIDE}_here"), no).step == f"{SUICIDE}_here_2"


@pytest.mark.parametrize(
    ("topic", "step"),
    [("thank", "thank"), ("goodbye", "goodbye"), ("human_handoff", "person"), ("nlu_fallback", "here"),
     ("out_of_scope", "here"), ("greet", "here"), ("feedback_negative", "here"), ("concerned_other", "here")],
)  # fmt: skip
def test_small_talk_in_a_suicide_risk_stays_warm(topic: str, step: str) -> None:
    """Nothing falls back to "I can only answer questions about naltrexone"."""
    assert decide(after(SUICIDE), heard(topic=topic)).step == f"{SUICIDE}_{step}"


def test_a_question_in_a_suicide_risk_is_answered_unless_it_could_do_harm() -> None:
    """Amounts, combinations and how an overdose kills wait; everything else comes with one warm line."""
    assert decide(after(SUICIDE), heard(topic="faq/implant_pain")).step == f"{SUICIDE}_beside"
    assert decide(after(SUICIDE), heard(topic="therapy_referral")).beside
    assert decide(after(EMERGENCY), heard(topic="therapy_referral")).beside
    for topic in WITHHELD:
        move = decide(after(SUICIDE), heard(topic=topic))
        assert (move.step, move.beside) == (f"{SUICIDE}_not_now", False)


# ---------------------------------------------------------------- the other dangers


@pytest.mark.parametrize("id", LESSER)
def test_after_another_danger_small_talk_is_not_cheerful_and_questions_are_free(id: str) -> None:
    """Thanks, goodbye, a person and the unclear have sober words; the guide answers as usual."""
    for topic, step in (
        ("thank", "thank"),
        ("goodbye", "goodbye"),
        ("human_handoff", "person"),
        ("nlu_fallback", "here"),
    ):
        move = decide(after(id), heard(topic=topic))
        assert (move.danger, move.step) == (id, f"crisis_{step}")
    move = decide(after(id), heard(topic="faq/dose_duration"))
    assert (move.danger, move.state.crisis) == ("", id)


def test_who_cannot_call_about_violence_is_not_told_to_call() -> None:
    """Other ways are named."""
    move = decide(
        after("abuse_violence"), heard("i cant call hes in the house", "abuse_violence", alarms=("abuse_violence",))
    )
    assert move.step == "abuse_violence_cannot_call"


def test_a_mere_likelihood_of_an_overdose_does_not_speak_over_violence_but_a_sign_does() -> None:
    """ "I cant call" alone is about calling; "i cant call, he is not breathing" is an overdose."""
    said = heard("i cant call hes in the next room", "abuse_violence", alarms=(EMERGENCY,))
    assert decide(after("abuse_violence"), said).step == "abuse_violence_cannot_call"
    said = heard("i cant call and my son is not breathing", "abuse_violence", alarms=(EMERGENCY,))
    assert decide(after("abuse_violence"), said).step == EMERGENCY


def test_a_no_to_another_question_ends_nothing() -> None:
    """A no to our calm question about suicide does not end the relapse."""
    move = decide(after("relapse_disclosure"), heard(topic="deny", asked=True))
    assert (move.danger, move.state.crisis) == ("", "relapse_disclosure")
    assert decide(after("relapse_disclosure"), heard(topic="deny")).over


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("id", SAFETY_IDS)
def test_nobody_is_trapped_by_a_false_alarm(id: str) -> None:
    """After LASTS messages without any sign the conversation is free again."""
    moves = talk(*[heard(topic="faq/dose_duration")] * (LASTS + 1), start=after(id))
    assert [m.state.crisis for m in moves] == [id] * LASTS + [""]
    assert moves[-1] == Move(State())


def test_a_sign_starts_the_count_anew() -> None:
    """A follow-up is a sign that the crisis is still on."""
    told = [f"{EMERGENCY}_here", f"{EMERGENCY}_here_2", f"{EMERGENCY}_here_3"] * 2
    assert decide(after(EMERGENCY, *told), heard(topic="thank")).danger == ""
    assert in_emergency("i have no naloxone", *told).state.quiet == 0


def test_after_the_end_a_new_alarm_gets_the_whole_card() -> None:
    """It is a new emergency."""
    state = in_emergency("the ambulance is here").state
    assert decide(state, heard(alarms=(EMERGENCY,))).step == EMERGENCY


# ---------------------------------------------------------------- for any conversation

STEPS_ASKED = sorted({*STEPS[SUICIDE], *STEPS[EMERGENCY], "taken", "another"} - {"first", "again"})
MESSAGES = st.sampled_from(
    [
        Heard(topic, sure, alarms, checks, signs, followups)
        for topic, sure in [("faq/dose_duration", 0.9), ("faq/dose_duration", 0.2), ("beyond/dosage", 0.9)]
        + [
            (t, 0.9)
            for t in ("thank", "goodbye", "affirm", "deny", "nlu_fallback", "human_handoff", "privacy", "bot_challenge")
        ]
        for alarms in [(), (), *[(id,) for id in SAFETY_IDS], (EMERGENCY, SUICIDE), (SUICIDE, "relapse_disclosure")]
        for checks, signs in [((), ()), ((EMERGENCY,), ()), ((), ((EMERGENCY, 1),)), ((), ((SUICIDE, 7),))]
        for followups in [(), (), *[(Followup(step, start=2, end=4),) for step in STEPS_ASKED]]
    ]
)


def _fit(state: State, message: Heard) -> Heard:
    """The message with only such follow-ups as are looked for in the crisis."""
    fit = {*STEPS.get(state.crisis, {}), "another"} | ({"taken"} if state.crisis == SUICIDE else set())
    return Heard(message.topic, message.sure, message.alarms, message.checks, message.signs,
                 tuple(f for f in message.followups if f.step in fit))  # fmt: skip


@how(deadline=None)  # the machine may be busy
@given(st.lists(MESSAGES, max_size=12))
def test_nothing_is_said_twice_in_a_row(messages: list[Heard]) -> None:
    """Whatever is said: no crisis response comes word for word in two consecutive turns."""
    state, last = State(), ""
    for message in messages:
        move = decide(state, _fit(state, message))
        assert move.step == "none" or move.step != last
        state, last = move.state, move.step


@how(deadline=None)  # the machine may be busy
@given(MESSAGES, st.sampled_from([EMERGENCY, SUICIDE]))
def test_no_message_is_without_an_answer_in_an_overdose_or_a_suicide_risk(message: Heard, id: str) -> None:
    """Never the fallback, never silence, and an overdose alarm is never passed over."""
    move = decide(after(id), _fit(after(id), message))
    assert move.danger and move.step in STEP_OF
    if EMERGENCY in message.alarms and not message.followups:
        assert move.danger == EMERGENCY


@how(deadline=None)  # the machine may be busy
@given(st.lists(MESSAGES, max_size=12))
def test_the_state_survives_its_own_writing(messages: list[Heard]) -> None:
    """What the gateway remembers is read back as it was."""
    state = State()
    for message in messages:
        state = decide(state, _fit(state, message)).state
        assert State.read(state.crisis, " ".join(state.told)) == state


@pytest.mark.parametrize(
    ("crisis", "told"), [(None, None), ("none", "none"), ("greet", "x"), (7, []), ({}, "emergency_overdose"), ("", "x")]
)
def test_nonsense_in_the_memory_is_no_crisis(crisis: object, told: object) -> None:
    """And no error."""
    assert State.read(crisis, told) == State()


def test_unknown_words_in_the_memory_are_dropped() -> None:
    """A crisis is kept even when its history makes no sense."""
    state = State.read(SUICIDE, f"{SUICIDE} bogus {SILENT} {SUICIDE}_gone")
    assert state == State(SUICIDE, (SUICIDE, SILENT))
    assert State.read(SUICIDE, None) == State(SUICIDE)


def test_about_whom_it_is_stays() -> None:
    """A worried person's "i" does not turn the talk to them; their own danger does."""
    state = after(EMERGENCY)
    assert whom(state, "other", "self", stands=False) == "other"
    assert whom(state, "other", "self", stands=True) == "self"
    assert whom(state, "self", "other", stands=False) == "other"
    assert whom(State(), "other", "self", stands=False) == "self"
