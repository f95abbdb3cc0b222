"""Who wrote, as the messages of a delivery tell it themselves: the newest name and number of each person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from contacts.services import Person, PersonKey, ToldProfile
from saifa_crm.lib.safe_text import storable

from .marks import MessageKey
from .platforms.events import MessageEvent, Profile
from .times import effective_time

NOBODY = Profile("")


def told_profiles(
    *,
    messages: Mapping[MessageKey, MessageEvent],
    people: Mapping[PersonKey, Person],
    received_at: dt.datetime,
) -> dict[int, ToldProfile]:
    """What was told by identity id; empty where the platform tells nothing with its messages."""
    telling = [
        (effective_time(event.sent_at, received_at), event.profile or NOBODY, event.phone, key)
        for key, event in messages.items()
        if event.profile is not None or event.phone
    ]
    found: dict[int, ToldProfile] = {}
    for at, profile, phone, key in sorted(telling, key=_order):
        identity_id = people[key[:2]].identity_id
        known = found.get(identity_id, ToldProfile(at))
        if profile.name:
            known = ToldProfile(
                at, storable(profile.name)[:255], storable(profile.username)[:255], storable(profile.language)[:16]
            )
        found[identity_id] = replace(known, phone=phone or found.get(identity_id, known).phone)
    return found


def _order(telling: tuple[dt.datetime, Profile, str, MessageKey]) -> tuple[dt.datetime, str, str, str, str]:
    """By time; what was told in the same second is ordered by what it says, so that no order of arrival matters."""
    at, profile, phone, _ = telling
    return (at, profile.name, profile.username, profile.language, phone)
