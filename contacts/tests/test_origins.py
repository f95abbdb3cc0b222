"""Where a customer came from, on the panel and in the activity."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from django.test import Client
from django.utils import translation

from contacts.activity import SENTENCES, describe
from contacts.models import Activity, Contact, Identity
from contacts.origins import came_from

from .factories import make_channel, make_contact

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 10, 4, 3, 12, tzinfo=dt.UTC)
EVIL = "<b onmouseover=alert(1)>ad</b>"


def origin(contact: Contact, source: str, *, day: int = 0, ref: str = "", title: str = "") -> None:
    contact.identities.filter(origin_source="").first() or Identity.objects.create(
        contact=contact, channel=make_channel(), external_id=f"p{contact.pk}-{day}"
    )
    identity = contact.identities.filter(origin_source="").get()
    identity.origin_source, identity.origin_ref, identity.origin_title = source, ref, title
    identity.origin_at = AT + dt.timedelta(days=day)
    identity.save()


def overview(client: Client, contact: Contact) -> str:
    return html.unescape(client.get(f"/contacts/{contact.pk}/panel/").content.decode())


@pytest.mark.parametrize(
    ("source", "ref", "title", "words"),
    [
        ("ad", "rainy-season", "รองเท้าหน้าฝน", "Came from an ad: <bdi>รองเท้าหน้าฝน</bdi>"),
        ("link", "line-card-qr", "", "Came from a link: <bdi>line-card-qr</bdi>"),
        ("post", "", "", "Came from a post or product <"),
        ("optin", "checkout", "", "Came from an opt-in: <bdi>checkout</bdi>"),
        ("other", "", "", "Came from elsewhere <"),
        ("tomorrow", "x", "", "Came from elsewhere: <bdi>x</bdi>"),
    ],
)
def test_on_the_panel(agent_client: Client, source: str, ref: str, title: str, words: str) -> None:
    contact = make_contact(channels=[make_channel()])
    origin(contact, source, ref=ref, title=title)
    page = overview(agent_client, contact)
    assert words in page
    assert ">4 Oct 2026</time>" in page


def test_earliest_over_all_channels_and_none(agent_client: Client) -> None:
    contact = make_contact(channels=[make_channel()])
    assert "Came from" not in overview(agent_client, contact)
    assert came_from(contact.identities.all()) is None
    origin(contact, "ad", title="later", day=3)
    origin(contact, "link", ref="earlier", day=1)
    found = came_from(contact.identities.all())
    assert found is not None and (found.name, found.source) == ("earlier", "a link")


def test_what_strangers_wrote_stays_text(agent_client: Client) -> None:
    contact = make_contact(channels=[make_channel()])
    origin(contact, "ad", title=EVIL)
    Activity.objects.create(contact=contact, verb="platform_came", after=EVIL)
    page = agent_client.get(f"/contacts/{contact.pk}/panel/").content.decode()
    assert EVIL not in page and page.count("&lt;b onmouseover") == 2


@pytest.mark.parametrize("verb", [verb for verb in SENTENCES if verb.startswith("platform_")])
def test_what_platforms_told_is_a_sentence(verb: str) -> None:
    line = describe(Activity(verb=verb, after="3189", at=AT)).text
    assert "{" not in line and "→" not in line
    assert ("<b>3189</b>" in line) == ("{after}" in str(SENTENCES[verb]))


def test_beacons_are_called_by_their_number() -> None:
    line = describe(Activity(verb="platform_beacon", after="enter 374591320a", at=AT)).text
    assert line == "The customer was near the beacon <b>374591320a</b>"


def test_source_without_a_name_is_said_in_words() -> None:
    with translation.override("en"):
        assert describe(Activity(verb="platform_came", after="link", at=AT)).text == "Came from <b>a link</b>"
