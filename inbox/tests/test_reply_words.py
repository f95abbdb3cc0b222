"""What stands above the reply box, and every reason in words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from channels_ingest.models import Connection, ConnectionState
from inbox.carriers import Reason, carrier
from inbox.reply_words import failure, standing

from .factories import make_channel, make_conversation
from .test_replies import HOUR, chat_on

pytestmark = pytest.mark.django_db


def test_what_is_left_of_the_window() -> None:
    for platform, wrote, tone, lead, share in (
        ("facebook", 5 * HOUR + dt.timedelta(minutes=4, seconds=30), "", "Messenger: 18 h 55 min left of 24 h", 79),
        ("instagram", 18 * HOUR + dt.timedelta(seconds=30), "warn", "Instagram: 5 h 59 min left of 24 h", 25),
        ("facebook", 24 * HOUR - dt.timedelta(seconds=30), "warn", "Messenger: 1 min left of 24 h", 1),
    ):
        now = timezone.now()
        chat = chat_on(platform, wrote=now - wrote)
        line = standing(chat.identity.channel, carrier().terms(chat))
        assert (line.tone, line.lead, line.share, line.closed) == (tone, lead, share, False)
        assert line.ends_at == now - wrote + 24 * HOUR


def test_a_chat_the_shop_began_is_left_to_the_platform() -> None:
    chat = make_conversation(channel=make_channel(platform="facebook"))
    Connection.objects.create(channel=chat.identity.channel, state=ConnectionState.CONNECTED)
    line = standing(chat.identity.channel, carrier().terms(chat))
    assert (line.closed, line.lead) == (
        False,
        "Messenger takes replies for 24 hours after the customer’s last message.",
    )


@pytest.mark.parametrize(
    ("quota", "tone", "lead"),
    [
        (None, "", "LINE: each reply counts as one of this month’s messages."),
        ((182, 500), "", "LINE: 182 of 500 messages used this month"),
        ((470, 500), "warn", "LINE: 470 of 500 messages used this month"),
        ((500, 500), "bad", "LINE: all 500 messages of this month are used."),
        ((182, None), "", "LINE: each reply counts as one of this month’s messages."),
    ],
)
def test_what_is_left_of_the_month(quota: tuple[int, int | None] | None, tone: str, lead: str) -> None:
    chat = chat_on("line", wrote=timezone.now() - 90 * 24 * HOUR)  # LINE knows no window
    cache.set(f"quota:{chat.identity.channel_id}", quota, 60)
    line = standing(chat.identity.channel, carrier().terms(chat))
    assert (line.tone, line.lead, line.closed) == (tone, lead, False)


def test_every_reason_has_words() -> None:
    channel = make_channel(platform="line")
    for reason in Reason:
        words = failure(channel, reason, "100/33")
        assert words and "%(" not in words
    assert failure(channel, carrier().reason("line", "444"), "444").endswith("refused it (code 444).")
