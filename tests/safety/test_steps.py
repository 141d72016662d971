"""The steps of a crisis and the words for them: responses, rules and buttons fit together."""

from __future__ import annotations

import itertools
import re

import pytest
import yaml

from harbour import settings
from harbour.safety.crisis import State, press
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.steps import EMERGENCY, LESSER, QUIET, SHARED, STEP_OF, SUICIDE, keys, payloads
from tests.safety.test_crisis import after

DOMAIN = yaml.safe_load((settings.ROOT / "domain.yml").read_text(encoding="utf-8"))
RULES = yaml.safe_load((settings.ROOT / "data" / "rules.yml").read_text(encoding="utf-8"))["rules"]


def test_each_step_has_its_response_and_no_response_is_left_over() -> None:
    """domain.yml and steps.py name the same."""
    prefixes = tuple(f"utter_{id}" for id in (*SAFETY_IDS, "crisis"))
    assert {r for r in DOMAIN["responses"] if r.startswith(prefixes)} == {f"utter_{k}" for k in STEP_OF}
    assert set(DOMAIN["slots"]["step"]["values"]) == {"none", *STEP_OF}


def test_each_step_has_its_rule() -> None:
    """Each value of the slot `step` but the cards is a rule's condition and that rule gives its response first."""
    ruled = {}
    for rule in RULES:
        for condition in rule.get("condition") or []:
            for slot in condition.get("slot_was_set", []):
                if "step" in slot:
                    ruled.setdefault(slot["step"], set()).add(rule["steps"][1]["action"])
    assert ruled == {k: {f"utter_{k}"} for k, step in STEP_OF.items() if step != "first"}


def test_each_quiet_step_and_each_shared_one_exists() -> None:
    """No name in the tables is misspelt."""
    assert set(STEP_OF.values()) >= QUIET
    assert all(keys(id, step) for id in LESSER for step in SHARED)


def test_every_button_of_a_crisis_is_one_of_ours() -> None:
    """A step's button names a danger and a step that can be pressed, in any crisis."""
    for payload in payloads():
        danger, step = payload[1:].split("/")
        for state in (State(), after(EMERGENCY), after(SUICIDE), after("drug_seeking")):
            assert press(state, danger, step).step in STEP_OF


@pytest.mark.parametrize("name", DOMAIN["responses"])
def test_never_two_variations_fit(name: str) -> None:
    """Rasa would choose between them by chance, whatever the slots hold."""
    conditional = [v["condition"] for v in DOMAIN["responses"][name] if v.get("condition")]
    values: dict[str, set] = {}
    for condition in conditional:
        for c in condition:
            values.setdefault(c["name"], {"anything else"}).add(c["value"])
    for chosen in itertools.product(*values.values()):
        slots = dict(zip(values, chosen))
        fitting = [c for c in conditional if all(slots[part["name"]] == part["value"] for part in c)]
        assert len(fitting) <= 1, slots


CRISIS_TEXTS = [(k, v["text"]) for k in STEP_OF for v in DOMAIN["responses"][f"utter_{k}"]]


@pytest.mark.parametrize(("key", "text"), CRISIS_TEXTS, ids=[f"{k}-{n}" for n, (k, _) in enumerate(CRISIS_TEXTS)])
def test_each_crisis_response_names_the_emergency_number_and_is_short(key: str, text: str) -> None:
    """Whoever reads only this one text knows whom to call; frightened people are not given long ones."""
    assert "{emergency" in text
    assert STEP_OF[key] == "first" or len(text.split()) <= 95


@pytest.mark.parametrize(("key", "text"), CRISIS_TEXTS, ids=[f"{k}-{n}" for n, (k, _) in enumerate(CRISIS_TEXTS)])
def test_no_crisis_response_names_a_method_or_blames(key: str, text: str) -> None:
    """No means, no judgement, no promise, in a suicide risk above all."""
    words = text.lower()
    if key.startswith(SUICIDE):
        assert not re.search(r"\b(hang|jump|pills|tablets|rope|blade|lethal|dose|bridge|knife)", words)
    for wrong in ("committed", "stupid", "your fault for", "should have", "i promise", "you will be fine", "selfish"):
        assert wrong not in words
    assert "think of your family" not in words


@pytest.mark.parametrize("id", SAFETY_IDS)
def test_each_crisis_says_first_what_we_are(id: str) -> None:
    """Automated, and cannot call: in every wording of the first response."""
    for variation in DOMAIN["responses"][f"utter_{id}"]:
        assert "automated assistant" in variation["text"] and "cannot" in variation["text"]
