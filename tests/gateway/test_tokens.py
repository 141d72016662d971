"""Session tokens and their key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from harbour.gateway.tokens import Tokens, signing_key
from harbour.settings import Settings, SettingsError


def test_a_token_names_its_conversation() -> None:
    """What we issue, we read."""
    tokens = Tokens("k" * 40)
    assert tokens.read(tokens.issue("abc")) == "abc"


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t.replace(".", "..", 1), str.swapcase]
)
def test_a_changed_token_opens_nothing(change: object) -> None:
    """One character more, less or other, and the token is void."""
    tokens = Tokens("k" * 40)
    assert callable(change)
    assert tokens.read(change(tokens.issue("abc"))) is None


@pytest.mark.parametrize("junk", [None, 1, "", "a.b.c", b"x", {"session_id": "x"}, "é" * 600])
def test_junk_opens_nothing(junk: object) -> None:
    """No token, or something else altogether, is no error."""
    assert Tokens("k" * 40).read(junk) is None


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    """Without a configured key one is kept in var, readable by its owner only, and used again."""
    settings = Settings(var=tmp_path / "new")
    first = signing_key(settings)
    assert len(first) >= 32
    assert signing_key(settings) == first
    assert stat.S_IMODE((settings.var / "secret-key").stat().st_mode) == 0o600
    assert [p.name for p in settings.var.iterdir()] == ["secret-key"]


def test_a_configured_key_wins_and_must_be_long(tmp_path: Path) -> None:
    """HARBOUR_SECRET_KEY is used as it is; a short one is refused without being shown."""
    assert signing_key(Settings(var=tmp_path, secret_key="s" * 32)) == "s" * 32
    with pytest.raises(SettingsError) as error:
        signing_key(Settings(var=tmp_path, secret_key="hunter2"))
    assert "HARBOUR_SECRET_KEY" in str(error.value) and "hunter2" not in str(error.value)


def test_a_damaged_key_file_says_what_to_do(tmp_path: Path) -> None:
    """An empty key file is not signed with."""
    (tmp_path / "secret-key").touch()
    with pytest.raises(SettingsError, match="delete it"):
        signing_key(Settings(var=tmp_path))
