"""What the palette finds for a few letters: contacts, chats, orders and pages, five of each at most."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import QueryDict
from django.urls import resolve, reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Channel, Contact
from contacts.registry import searches_elsewhere
from contacts.selectors.listing import contact_listing
from inbox.models import Conversation
from inbox.selectors import conversations_with
from orders.models import Order
from orders.selectors import orders_found
from saifa_crm.access import roles_of
from saifa_crm.lib.safe_text import storable
from saifa_crm.lib.thai_text import search_key

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

EACH = 5
LONGEST = 100
CHATTED = 50  # a page of the list: the best matches among whose chats are looked at, so that a common name stays cheap


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the product; `view` is the URL's name, whose declared roles say who sees it."""

    title: StrPromise | str
    view: str
    icon: str
    query: str = ""
    also: str = ""  # other English words for it

    @property
    def url(self) -> str:
        return reverse(self.view) + self.query

    def is_open_to(self, user: User) -> bool:
        view = resolve(reverse(self.view)).func
        return bool(getattr(view, "access_signed_in", False) or roles_of(user) & view.access_roles)  # type: ignore[attr-defined]

    def matches(self, key: str) -> bool:
        """Whether the letters stand in its title, in the person's language or in English."""
        with translation.override("en"):
            english = str(self.title)
        return any(key in search_key(words) for words in (str(self.title), english, self.also))


PLACES = (
    Place(pgettext_lazy("rail", "Inbox"), "inbox:list", "inbox", also="chats conversations"),
    Place(_("Unread"), "inbox:list", "unread", query="?box=unread", also="chats"),
    Place(_("Search in messages"), "inbox:search", "chat"),
    Place(pgettext_lazy("rail", "Contacts"), "contacts:list", "users", also="customers people"),
    Place(_("Views"), "contacts:segments", "sliders", also="segments saved filters"),
    Place(_("Bulk changes"), "contacts:bulk", "history", also="undo"),
    Place(_("Exports"), "contacts:exports", "download", also="reports downloads csv excel approval"),
    Place(_("Labels"), "labels:list", "tag", also="tags"),
    Place(_("Channels"), "channels:list", "plug", also="facebook line instagram whatsapp telegram connect"),
    Place(_("Team"), "team:list", "team", also="staff people roles"),
    Place(_("Add a person"), "team:add", "plus", also="invite team staff"),
    Place(_("Your account"), "account", "key", also="profile settings language"),
    Place(_("Change password"), "password_change", "lock", also="security"),
)


@dataclass(frozen=True, slots=True)
class FoundContact:
    """A contact with the channels that its ids name."""

    contact: Contact
    channels: list[Channel]


@dataclass(slots=True)
class Palette:
    """Everything found, in the order shown; empty lists are left out."""

    q: str
    contacts: list[FoundContact] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    pages: list[Place] = field(default_factory=list)
    more: list[tuple[str, str]] = field(default_factory=list)  # (words, URL) of the whole searches

    @property
    def count(self) -> int:
        return len(self.contacts) + len(self.conversations) + len(self.orders) + len(self.pages)

    @property
    def contacts_url(self) -> str:
        """The list of all contacts that match."""
        return f"{reverse('contacts:list')}?{urlencode({'q': self.q})}"


def palette_query(text: str) -> str:
    """The letters as they are looked for: spaces gathered, no longer than a name."""
    return " ".join(storable(text).split())[:LONGEST].strip()


def palette_find(*, q: str, user: User) -> Palette:
    """At most eight statements; without letters, four: the pages, and who wrote last."""
    key = search_key(q)
    pages = [place for place in PLACES if place.is_open_to(user) and (not key or place.matches(key))]
    params = QueryDict(mutable=True)
    if key:
        params.update({"q": q, "per_page": str(CHATTED)})
    listing = contact_listing(params)
    best = list(listing.page.object_list)  # as the list's first page: quick among a million
    contacts = [
        FoundContact(contact, [listing.channels[pk] for pk in contact.channel_ids if pk in listing.channels])
        for contact in best[:EACH]
    ]
    if not key:
        return Palette(q, contacts, pages=pages)
    return Palette(
        q,
        contacts,
        conversations_with(contact_ids=[contact.pk for contact in best], limit=EACH),
        orders_found(text=q, limit=EACH),
        pages[:EACH],
        [(search.words(q), search.url(q)) for search in searches_elsewhere()],
    )
