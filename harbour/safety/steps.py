"""What can be said after an alarm: the steps of a crisis, and the names of their responses.

A step is one thing that is asked for or said within a crisis ("no naloxone", "help is here"). Each has
its response in domain.yml: `utter_<danger>_<step>`, or `utter_crisis_<step>` where the lesser dangers
share one. What may be needed often has more than one wording: `..._here`, `..._here_2`, `..._here_3`.
The key of a response is its name without `utter_`; it is the value of the slot `step`.
"""

from __future__ import annotations

from harbour.safety.signs import SAFETY_IDS
from harbour.safety.verdict import DEADLY

NONE = "none"  # the value of a slot that says: nothing
EMERGENCY, SUICIDE = DEADLY
LESSER = tuple(id for id in SAFETY_IDS if id not in DEADLY)

# Step -> number of wordings, for each danger.
STEPS: dict[str, dict[str, int]] = {
    EMERGENCY: {
        "first": 1,
        "again": 3,
        "here": 3,
        "beside": 2,
        "person": 1,
        "despair": 1,
        "grief": 2,
        # asked for in the visitor's own words: content/safety/followups.yml
        "waiting": 1,
        "no_naloxone": 1,
        "give_naloxone": 1,
        "second_dose": 1,
        "not_breathing": 1,
        "recovery": 1,
        "awake": 1,
        "worse": 1,
        "cannot_call": 1,
        "police": 1,
        "alone": 1,
        "not_sure": 1,
        "on_naltrexone": 1,
        "do_not": 1,
        "bot": 1,
        "help_here": 1,
        "denied": 1,
        "died": 1,
    },
    SUICIDE: {
        "first": 1,
        "again": 3,
        "here": 3,
        "beside": 2,
        "person": 1,
        "not_now": 2,
        "thank": 1,
        "goodbye": 1,
        "means": 1,
        "no_means": 1,
        "no_call": 2,
        "nobody": 2,
        "young": 1,
        "what_now": 1,
        "bot": 1,
        "safe": 1,
        "denied": 1,
        "died": 1,
    },
    **{id: {"first": 1, "again": 2} for id in LESSER},
}
STEPS["abuse_violence"]["cannot_call"] = 1
SHARED = {"here": 2, "thank": 1, "goodbye": 1, "person": 1, "denied": 1}  # what the lesser dangers have in common

SAME = {"mistake": "denied"}  # found by other words, answered alike
ANOTHER = "another"  # says only that somebody else is spoken of too; has no response
TAKEN = "taken"  # in a suicide risk, the button and the words that make it an emergency
ENDING = frozenset({"help_here", "denied", "mistake", "safe"})  # the crisis is over
CALMING = ENDING | {"awake", "no_means", "died"}  # beats an alarm, unless a new sign stands beside it
QUIET = frozenset({"here", "beside", "person", "bot", "thank", "goodbye", "not_now", "grief"})  # no sign of danger

# Not answered once suicide was spoken of: amounts, combinations, when the block ends, how an overdose kills.
WITHHELD = frozenset(
    {
        "faq/dose_duration",
        "faq/using_on_naltrexone",
        "faq/overdose_after_treatment",
        "faq/overdose_prevention",
        "faq/naltrexone_interactions",
        "beyond/alcohol",
        "beyond/dosage",
        "beyond/liver",
        "beyond/other_drugs",
    }
)
QUESTIONS = ("faq", "beyond")
BESIDE = frozenset({"privacy", "therapy_referral"})  # answered too, with a line of safety
BY_INTENT = {
    EMERGENCY: {"human_handoff": "person", "bot_challenge": "bot", "capabilities": "bot"},
    SUICIDE: {
        "human_handoff": "person",
        "bot_challenge": "bot",
        "capabilities": "bot",
        "thank": "thank",
        "feedback_positive": "thank",
        "goodbye": "goodbye",
    },
    "": {
        "human_handoff": "person",
        "thank": "thank",
        "feedback_positive": "thank",
        "goodbye": "goodbye",
        "deny": "denied",
        **dict.fromkeys(("nlu_fallback", "out_of_scope", "affirm", "greet", "feedback_negative"), "here"),
    },
}

# What a bare yes or no means right behind a response that asked.
ANSWERS = {
    "emergency_overdose": {"deny": "denied"},
    "suicide_risk": {"affirm": "again", "deny": "denied"},
    "suicide_risk_again": {"affirm": "means", "deny": "no_means"},
}


def key(danger: str, step: str, wording: int = 1) -> str:
    """The key of a response: `emergency_overdose_here_2`, `crisis_thank`, `suicide_risk` for the first."""
    if step == "first":
        return danger
    owner = danger if step in STEPS[danger] else "crisis"
    return f"{owner}_{step}" + (f"_{wording}" if wording > 1 else "")


def keys(danger: str, step: str) -> list[str]:
    """The keys of all wordings of a step."""
    wordings = STEPS[danger].get(step) or SHARED[step]
    return [key(danger, step, wording) for wording in range(1, wordings + 1)]


STEP_OF = {k: step for danger in SAFETY_IDS for step in STEPS[danger] for k in keys(danger, step)}
STEP_OF |= {k: step for step in SHARED for k in keys(LESSER[0], step)}


def payloads() -> frozenset[str]:
    """The payloads of buttons that name a step: `/emergency_overdose/no_naloxone`."""
    named = {f"/{danger}/{step}" for danger in DEADLY for step in STEPS[danger] if step not in ("first", "beside")}
    return frozenset(named | {f"/{SUICIDE}/{TAKEN}"})
