"""The actions and the domain name each other."""

from __future__ import annotations

import yaml
from rasa_sdk.executor import ActionExecutor

from harbour import settings

DOMAIN = yaml.safe_load((settings.ROOT / "domain.yml").read_text(encoding="utf-8"))


def test_the_action_server_offers_what_the_domain_names() -> None:
    """No action is named and missing, none is there and unused."""
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(executor.actions) == set(DOMAIN["actions"])


def test_every_action_is_used_by_a_rule() -> None:
    """Each action has a place in a conversation."""
    rules = (settings.ROOT / "data" / "rules.yml").read_text(encoding="utf-8")
    assert [name for name in DOMAIN["actions"] if f"action: {name}" not in rules] == []


def test_one_action_stands_in_one_thin_file() -> None:
    """Each action has a file of its own name, under forty lines."""
    files = {f.stem: f for f in (settings.ROOT / "actions").glob("*.py") if f.stem != "__init__"}
    assert {f"action_{stem}" for stem in files} == set(DOMAIN["actions"])
    assert {stem: n for stem, f in files.items() if (n := len(f.read_text(encoding="utf-8").splitlines())) > 40} == {}
