"""From two readings of a message to a verdict: alarm, check or quiet, for each danger.

One reading is the signs and their contexts (reading.py), the other the likelihood of each danger by
the topic experts. Either can raise; context can lower. Without likelihoods, as in the gateway when the
assistant is down, the signs decide alone. The thresholds are figures of docs/decisions/0007.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from harbour.safety.reading import Reading
from harbour.safety.signs import ALARM, CHECK, QUIET, SAFETY_IDS
from harbour.safety.whom import about_whom

# What can kill within the hour raises sooner, by itself.
DEADLY = ("emergency_overdose", "suicide_risk")
ALARM_ALONE, CHECK_ALONE = 0.45, 0.12
SECOND = 0.04  # what else a message that is raised may be about is a check too: dangers resemble each other
MAX_WORDS = 300  # characters of a message that are kept where no sign names the words


@dataclass(frozen=True)
class Bar:
    """From what likelihood of any danger at all a message is an alarm or a check."""

    alarm: float
    check: float


# By what the signs say of the danger in question.
BARS = {
    ALARM: Bar(0.0, 0.0),
    CHECK: Bar(0.25, 0.0),
    QUIET: Bar(0.55, 0.20),
    "lowered": Bar(0.85, 0.50),  # signs, and a context that takes them back
}
DOUBT = 0.05  # below it the experts are sure that there is no danger: a sign alone is a check


@dataclass(frozen=True)
class Risk:
    """One danger: its id, about whom, when, how sure, and the visitor's words that led to it."""

    id: str
    about: str
    when: str
    level: str
    words: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def _levels(reading: Reading, chance: dict[str, float] | None) -> dict[str, str]:
    """The level of each danger by both readings, the second dangers of a raised message among them."""
    levels = {id: _level(id, reading, chance) for id in SAFETY_IDS}
    if chance is None or set(levels.values()) == {QUIET}:
        return levels
    second = {id for id in SAFETY_IDS if levels[id] == QUIET and chance[id] >= SECOND and not reading.lowered(id)}
    return levels | dict.fromkeys(second, CHECK)


def _level(id: str, reading: Reading, chance: dict[str, float] | None) -> str:
    """The level of one danger by both readings."""
    by_signs = reading.level(id)
    if chance is None:
        return by_signs
    together = sum(chance.values())
    if by_signs == ALARM:
        return ALARM if together >= DOUBT or id in DEADLY else CHECK
    lowered = reading.lowered(id)
    bar = BARS["lowered" if lowered else by_signs]
    likeliest = max(SAFETY_IDS, key=chance.__getitem__) == id
    if likeliest and together >= bar.alarm:
        return ALARM
    if id in DEADLY and not lowered and chance[id] >= ALARM_ALONE:
        return ALARM
    if by_signs == CHECK or (likeliest and together >= bar.check):
        return CHECK
    if id in DEADLY and not lowered and chance[id] >= CHECK_ALONE:
        return CHECK
    return QUIET


def verdict(
    reading: Reading, likelihood: dict[str, float] | None, about: str | None = None, other: float | None = None
) -> list[Risk]:
    """The dangers in a message, most pressing first; `about` where it is known from before, `other` as in whom.py.

    `likelihood`: probability of each safety id, 0 to 1; None when only the signs were read. Dangers
    resemble each other and share their probability, so what counts is how likely any danger is; the
    likeliest names it.
    """
    chance = None if likelihood is None else {id: likelihood.get(id, 0.0) for id in SAFETY_IDS}
    levels = _levels(reading, chance)
    return [_risk(id, levels[id], reading, about, other) for id in SAFETY_IDS if levels[id] != QUIET]


def _risk(id: str, level: str, reading: Reading, about: str | None, other: float | None) -> Risk:
    evidence = reading.of(id)
    standing = [e for e in evidence if e.level != QUIET]
    words = "; ".join(dict.fromkeys(e.words for e in standing)) or reading.doc.text[:MAX_WORDS]
    named = next((e.sign.about for e in standing if e.sign.about), "")
    when = "now" if level == ALARM else next((e.when for e in evidence), "now")
    return Risk(id, about or named or about_whom(reading.doc.text, id, other), when, level, words)
