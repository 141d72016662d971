"""Session tokens: a signature over one conversation's id. Without it an id opens nothing."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from harbour.settings import Settings, SettingsError, new_token

MIN_KEY_LENGTH = 32
MAX_TOKEN_LENGTH = 512


class Tokens:
    """Makes and reads visitors' session tokens."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeTimedSerializer(
            key, salt="harbour.visitor", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def issue(self, conversation_id: str) -> str:
        """The token of that conversation."""
        return str(self._serializer.dumps(conversation_id))

    def read(self, token: object) -> str | None:
        """The conversation a token we signed is bound to; None for anything else."""
        if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
            return None
        try:
            conversation_id = self._serializer.loads(token)
        except BadData:
            return None
        return conversation_id if isinstance(conversation_id, str) else None


def signing_key(settings: Settings) -> str:
    """The key from the settings, else the one in `<var>/secret-key`, made (mode 0600) when missing.

    Raises SettingsError when the given key is too short to sign with, OSError when var is not writable.
    """
    if settings.secret_key:
        if len(settings.secret_key) < MIN_KEY_LENGTH:
            raise SettingsError(
                f"HARBOUR_SECRET_KEY is shorter than {MIN_KEY_LENGTH} characters: "
                "write a longer random one, or leave it unset"
            )
        return settings.secret_key
    path = settings.var / "secret-key"
    if not path.exists():
        _create_key(path)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < MIN_KEY_LENGTH:
        raise SettingsError(f"{path} is damaged: delete it and start again (visitors start a new conversation)")
    return key


def _create_key(path: Path) -> None:
    """Write a new key so that it appears whole or not at all, and only one of two starters wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(new_token() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process made one in the meantime: use that one
    finally:
        draft.unlink()
