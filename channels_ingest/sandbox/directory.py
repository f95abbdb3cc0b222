"""The people and accounts that the sandbox knows, kept in memory."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PLATFORMS = ("facebook", "instagram", "line", "whatsapp", "telegram")
TRIGGERS = frozenset({"403", "429", "500", "empty", "2018218", "230", "9010", "404", "131047", "not_json"})
RENEWED = "+"  # before the number of a renewed token
_TRIGGER = re.compile(r"sandbox-([a-z0-9_]+)")


@dataclass(frozen=True, slots=True)
class Call:
    """One call as received; `token` is the bearer token."""

    method: str
    path: str
    query: dict[str, str]
    token: str
    payload: Any
    headers: dict[str, str]


@dataclass
class Directory:
    """`people`: platform → id → {name, username?, language?, picture?, error?}; `accounts`: token → account.

    `error` of a person, or an id that holds `sandbox-<trigger>`, makes the platform answer that error. A
    token that holds `dead` is refused, one that holds `limited` is rate limited. A page's account may have an
    Instagram account behind it: `instagram_id` and `instagram_name`.
    """

    people: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {name: {} for name in PLATFORMS})
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    subscribed: dict[tuple[str, str], str] = field(default_factory=dict)  # Meta: (token, account in path) → fields
    webhooks: dict[str, str] = field(default_factory=dict)  # LINE: token → endpoint
    telegram_webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)  # token → what setWebhook was given
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)  # LINE retry key → request id, message id
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(time.time_ns() // 1000))

    def load(self, data: Any) -> int:
        """Adds `{"people": {...}, "accounts": {...}}`; returns the number of people. Raises ValueError."""
        given = data if isinstance(data, dict) else {"people": None}
        people, accounts = given.get("people", {}), given.get("accounts", {})
        if not isinstance(people, dict) or not isinstance(accounts, dict) or not set(people) <= set(PLATFORMS):
            raise ValueError('wanted {"people": {platform: {id: {"name": ...}}}, "accounts": {token: {...}}}')
        with self.lock:
            for platform, rows in people.items():
                self.people[platform].update({str(key): dict(row) for key, row in rows.items()})
            self.accounts.update({str(token): dict(row) for token, row in accounts.items()})
            return sum(map(len, self.people.values()))

    def person(self, platform: str, external_id: str) -> dict[str, Any] | None:
        return self.people[platform].get(external_id)

    def account(self, platform: str, token: str) -> dict[str, str]:
        """The account behind a token; an unknown token has a stand-in account, a renewed one that of the first."""
        stand_in = {
            "facebook": "100000000000001",
            "instagram": "17841400000000001",
            "line": "U" + "5a" * 16,
            "whatsapp": "106600000000001",
            "telegram": token.partition(":")[0] or "6100000001",
        }
        first = token.partition(RENEWED)[0]
        return self.accounts.get(first) or {"id": stand_in[platform], "name": f"Sandbox {platform}"}

    def trigger(self, platform: str, external_id: str) -> str:
        """The error to answer for this id, or an empty string."""
        person = self.person(platform, external_id)
        if person and person.get("error"):
            return str(person["error"])
        found = _TRIGGER.search(external_id)
        return found[1] if found and found[1] in TRIGGERS else ""

    def next_number(self) -> int:
        """Never the same twice, after a restart neither: message ids are made of it."""
        return next(self.numbers)
