"""A person of the benchmark shop: the accounts they write from, and what the shop knows of them."""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_right
from dataclasses import dataclass

from contacts.models import Channel
from contacts.names import placeholder_name

from .catalogue import CHANNEL_UPTO
from .names import person_name, user_name
from .plan import Plan, PlannedChannel

ADDRESSES = (
    "88/12 ซอยลาดพร้าว 71 แขวงวังทองหลาง เขตวังทองหลาง กรุงเทพฯ 10310", "9 หมู่ 4 ต.สุเทพ อ.เมือง จ.เชียงใหม่ 50200",
    "125/7 ถ.มิตรภาพ ต.ในเมือง อ.เมือง จ.ขอนแก่น 40000", "31 ถ.ถลาง ต.ตลาดใหญ่ อ.เมือง จ.ภูเก็ต 83000",
    "Unit 1204, 55 Sukhumvit 24, Khlong Toei, Bangkok 10110",
)  # fmt: skip
LANDLINE = "+662"
MAILS = ("gmail.com", "hotmail.com", "gmail.com", "outlook.co.th", "example.co.th", "icloud.com")


@dataclass(slots=True)
class Account:
    """One identity."""

    channel: PlannedChannel
    external_id: str
    name: str  # empty where the platform tells none
    username: str
    picture: str
    follow: str  # FollowState; only LINE tells it


@dataclass(slots=True)
class Person:
    """One contact, without what follows from chats and orders."""

    accounts: list[Account]
    name: str
    name_is_manual: bool
    user_type: str
    phone: str
    email: str
    address: str


def make_person(source: random.Random, plan: Plan, *, contact_id: int, identity_ids: range) -> Person:
    """Somebody with as many accounts as identity ids, each on a channel of its own."""
    phone = _phone(source, contact_id) if source.random() < 0.55 else ""
    channels = _channels(source, plan, len(identity_ids))
    accounts = [_account(source, channel, pk, phone) for channel, pk in zip(channels, identity_ids, strict=True)]
    first = accounts[0]
    name, manual = first.name or _placeholder(first), False
    if source.random() < 0.08:
        name, manual = person_name(source), True
    chance = source.random()
    email = ""
    if chance < 0.25:
        email = f"{user_name(source, contact_id)}{contact_id}@{MAILS[contact_id % len(MAILS)]}"
    return Person(
        accounts=accounts,
        name=name,
        name_is_manual=manual,
        user_type="vip" if source.random() < 0.03 else "user",
        phone=phone,
        email=email,
        address=ADDRESSES[contact_id % len(ADDRESSES)] if source.random() < 0.2 else "",
    )


def _channels(source: random.Random, plan: Plan, count: int) -> list[PlannedChannel]:
    chosen: list[PlannedChannel] = []
    while len(chosen) < count:
        channel = plan.channels[bisect_right(CHANNEL_UPTO, CHANNEL_UPTO[-1] * source.random())]
        if channel not in chosen:
            chosen.append(channel)
    return chosen


def _account(source: random.Random, channel: PlannedChannel, identity_id: int, phone: str) -> Account:
    name = person_name(source) if source.random() < 0.97 else ""
    key = hashlib.md5(b"%d" % identity_id, usedforsecurity=False).hexdigest()
    external_id, username = "", ""
    match channel.platform:
        case "line":
            external_id = f"U{key}"
        case "whatsapp":
            mobile = "" if phone.startswith(LANDLINE) else phone
            external_id = mobile.removeprefix("+") or f"44{7_000_000_000 + identity_id}"
        case "telegram":
            external_id = str(500_000_000 + identity_id * 31)
        case _:
            external_id = str(10**15 + identity_id * 7_654_321)
    if channel.platform in ("instagram", "telegram") and source.random() < 0.9:
        username = user_name(source, identity_id)
    picture = f"https://profile.line-scdn.net/{key}{key[::-1]}" if source.random() < 0.7 else ""
    return Account(channel, external_id, name, username, picture, _follow(source) if channel.platform == "line" else "")


def _follow(source: random.Random) -> str:
    chance = source.random()
    return "following" if chance < 0.8 else "blocked" if chance < 0.92 else ""


def _phone(source: random.Random, contact_id: int) -> str:
    """A Thai mobile of this person alone; one in fifty is foreign, one in thirty a landline."""
    chance = source.random()
    if chance < 0.02:
        return f"+447{400_000_000 + contact_id % 99_999_999}"
    if chance < 0.05:
        return f"{LANDLINE}{2_000_000 + contact_id * 7919 % 7_000_000}"
    return f"+66{800_000_000 + contact_id * 7_919_317 % 199_999_991}"


def _placeholder(account: Account) -> str:
    return placeholder_name(Channel(platform=account.channel.platform), account.external_id)
