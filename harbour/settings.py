"""All settings, read once, in one place.

Every setting is an environment variable or a line of a `.env` file in the project root; the
environment wins. `SETTINGS` is the list that `harbour doctor` prints and that the docs must name.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message says which and what to write."""


@dataclass(frozen=True)
class Setting:
    """One documented setting: its variable, default, what it does and whether to hide its value."""

    name: str
    default: str
    help: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("HARBOUR_HOST", "127.0.0.1", "address the gateway listens on"),
    Setting("HARBOUR_PORT", "8000", "port the gateway listens on"),
    Setting("HARBOUR_ASSISTANT_PORT", "5005", "loopback port of the assistant (Rasa)"),
    Setting("HARBOUR_ACTIONS_PORT", "5055", "loopback port of the action server"),
    Setting(
        "HARBOUR_ASSISTANT_TOKEN",
        "",
        "bearer token between gateway and assistant; made anew at each start when unset",
        secret=True,
    ),
    Setting("HARBOUR_SECRET_KEY", "", "signs visitors' session tokens; kept in var/secret-key when unset", secret=True),
    Setting("HARBOUR_COUNTRY", "GB", "country whose phone numbers are shown until the visitor's is known"),
    Setting("HARBOUR_ENCODER", "", "folder of another sentence encoder of the same layout as all-MiniLM-L6-v2"),
    Setting("HARBOUR_VAR", "var", "folder for the database and logs"),
    Setting(
        "DATABASE_URL", "", "SQLAlchemy URL of the gateway's database; SQLite in HARBOUR_VAR when unset", secret=True
    ),
    Setting("HARBOUR_LOG_LEVEL", "info", "debug, info, warning or error"),
)


@dataclass(frozen=True)
class Settings:
    """The values in force. Build with `load()`; tests may build their own."""

    host: str = "127.0.0.1"
    port: int = 8000
    assistant_port: int = 5005
    actions_port: int = 5055
    assistant_token: str = ""
    secret_key: str = ""
    country: str = "GB"
    encoder: str = ""
    var: Path = ROOT / "var"
    database_url: str = ""
    log_level: str = "info"
    root: Path = ROOT

    @property
    def assistant_url(self) -> str:
        return f"http://127.0.0.1:{self.assistant_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}/webhook"


def read_env_file(path: Path) -> dict[str, str]:
    """`KEY=value` lines of a `.env` file; comments and blank lines are skipped.

    Raises SettingsError on a line that is neither.
    """
    values: dict[str, str] = {}
    if not path.exists():
        return values
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, separator, value = line.partition("=")
        if not separator:
            raise SettingsError(f"{path}:{number}: write KEY=value, or # before a comment")
        values[key.removeprefix("export ").strip()] = value.strip().strip("\"'")
    return values


def _port(name: str, value: str) -> int:
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingsError(f"{name}={value!r} is not a port: write a number from 1 to 65535")
    return int(value)


@lru_cache(maxsize=1)
def load() -> Settings:
    """The settings in force, read once per process.

    Raises SettingsError naming the variable and what to write instead.
    """
    given = read_env_file(ROOT / ".env") | dict(os.environ)
    value = {s.name: given.get(s.name) or s.default for s in SETTINGS}
    level = value["HARBOUR_LOG_LEVEL"].lower()
    if level not in {"debug", "info", "warning", "error"}:
        raise SettingsError(f"HARBOUR_LOG_LEVEL={level!r}: write debug, info, warning or error")
    return Settings(
        host=value["HARBOUR_HOST"],
        port=_port("HARBOUR_PORT", value["HARBOUR_PORT"]),
        assistant_port=_port("HARBOUR_ASSISTANT_PORT", value["HARBOUR_ASSISTANT_PORT"]),
        actions_port=_port("HARBOUR_ACTIONS_PORT", value["HARBOUR_ACTIONS_PORT"]),
        assistant_token=value["HARBOUR_ASSISTANT_TOKEN"],
        secret_key=value["HARBOUR_SECRET_KEY"],
        country=value["HARBOUR_COUNTRY"].upper(),
        encoder=value["HARBOUR_ENCODER"],
        var=(ROOT / value["HARBOUR_VAR"]).resolve(),
        database_url=value["DATABASE_URL"],
        log_level=level,
    )


def described() -> list[tuple[Setting, str]]:
    """Each setting with what is in force, secrets shown only as set or unset."""
    given = read_env_file(ROOT / ".env") | dict(os.environ)
    rows = []
    for setting in SETTINGS:
        value = given.get(setting.name, "")
        shown = ("set" if value else "unset") if setting.secret else (value or setting.default)
        rows.append((setting, shown))
    return rows


def new_token() -> str:
    """A fresh secret for one run: 43 characters, URL-safe."""
    return secrets.token_urlsafe(32)
