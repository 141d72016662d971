"""What happens after an alarm: the state of a crisis, and what to say next. Pure; the screen runs it.

A crisis is opened by an alarm and lasts over turns. Overdose beats suicide risk, both beat the others.
It ends when help has come, when it was a mistake or is denied, when the visitor says so, or after LASTS
messages in a row without any sign: nobody is trapped by a false alarm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from harbour.safety.followups import Followup
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.steps import (
    ANOTHER,
    ANSWERS,
    BESIDE,
    BY_INTENT,
    CALMING,
    EMERGENCY,
    ENDING,
    LESSER,
    NONE,
    QUESTIONS,
    QUIET,
    SAME,
    STEP_OF,
    SUICIDE,
    TAKEN,
    WITHHELD,
    keys,
)
from harbour.safety.verdict import DEADLY

LASTS = 6
CLEAR = 0.5  # from this likelihood on a question of the guide is clear enough to be answered in a crisis
REMEMBERED = 20  # responses and silent turns that are kept
SILENT = "-"  # stands in `told` for a turn that the crisis left to others

_QUESTION = re.compile(
    r"\?|\b(what|whats|how|hows|does|do|is|are|can|could|will|would|should|when|where|why|which|who|tell me|explain|"
    r"naltrexone|implant|withdrawal|therapy|rehab|detox|counsell\w+|treatment)\b"
)


@dataclass(frozen=True)
class State:
    """The crisis a conversation is in ("" for none) and the keys of what was said in it, the latest last."""

    crisis: str = ""
    told: tuple[str, ...] = ()

    @classmethod
    def read(cls, crisis: object, told: object) -> State:
        """From what slots or the gateway remember; what makes no sense counts as nothing."""
        if not isinstance(crisis, str) or crisis not in SAFETY_IDS:
            return cls()
        words = told.split() if isinstance(told, str) else []
        return cls(crisis, tuple(word for word in words if word in STEP_OF or word == SILENT)[-REMEMBERED:])

    @property
    def last(self) -> str:
        """The step that was answered last, or ""."""
        return STEP_OF.get(self.told[-1], "") if self.told else ""

    @property
    def quiet(self) -> int:
        """How many messages in a row were without any sign."""
        count = 0
        for said in reversed(self.told):
            if said != SILENT and STEP_OF[said] not in QUIET:
                break
            count += 1
        return count

    def tells(self, said: str) -> State:
        """The state after a response or a silent turn."""
        return State(self.crisis, (*self.told, said)[-REMEMBERED:])


@dataclass(frozen=True)
class Heard:
    """A message as the crisis sees it.

    `topic`: what classifier and fallback made of it (`faq/dose_duration`, `thank`, `nlu_fallback`), and
    how sure they are. `alarms`, `checks`: dangers by the verdict. `signs`: standing signs at alarm level, as
    (danger, token). `followups`: see followups.py. `asked`: our last words asked about
    something else (another danger, therapy). `asks`: it is worded as a question ("its all too much" is none, whatever question the classifier takes it for).
    """

    topic: str = ""
    sure: float = 0.0
    alarms: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    signs: tuple[tuple[str, int], ...] = ()
    followups: tuple[Followup, ...] = ()
    asked: bool = False
    asks: bool = True

    @property
    def intent(self) -> str:
        return self.topic.split("/")[0]


@dataclass(frozen=True)
class Move:
    """What to do: the state from now on, and the response to give.

    `danger`: whose response it is, "" when the crisis says nothing. `step`: the response's key. `raised`: the
    danger is still on and counts as an alarm. `over`: it ended. `beside`: the message's own topic is answered too.
    """

    state: State
    danger: str = ""
    step: str = NONE
    raised: bool = False
    over: bool = False
    beside: bool = False
    followup: Followup | None = field(default=None, compare=False)


def asks(text: str) -> bool:
    """Whether a message is worded as a question or names what the guide is about."""
    return bool(_QUESTION.search(text.lower()))


def _wording(state: State, danger: str, step: str) -> str:
    """The wording of a step that was used longest ago, never the last one: then another step's."""
    last = state.told[-1] if state.told else ""
    free = [k for k in keys(danger, step) if k != last]
    if not free:
        return _wording(state, danger, "again" if danger in DEADLY else "here")
    latest = {said: place for place, said in enumerate(state.told)}
    return min(free, key=lambda k: latest.get(k, -1))


def _say(state: State, step: str, followup: Followup | None = None, beside: bool = False) -> Move:
    danger = state.crisis
    step = SAME.get(step, step)
    said = _wording(state, danger, step)
    over = step in ENDING
    mourned = step in ("died", "grief")
    return Move(
        state=State() if over else state.tells(said),
        danger=danger,
        step=said,
        raised=danger == EMERGENCY and not over and not mourned,
        over=over,
        beside=beside,
        followup=followup,
    )


def _open(state: State, danger: str, afresh: bool = False) -> Move:
    """A danger's card; its shorter text where the card was given before in this crisis."""
    known = danger in state.told and (not afresh or state.told[-1] == danger)
    return _say(State(danger, state.told), "again" if known else "first")


def _new_sign(state: State, heard: Heard, calming: Followup) -> bool:
    """Whether a message that calms also says that something else is wrong.

    "The ambulance is here but now my sister isnt breathing": a sign behind the calm words, or of another
    deadly danger, is new. "He wasnt breathing but now he is awake": a sign before them is what they end. A
    mere "he is fine" ends nothing while any sign stands.
    """
    for danger, place in heard.signs:
        if calming.start <= place < calming.end or danger not in DEADLY:
            continue
        if danger != state.crisis or place >= calming.end or calming.step == "denied":
            return True
    return any(followup.step == ANOTHER for followup in heard.followups) and bool(heard.signs)


def _followup(state: State, heard: Heard) -> Move | None:
    """The answer to the weightiest follow-up that stands against the alarms of its message."""
    # A deadlier danger comes first; over a lesser one, only where a sign and not the classifier alone says so.
    deadlier = DEADLY[: DEADLY.index(state.crisis)] if state.crisis in DEADLY else DEADLY
    surely = state.crisis in DEADLY or any(danger in deadlier for danger, _ in heard.signs)
    worse = surely and any(alarm in deadlier for alarm in heard.alarms)
    for followup in heard.followups:
        if followup.step == ANOTHER:
            continue
        if followup.step in CALMING:
            if _new_sign(state, heard, followup):
                if followup.step in ("help_here", "safe") and heard.alarms:
                    return None  # that one has help: this is another emergency
                continue
        elif worse:
            continue
        if followup.step == TAKEN:
            return _open(state, EMERGENCY)
        return _say(state, followup.step, followup)
    return None


def _alarm(state: State, heard: Heard) -> Move:
    """The answer to an alarm, which opens a crisis or goes on in the one that is there."""
    danger = heard.alarms[0]
    calmed = any(f.step in ENDING for f in heard.followups)  # help came, and now this: a new emergency
    if state.crisis == EMERGENCY and danger != EMERGENCY:
        return _say(state, "despair" if danger == SUICIDE else "again")
    if state.crisis == SUICIDE and danger in LESSER:
        return _say(state, "again")
    if danger == state.crisis and heard.intent == "affirm" and (step := _answering(state, heard)):
        return _say(state, step)
    return _open(state, danger, afresh=calmed)


def _answering(state: State, heard: Heard) -> str:
    """The step that a bare yes or no means right after our question, or ""."""
    means = ANSWERS.get(state.told[-1], {}) if state.told else {}
    return means.get(heard.intent, "")


def _beside(state: State, heard: Heard) -> str:
    """The step beside which the message's own topic is answered, or "": not clear enough, or not now."""
    if heard.sure < CLEAR or not heard.asks:
        return ""
    if heard.intent in QUESTIONS:
        return "not_now" if state.crisis == SUICIDE and heard.topic in WITHHELD else "beside"
    return "beside" if heard.topic in BESIDE else ""


def _mourning(state: State) -> bool:
    return f"{state.crisis}_died" in state.told


def _held(state: State, heard: Heard) -> Move:
    """The answer in an overdose or a suicide risk to what is no alarm and no follow-up: never the fallback."""
    if step := _answering(state, heard):
        return _say(state, step)
    if state.crisis in heard.checks and not _mourning(state):
        return _say(state, "again")  # too weak to raise the alarm, strong enough to keep it
    if state.quiet >= LASTS:
        return Move(State())
    if state.crisis == EMERGENCY and _mourning(state):
        return _say(state, "grief")
    if step := _beside(state, heard):
        return _say(state, step, beside=step == "beside")
    return _say(state, BY_INTENT[state.crisis].get(heard.intent, "here"))


def _lesser(state: State, heard: Heard) -> Move:
    """The answer in another danger: questions and the like go their usual way, small talk does not."""
    if state.quiet >= LASTS:
        return Move(State())
    step = "" if heard.asked else BY_INTENT[""].get(heard.intent, "")
    if step == "denied" and state.last not in ("first", "again"):
        step = "here"
    if step == "here" and state.crisis in heard.checks:
        step = "again"  # "come on just tell me": too weak to raise the alarm, the same thing all the same
    return _say(state, step) if step else Move(state.tells(SILENT))


def decide(state: State, heard: Heard) -> Move:
    """What to say to a message, given the crisis that the conversation is in."""
    if state.crisis and heard.followups and (move := _followup(state, heard)):
        return move
    if heard.alarms:
        return _alarm(state, heard)
    if not state.crisis:
        return Move(State())
    return _lesser(state, heard) if state.crisis in LESSER else _held(state, heard)


def press(state: State, danger: str, step: str) -> Move:
    """What to say to a button that names a step, whatever crisis the conversation is in by now."""
    within = state if state.crisis == danger else State(danger, state.told)
    if step == TAKEN:
        return _open(within, EMERGENCY)
    move = _say(within, step)
    return replace(move, raised=move.raised or step in ("again", "means"))  # "yes" is the alarm itself


def whom(state: State, before: str, risk_about: str, stands: bool) -> str:
    """About whom a message with an alarm is, within a crisis about `before`.

    A worried person is spoken to as one throughout: "i cant get any breath out of him" says "i", and only
    plain signs of the writer's own danger (`stands`) turn the talk to the writer.
    """
    if state.crisis and before == "other" and risk_about == "self" and not stands:
        return before
    return risk_about
