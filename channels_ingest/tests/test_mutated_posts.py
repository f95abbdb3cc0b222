"""Thousands of broken bodies, signed, through the real endpoints: never a 500, and what got a 200 is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from hypothesis import HealthCheck, given, settings

from channels_ingest import models
from channels_ingest.models import KEYED
from channels_ingest.platforms import adapter_for
from channels_ingest.platforms.events import (
    AnyEvent,
    ControlEvent,
    EditEvent,
    FollowEvent,
    HappeningEvent,
    IgnoredEvent,
    NoticeEvent,
    OriginEvent,
    PersonEvent,
    ReactionEvent,
    ReceiptEvent,
    StrayEvent,
    UnsendEvent,
)
from channels_ingest.times import OLDEST_BELIEVED
from channels_ingest.webhooks import META_OBJECTS, NotJson, read_json
from contacts.models import Identity
from saifa_crm.lib.safe_text import storable

from .mutations import mutated
from .posts import BOT, IG, LINE_BOT, NUMBER, PAGE, connect, post

EXAMPLES = 2000  # a platform: 10,000 in all
through_http = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
MARKS: dict[type, str] = {
    FollowEvent: "follow",
    EditEvent: "edit",
    ReactionEvent: "reaction",
    ReceiptEvent: "receipt",
    OriginEvent: "origin",
    ControlEvent: "control",
    HappeningEvent: "happening",
}
ACCOUNTS = {"facebook": PAGE, "instagram": IG, "line": LINE_BOT, "whatsapp": NUMBER, "telegram": BOT}


def kept(event: AnyEvent, account: str) -> bool:
    """Whether the database holds an event: applied, or as a stray."""
    if isinstance(event, IgnoredEvent):
        return True
    if isinstance(event, StrayEvent):
        taken_back = Q(kind="UnsendEvent", platform_id=storable(event.platform_id)[:255]) if event.platform_id else Q()
        kind = Q(reason=event.reason, kind=storable(event.kind)[:64])
        return models.StrayEvent.objects.filter(kind | taken_back).exists()
    if event.account_id not in (account, ""):
        return models.StrayEvent.objects.filter(reason="not_connected").exists()
    if isinstance(event, NoticeEvent):
        return models.Notice.objects.filter(platform_id=event.platform_id).exists()
    return waits(event) or arrived(event)


def waits(event: PersonEvent) -> bool:
    """Whether a mark holds it; what was unsent holds no other words."""
    marks = models.Mark.objects.filter(person_id=event.person_id)
    if isinstance(event, ReceiptEvent) and not event.platform_id:
        old = event.upto is not None and event.upto < OLDEST_BELIEVED  # says nothing that could be believed
        return old or marks.filter(kind="seen" if event.state == "read" else "delivered").exists()
    if isinstance(event, EditEvent | ReactionEvent | ReceiptEvent | UnsendEvent | HappeningEvent):
        marks = marks.filter(platform_id=event.platform_id)
    return marks.filter(kind__in=("unsend", MARKS.get(type(event), ""))).exists()


def arrived(event: PersonEvent) -> bool:
    """Whether it was brought to what it is about."""
    person = Identity.objects.filter(external_id=event.person_id)
    if isinstance(event, ReceiptEvent) and not event.platform_id:
        upto = "seen_upto" if event.state == "read" else "delivered_upto"
        return person.filter(**{f"conversation__{upto}__isnull": False}).exists()
    if isinstance(event, HappeningEvent):
        return person.filter(contact__activities__platform_key__endswith=event.platform_id).exists()
    if isinstance(event, OriginEvent):
        return person.exclude(origin_source="").exists()
    if isinstance(event, ControlEvent):
        return person.filter(conversation__controls__ours=event.ours).exists()
    about = getattr(event, "platform_id", "")
    return person.filter(conversation__messages__platform_id=about).exists()


def encode(body: Any) -> bytes:
    """As hostile as JSON text can be: NaN, huge integers and lone surrogates included."""
    try:
        return json.dumps(body).encode()
    except (ValueError, RecursionError):  # integers beyond Python's own limit, nesting beyond its stack
        return b'{"entry":[' + b"[" * 5000 + b"9" * 6000 + b"]" * 5000 + b"]}"


@pytest.mark.django_db
@pytest.mark.parametrize("platform", sorted(ACCOUNTS))
def test_never_an_error_and_kept_once_accepted(platform: str) -> None:
    channel = connect(platform, ACCOUNTS[platform])
    client = Client(raise_request_exception=True)
    statuses: set[int] = set()

    @through_http
    @given(mutated(platform))
    def run(body: Any) -> None:
        content = encode(body)
        response = post(channel, content, client=client)
        statuses.add(response.status_code)
        assert response.status_code in (200, 400)
        if response.status_code == 200:
            read_as = platform if platform in KEYED else META_OBJECTS.get(_object(content), platform)
            for event in adapter_for(read_as).parse(read_json(content)):
                assert kept(event, ACCOUNTS[platform]), event
        else:
            with pytest.raises(NotJson):
                read_json(content)

    run()
    assert 200 in statuses


def _object(content: bytes) -> str:
    decoded = read_json(content)
    return str(decoded.get("object")) if isinstance(decoded, dict) else ""
