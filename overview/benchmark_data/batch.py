"""One batch of the benchmark shop: the rows of every table as COPY text, derived columns included."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from contacts.fields import DerivedTextField
from contacts.models import Contact, FollowState

from .calendar import Calendar
from .catalogue import LABEL_SHARES
from .chats import CONVERSATION_COLUMNS, MESSAGE_COLUMNS, last_day_of, make_chat, times
from .copy_text import NULL, array, escaped, moment, moment_or_null
from .orders import COLUMNS as ORDER_COLUMNS
from .orders import Bought, baht, make_orders
from .people import Account, Person, make_person
from .phrases import Phrases
from .plan import Part, Plan, shared_out

DERIVED = tuple(field for field in Contact._meta.concrete_fields if isinstance(field, DerivedTextField))
# What else the contact's row holds of its accounts, as triggers would keep it.
OF_ACCOUNTS: dict[str, Callable[[Person], str]] = {
    "following": lambda person: _any_follow(person, FollowState.FOLLOWING),
    "blocked": lambda person: _any_follow(person, FollowState.BLOCKED),
    "usernames": lambda person: escaped(
        "".join(sorted({f"\n{one.username}" for one in person.accounts if one.username}))
    ),
}
IDENTITY_COLUMNS = (
    "id", "contact_id", "channel_id", "external_id", "scope", "profile_name", "username", "picture_url", "language",
    "follow_state", "follow_changed_at", "profile_state", "profile_next_at", "profile_fetched_at", "first_seen_at",
    "last_seen_at",
)  # fmt: skip
CONTACT_COLUMNS = (
    "id", "name", "name_is_manual", "picture_url", "user_type", "phone", "email", "address", "first_contact_at",
    "latest_contact_at", "value", "order_count", "channel_ids", "platforms", "label_ids", "created_at",
    *OF_ACCOUNTS, *(field.attname for field in DERIVED),
)  # fmt: skip
# In the order in which they are loaded: what is referred to first.
COLUMNS: dict[str, Sequence[str]] = {
    "contacts_contact": CONTACT_COLUMNS,
    "contacts_identity": IDENTITY_COLUMNS,
    "contacts_contactlabel": ("contact_id", "label_id", "created_at"),
    "inbox_conversation": CONVERSATION_COLUMNS,
    "inbox_message": MESSAGE_COLUMNS,
    "orders_order": ORDER_COLUMNS,
}
SILENT = 0.015  # share of people who follow but never wrote


@dataclass(frozen=True, slots=True)
class Batch:
    """COPY text and number of rows of each table."""

    texts: dict[str, bytes]
    rows: dict[str, int]
    digest: bytes


def _any_follow(person: Person, state: FollowState) -> str:
    return "t" if any(account.follow == state for account in person.accounts) else "f"


@cache
def _phrases() -> Phrases:
    return Phrases()


def make_batch(plan: Plan, number: int) -> Batch:
    """The same for the same plan and number, in whatever process."""
    maker = _Maker(plan, number)
    maker.make()
    texts = {table: "".join(lines).encode() for table, lines in maker.lines.items()}
    digest = hashlib.blake2b(digest_size=16)
    for text in texts.values():
        digest.update(text)
    return Batch(texts, {table: len(lines) for table, lines in maker.lines.items()}, digest.digest())


class _Maker:
    """The state of making one batch."""

    def __init__(self, plan: Plan, number: int) -> None:
        self.plan = plan
        self.part = Part.of(plan, number)
        self.source = random.Random(f"benchmark {number}")
        self.calendar = _calendar(plan.until)
        self.lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self.contact = Contact()  # one for all: making a model instance costs more than the keys

    def make(self) -> None:
        part, source = self.part, self.source
        accounts = self._accounts_each()
        silent = [source.random() < SILENT for _ in accounts]
        talking = [not quiet for quiet, count in zip(silent, accounts, strict=True) for _ in range(count)]
        weights = [min(source.paretovariate(0.9), 200.0) for told in talking if told]
        counts = iter(shared_out(part.messages, weights))
        messages = [next(counts) if told else 0 for told in talking]
        orders = self._orders_each(silent)
        identity = 0
        for place, count in enumerate(accounts):
            self._one(
                part.first + place,
                range(part.first_identity + identity, part.first_identity + identity + count),
                messages[identity : identity + count],
                orders[place],
            )
            identity += count

    def _accounts_each(self) -> list[int]:
        """How many accounts each person has: most one, a few three."""
        part, source = self.part, self.source
        extra = part.identities - part.contacts
        accounts = [1] * part.contacts
        twice = source.sample(range(part.contacts), extra - extra // 10)
        for place in [*twice, *twice[: extra // 10]]:
            accounts[place] += 1
        return accounts

    def _orders_each(self, silent: list[bool]) -> list[int]:
        source = self.source
        buyers = [place for place, quiet in enumerate(silent) if not quiet and source.random() < 0.35]
        buyers = buyers or list(range(len(silent)))
        counts = shared_out(self.part.orders, [min(source.paretovariate(1.3), 60.0) for _ in buyers])
        orders = [0] * len(silent)
        for place, count in zip(buyers, counts, strict=True):
            orders[place] = count
        return orders

    def _one(self, contact_id: int, identity_ids: range, messages: list[int], orders: int) -> None:
        source, calendar = self.source, self.calendar
        person = make_person(source, self.plan, contact_id=contact_id, identity_ids=identity_ids)
        # Contacts are numbered as they come: the first are the oldest.
        first_day = calendar.day_at((contact_id - source.random()) / self.plan.contacts)
        last_day = last_day_of(source, first_day)
        came = calendar.moment(source, first_day)
        spans = []
        for place, (pk, account) in enumerate(zip(identity_ids, person.accounts, strict=True)):
            begin = came
            if place:
                begin = max(came, calendar.moment(source, calendar.day_between(source, first_day, last_day)))
            span = self._chat(pk, messages[place], begin, last_day)
            self._identity(pk, contact_id, account, begin, span)
            if span:
                spans.append(span)
        bought = make_orders(
            source, calendar, self.lines["orders_order"], contact_id=contact_id, count=orders, first_day=first_day,
            last_day=last_day,
        )  # fmt: skip
        label_ids = self._labels(contact_id, came)
        span = (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None
        self._contact(contact_id, person, bought, label_ids, came, span)

    def _chat(self, identity_id: int, count: int, begin: int, last_day: int) -> tuple[int, int] | None:
        if not count:
            return None
        chat = make_chat(
            self.source, _phrases(), self.calendar, self.lines["inbox_message"], identity_id=identity_id,
            moments=times(self.source, self.calendar, count, begin, last_day), agent_ids=self.plan.agent_ids,
        )  # fmt: skip
        self.lines["inbox_conversation"].append(chat.conversation)
        return chat.first, chat.last

    def _identity(self, pk: int, contact_id: int, account: Account, begin: int, span: tuple[int, int] | None) -> None:
        channel = account.channel
        changed = moment(begin) if account.follow else NULL
        state = "fetched" if account.name else "unavailable"
        first, last = span or (None, None)
        language = "th" if channel.platform == "line" else ""
        self.lines["contacts_identity"].append(
            f"{pk}\t{contact_id}\t{channel.pk}\t{account.external_id}\t{escaped(channel.scope)}"
            f"\t{escaped(account.name)}\t{account.username}\t{account.picture}\t{language}\t{account.follow}\t{changed}"
            f"\t{state}\t{moment(begin)}\t{moment(begin)}\t{moment_or_null(first)}\t{moment_or_null(last)}\n"
        )

    def _labels(self, contact_id: int, came: int) -> list[int]:
        draw = self.source.random
        label_ids = [pk for pk, share in zip(self.plan.label_ids, LABEL_SHARES, strict=True) if draw() < share]
        if len(label_ids) > 1:
            self.source.shuffle(label_ids)
        at = moment(came)
        self.lines["contacts_contactlabel"] += [f"{contact_id}\t{pk}\t{at}\n" for pk in label_ids]
        return label_ids

    def _contact(
        self, pk: int, person: Person, bought: Bought, label_ids: list[int], came: int, span: tuple[int, int] | None
    ) -> None:  # fmt: skip
        contact = self.contact
        contact.pk, contact.name, contact.phone, contact.email = pk, person.name, person.phone, person.email
        first, last = span or (None, None)
        channels = [account.channel for account in person.accounts]
        values = [
            str(pk), escaped(person.name), "t" if person.name_is_manual else "f", "",
            person.user_type, person.phone, person.email, escaped(person.address), moment_or_null(first),
            moment_or_null(last), baht(bought.satang), str(bought.count),
            array(sorted(channel.pk for channel in channels)),
            array(sorted({channel.platform for channel in channels})), array(label_ids), moment(came),
            *(value(person) for value in OF_ACCOUNTS.values()),
            *(escaped(field.pre_save(contact, True)) for field in DERIVED),
        ]  # fmt: skip
        self.lines["contacts_contact"].append("\t".join(values) + "\n")


@cache
def _calendar(until: dt.date) -> Calendar:
    return Calendar(until)
