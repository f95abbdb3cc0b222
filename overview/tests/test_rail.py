"""The rail's unread chats: everybody sees the number, and it is counted only when the inbox changed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from contacts.tests.factories import make_channel, make_contact
from inbox import live
from inbox.models import Conversation
from inbox.tests.factories import make_message, minutes_ago
from overview.unread import rail_unread

pytestmark = pytest.mark.django_db


def unread_chats(number: int) -> None:
    line = make_channel()
    for _ in range(number):
        identity = make_contact(channels=[line]).identities.get()
        chat = Conversation.objects.create(identity=identity, unread=1)
        make_message(chat, "Is it in stock?", at=minutes_ago(5))
    Conversation.objects.update(unread=1)


def badge(client: Client, path: str = "/contacts/") -> str:
    found = re.search(r"<span[^>]* data-rail-unread( hidden)?>(.*?)</span></span>", client.get(path).content.decode())
    assert found
    return "hidden" if found.group(1) else re.sub("<[^>]+>", "", found.group(2))


def test_everybody_sees_it(agent_client: Client, marketer_client: Client, owner_client: Client) -> None:
    unread_chats(3)
    for client in (agent_client, marketer_client, owner_client):
        for path in ("/contacts/", "/inbox/"):
            assert badge(client, path) == "3 unread"


def test_none_is_hidden(agent_client: Client) -> None:
    assert badge(agent_client) == badge(agent_client, "/inbox/") == "hidden"


def test_counted_only_when_the_inbox_changed(django_assert_num_queries: Any) -> None:
    unread_chats(1)
    live.bump()
    with django_assert_num_queries(1):
        assert [rail_unread(), rail_unread()] == [1, 1]
    unread_chats(1)
    live.bump()
    with django_assert_num_queries(1):
        assert [rail_unread(), rail_unread()] == [2, 2]
