"""Sessions in the database; a key that no column can hold is nobody's session, not an error."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """A quoted cookie can carry a NUL, over which PostgreSQL would stumble."""

    def _validate_session_key(self, key: str | None) -> bool:
        valid = super()._validate_session_key(key)  # type: ignore[misc]  # not in the stubs
        return bool(valid) and key is not None and key.isalnum()
