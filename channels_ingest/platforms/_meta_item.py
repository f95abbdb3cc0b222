"""One item of Meta's `messaging` or `standby` list: its parties, its time and its content (PROTOCOLS 1.5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ._stray import Stray, unreadable
from ._values import identifier, moment


@dataclass(frozen=True, slots=True)
class Item:
    """`kind` is the key under which the item's content stands; `raw` a whole body that holds this item only."""

    account: str
    kind: str
    fields: dict[str, Any]
    raw: Any

    @property
    def sent_at(self) -> dt.datetime | None:
        """Platform time; deliveries come without."""
        return moment(self.fields.get("timestamp"))

    def content(self) -> dict[str, Any]:
        """The object under the item's kind. Raises Stray for anything else."""
        found = self.fields[self.kind]
        if not isinstance(found, dict):
            raise unreadable(self.kind)
        return found

    def party(self, name: str) -> str:
        """The id of sender or recipient; empty where there is none (a checkbox plugin's user_ref only)."""
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, dict):
            raise unreadable()
        if value.get("id") is None:
            return ""
        found = identifier(value["id"])
        if found is None:
            raise unreadable()
        return found

    def sender(self) -> str:
        """Who sent it. Raises Stray where nobody is named."""
        return self._known(self.party("sender"))

    def addressee(self) -> str:
        """Of an echo: the recipient, unless that is the account (some bodies do not swap the parties)."""
        recipient = self.party("recipient")
        return self._customer(recipient if recipient != self.account else self.party("sender"))

    def customer(self) -> str:
        """Of all else: the sender, unless that is the account, whose own doings name the person as recipient."""
        sender = self.party("sender")
        return self._customer(sender if sender != self.account else self.party("recipient"))

    def by_account(self) -> bool:
        """Whether the account itself did it: a reaction or a reading by the shop."""
        return self.party("sender") == self.account

    def _known(self, person: str) -> str:
        if not person:
            raise Stray("no_person", self.kind)
        return person

    def _customer(self, person: str) -> str:
        return self._known(person if person != self.account else "")
