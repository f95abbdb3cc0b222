"""Secrets at rest: a model field that is JSON inside a Fernet token; the first key of the setting encrypts."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def fernet() -> MultiFernet:
    """The deployment's MultiFernet; all its keys decrypt, the first encrypts."""
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS))


def seal(value: Any) -> str:
    """A JSON value as it is stored."""
    return fernet().encrypt(json.dumps(value).encode()).decode()


def unseal(token: str) -> Any:
    """The value of a stored token. Raises InvalidToken where no key decrypts it."""
    return json.loads(fernet().decrypt(token.encode()))


def fingerprint(value: str) -> str:
    """A keyed hash that tells equal secrets apart from others without telling what they are."""
    key = hashlib.sha256(b"fingerprint:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


class EncryptedJSONField(models.TextField):
    """Holds a JSON value, encrypted; it cannot be searched by."""

    _pyi_private_set_type: Any  # for django-stubs: any JSON value, not text alone
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> str:
        return seal(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else unseal(value)
