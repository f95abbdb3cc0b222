"""Forty addresses of the contact list as people use it: searches, filters, orders and pages of every kind.

`{...}` stands for what the database at hand has: `label1` the most used label, `rare_label` the least used one, `day30`
the day 30 days before the last contact, `phone`, `email` and `username` of somebody, `middle` and `last` the number of
a page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from urllib.parse import urlencode

from django.db import connection
from django.http import QueryDict

from contacts.selectors.listing import contact_listing
from saifa_crm.lib.dates import BANGKOK

MIX = (
    # Everybody: orders and pages
    "",
    "sort=latest_contact&per_page=50",
    "sort=-value",
    "sort=value&page={middle}",
    "sort=name&per_page=100",
    "sort=-name&page={last}",
    "page={middle}&per_page=50",
    "page={last}",
    # Searches
    "q=สมชาย",
    "q=ชาย&sort=name",
    "q=somchai",
    "q=Jai&sort=-value&page={last}",
    "q={tail}",
    "q={phone}",
    "q={phone_abroad}",
    "q={email}",
    "q={username}",
    "q=gmail&page={middle}&per_page=100",
    "q=zzqx",
    "q=ส",
    "q=an&sort=-name",
    "q=นา&page={last}",
    # One filter
    "platform=line",
    "platform=facebook&platform=instagram&sort=value&page={last}",
    "channel={channel1}&page={middle}",
    "channel={rare_channel}&sort=name",
    "label={label1}&page={last}&per_page=100",
    "label={label2}&label={label3}&label={rare_label}&sort=-value",
    "label={label1}&label={label2}&label_match=all&sort=name",
    "user_type=vip&sort=latest_contact&page={middle}",
    "value_min=1000&value_max=5000&sort=-value&page={middle}",
    "has_phone=no&page={last}",
    "has_email=yes&has_phone=yes&sort=-name&per_page=50",
    "follow=blocked&sort=value",
    "first_from={day90}&first_to={day31}&page={last}",
    "active_from={day30}&active_to={day1}&sort=latest_contact&page={middle}",
    # Several
    "bought=yes&silent_days=60&sort=-value",
    "new_days=7&has_phone=no&platform=line",
    "q=พร&platform=line&platform=facebook&label={label1}&has_phone=yes&page={last}",
    "user_type=vip&channel={channel1}&channel={channel2}&label={label1}&label={label4}&value_min=500"
    "&active_from={day365}&sort=-value&per_page=100",
)


class Limit(Enum):
    """How long an address may take, from T, the time of `SELECT count(*) FROM contacts_contact`."""

    FIRST = (1.0, 30)  # first page, nothing held back
    SHORT = (4.0, 40)  # a search of one or two characters
    OTHER = (1.5, 40)

    def milliseconds(self, count: float) -> float:
        times, more = self.value
        return times * count + more


@dataclass(frozen=True, slots=True)
class ListAddress:
    """An address of the mix for the database at hand; `query` is percent-encoded."""

    template: str
    query: str

    @property
    def path(self) -> str:
        return f"/contacts/?{self.query}".removesuffix("?")

    @property
    def limit(self) -> Limit:
        params = QueryDict(self.query)
        if params.get("q") and len(params["q"]) <= 2:
            return Limit.SHORT
        return Limit.FIRST if set(params) <= {"sort", "per_page"} else Limit.OTHER


class _Shop:
    """What the database at hand has, looked up once."""

    def values(self) -> dict[str, str]:
        channels, labels = self._by_use("channel_ids"), self._by_use("label_ids")
        phone, abroad, email = self._somebody
        return {
            **{f"channel{place}": str(pk) for place, pk in enumerate(channels[:2], 1)},
            **{f"label{place}": str(pk) for place, pk in enumerate(labels[:4], 1)},
            "rare_channel": str(channels[-1]),
            "rare_label": str(labels[-1]),
            **{f"day{days}": str(self._last_day - dt.timedelta(days=days)) for days in (1, 30, 31, 90, 365)},
            "phone": phone,
            "phone_abroad": abroad,
            "tail": phone[-4:],
            "email": email,
            "username": self._username,
        }

    def _by_use(self, column: str) -> list[int]:
        sql = f"SELECT unnest({column}) AS pk FROM contacts_contact GROUP BY pk ORDER BY count(*) DESC, pk"  # noqa: S608
        return [pk for (pk,) in self._rows(sql)]

    @cached_property
    def _somebody(self) -> tuple[str, str, str]:
        sql = """
            SELECT phone_display, phone, email FROM contacts_contact
            WHERE phone LIKE '+668%' AND email <> '' ORDER BY id DESC LIMIT 1
        """
        return self._rows(sql)[0]

    @cached_property
    def _username(self) -> str:
        sql = "SELECT username FROM contacts_identity WHERE username <> '' ORDER BY id DESC LIMIT 1"
        return str(self._rows(sql)[0][0])

    @cached_property
    def _last_day(self) -> dt.date:
        return self._rows("SELECT max(latest_contact_at) FROM contacts_contact")[0][0].astimezone(BANGKOK).date()

    def _rows(self, sql: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()


def list_addresses() -> list[ListAddress]:
    """The mix for the database at hand."""
    values = _Shop().values()
    return [ListAddress(template, _filled(template, values)) for template in MIX]


def _filled(template: str, values: dict[str, str]) -> str:
    pairs = [tuple(part.split("=", 1)) for part in template.split("&") if part]
    turned: dict[str, Callable[[int], int]] = {"{last}": lambda pages: pages, "{middle}": lambda pages: -(-pages // 2)}
    fixed = urlencode([(name, value.format_map(values)) for name, value in pairs if value not in turned])
    page = next((turned[value] for _, value in pairs if value in turned), None)
    if page is None:
        return fixed
    pages = contact_listing(QueryDict(fixed)).page.paginator.num_pages
    return f"{fixed}&page={page(pages)}".removeprefix("&")
