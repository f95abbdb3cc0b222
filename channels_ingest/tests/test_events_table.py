"""docs/events.md names every kind that is read and every kind of fixture, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from channels_ingest.platforms import (
    _line_events,
    _line_side,
    _meta,
    _telegram_events,
    _whatsapp_account,
    _whatsapp_content,
    _whatsapp_events,
    _whatsapp_side,
)
from contacts.activity import SENTENCES

from .mutations import FIXTURES
from .test_parse_properties import HAPPENINGS

EVENTS = Path(__file__).parents[2] / "docs" / "events.md"
SECTIONS = {
    "facebook": "Messenger",
    "instagram": "Instagram",
    "line": "LINE",
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
}
KINDS = {
    "facebook": {*_meta.READERS, *_meta.RETIRED, *_meta.LISTS},
    "instagram": {*_meta.READERS, "standby"},
    "line": {*_line_events.READERS, *_line_side.ABOUT_ACCOUNT},
    "whatsapp": {
        *_whatsapp_events.READERS,
        *_whatsapp_events.LISTED,
        *_whatsapp_content.READERS,
        *_whatsapp_side.SIDE,
        *_whatsapp_side.STATES,
        *_whatsapp_account.ACCOUNT_FIELDS,
        "errors",
    },
    "telegram": set(_telegram_events.KNOWN),
}


def section(platform: str) -> str:
    text = EVENTS.read_text("utf-8")
    return text.split(f"\n## {SECTIONS[platform]}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("platform", SECTIONS)
def test_every_fixture_has_a_line_and_every_line_its_fixtures(platform: str) -> None:
    written = {path.stem.split("__")[0] for path in (FIXTURES / platform).glob("*.json")}
    assert set(re.findall(r"`(\w+)__\*`", section(platform))) == written


@pytest.mark.parametrize("platform", SECTIONS)
def test_every_kind_that_is_read_has_a_line(platform: str) -> None:
    named = set(re.findall(r"`([\w-]+)`", section(platform)))
    assert named >= KINDS[platform]


def test_every_happening_has_words_in_the_activity() -> None:
    assert {verb for verb in SENTENCES if verb.startswith("platform_")} == {
        "platform_came",
        *(f"platform_{kind}" for kind in HAPPENINGS),
    }
