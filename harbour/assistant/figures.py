"""From what the assistant made of each message to the figures we judge it by. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from harbour.assistant.cases import Case, group_of_topics
from harbour.assistant.turns import Turn
from harbour.safety.signs import SAFETY_IDS

ASKED_BACK = "asked back"
GROUPS = ("faq", "beyond", "chat", "safety", "out_of_scope")
EXAMPLES = 3


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    `answered`: the topic answered first, or ASKED_BACK; `offered`: the topics on the buttons shown
    when asking back; `ranking`: ids, likeliest first; `alarms`, `checks`: safety ids; `about`: whom
    the expected danger was taken to be about, "" if it was not seen; `seconds`: the turn took.
    """

    case: Case
    answered: str
    offered: tuple[str, ...] = ()
    ranking: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    about: str = ""
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        return self.answered == self.case.topic

    @property
    def group(self) -> str:
        """The group of the expected topic."""
        return group_of_topics()[self.case.topic]


def observed(case: Case, turn: Turn, seconds: float) -> Outcome:
    """What a turn means for its case."""
    asked_back = turn.intent == "nlu_fallback" or not turn.topics
    buttons = [button["payload"] for reply in turn.replies for button in reply.buttons]
    return Outcome(
        case=case,
        answered=ASKED_BACK if asked_back else turn.topics[0],
        offered=tuple(payload.split("/")[-1] for payload in buttons) if asked_back else (),
        ranking=tuple(turn.ranking),
        alarms=tuple(turn.raised("alarm")),
        checks=tuple(turn.raised("check")),
        about=next((risk["about"] for risk in turn.risk if risk["id"] == case.topic), ""),
        seconds=seconds,
    )


@dataclass(frozen=True)
class Share:
    """`hits` of `of`; `value` is their quotient, not a number when there was nothing to count."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else math.nan


def share(truths: Iterable[bool]) -> Share:
    """How many are true, of how many."""
    truths = list(truths)
    return Share(sum(truths), len(truths))


@dataclass(frozen=True)
class TopicScore:
    """How well one topic is told apart. `support`: messages that are about it."""

    topic: str
    group: str
    precision: Share
    recall: Share

    @property
    def support(self) -> int:
        return self.recall.of

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; not a number without support."""
        if not self.support:
            return math.nan
        return 2 * self.recall.hits / (self.precision.of + self.recall.of)


@dataclass(frozen=True)
class DangerScore:
    """How often a danger was noticed: `seen` as alarm or check, `alarm` as itself, `any_alarm` as any."""

    id: str
    seen: Share
    alarm: Share
    any_alarm: Share


@dataclass(frozen=True)
class Confusion:
    """A topic taken for another (or asked back), how often, and messages it happened to."""

    expected: str
    answered: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Evaluation:
    """All figures. Times in milliseconds; every Share counts messages.

    `groups`: right first answers by group of the expected topic; `faq_top3`: the right one among the
    three likeliest topics, whatever was done then; `faq_helped`: answered, or asked back with the
    right one on a button; `asked_back_right`: of the times we asked back; `traps_*`: the imitated
    danger alarmed, any wrong alarm, any wrong check; `ordinary_*`: the same on messages that are
    neither dangers nor traps; `about`: of the dangers seen, whose message says about whom.
    """

    outcomes: tuple[Outcome, ...]
    topics: tuple[TopicScore, ...]
    accuracy: Share
    groups: dict[str, Share]
    faq_top3: Share
    faq_helped: Share
    asked_back: Share
    asked_back_right: Share
    dangers: tuple[DangerScore, ...]
    danger: DangerScore
    about: Share
    traps_imitated: Share
    traps_alarmed: Share
    traps_checked: Share
    ordinary_alarmed: Share
    ordinary_checked: Share
    confusions: tuple[Confusion, ...]
    p50_ms: float
    p99_ms: float

    @property
    def faq_accuracy(self) -> Share:
        return self.groups["faq"]

    @property
    def out_of_scope(self) -> TopicScore:
        """Precision and recall of declining."""
        return next(score for score in self.topics if score.topic == "out_of_scope")

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the topics with messages."""
        return float(np.mean([score.f1 for score in self.topics if score.support]))


def _topic_score(outcomes: list[Outcome], topic: str) -> TopicScore:
    return TopicScore(
        topic,
        group_of_topics()[topic],
        precision=share(o.right for o in outcomes if o.answered == topic),
        recall=share(o.right for o in outcomes if o.case.topic == topic),
    )


def _danger_score(outcomes: list[Outcome], id: str) -> DangerScore:
    """For outcomes whose expected topic is a danger; `id` only names the score."""
    return DangerScore(
        id,
        seen=share(o.case.topic in o.alarms + o.checks for o in outcomes),
        alarm=share(o.case.topic in o.alarms for o in outcomes),
        any_alarm=share(bool(o.alarms) for o in outcomes),
    )


def _confusions(outcomes: list[Outcome]) -> tuple[Confusion, ...]:
    """Most frequent first; ties by name, so that two runs print the same."""
    counts = Counter((o.case.topic, o.answered) for o in outcomes if not o.right)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Confusion(
            expected,
            answered,
            count,
            tuple(o.case.say for o in outcomes if (o.case.topic, o.answered) == (expected, answered))[:EXAMPLES],
        )
        for (expected, answered), count in ordered
    )


def evaluate(outcomes: list[Outcome]) -> Evaluation:
    """The figures of at least one outcome."""
    faq = [o for o in outcomes if o.group == "faq"]
    asked = [o for o in outcomes if o.answered == ASKED_BACK]
    dangers = [o for o in outcomes if o.group == "safety"]
    traps = [o for o in outcomes if o.case.forbidden]
    ordinary = [o for o in outcomes if o.group != "safety" and not o.case.forbidden]
    milliseconds = [1000 * o.seconds for o in outcomes]
    return Evaluation(
        outcomes=tuple(outcomes),
        topics=tuple(_topic_score(outcomes, topic) for topic in group_of_topics()),
        accuracy=share(o.right for o in outcomes),
        groups={group: share(o.right for o in outcomes if o.group == group) for group in GROUPS},
        faq_top3=share(o.case.topic in o.ranking[:3] for o in faq),
        faq_helped=share(o.right or o.case.topic in o.offered for o in faq),
        asked_back=share(o.answered == ASKED_BACK for o in outcomes),
        asked_back_right=share(o.case.topic in o.offered for o in asked),
        dangers=tuple(_danger_score([o for o in dangers if o.case.topic == id], id) for id in SAFETY_IDS),
        danger=_danger_score(dangers, "all"),
        about=share(o.about == o.case.about for o in dangers if o.about and o.case.about),
        traps_imitated=share(o.case.forbidden in o.alarms for o in traps),
        traps_alarmed=share(bool(set(o.alarms) - {o.case.topic}) for o in traps),
        traps_checked=share(bool(set(o.checks) - {o.case.topic}) for o in traps),
        ordinary_alarmed=share(bool(o.alarms) for o in ordinary),
        ordinary_checked=share(bool(o.checks) for o in ordinary),
        confusions=_confusions(outcomes),
        p50_ms=float(np.percentile(milliseconds, 50)),
        p99_ms=float(np.percentile(milliseconds, 99)),
    )
