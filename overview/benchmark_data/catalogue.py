"""Channels and labels of the benchmark shop, and how unevenly they are used."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

SOURCE = "benchmark"  # the orders' source; channels' account ids begin with it


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """One of 20 channels; `share` is its part of all people, in thousandths."""

    platform: str
    name: str
    share: int

    @property
    def external_id(self) -> str:
        return f"{SOURCE}-{self.platform}-{self.name}"


CHANNELS = (
    ChannelPlan("line", "Saifa Shop", 290),
    ChannelPlan("facebook", "LIV", 230),
    ChannelPlan("facebook", "LightMe", 110),
    ChannelPlan("line", "Saifa VIP", 80),
    ChannelPlan("instagram", "liv.official", 70),
    ChannelPlan("facebook", "LIV Outlet", 50),
    ChannelPlan("line", "LIV Chiang Mai", 35),
    ChannelPlan("instagram", "lightme.bkk", 28),
    ChannelPlan("whatsapp", "Saifa Export", 22),
    ChannelPlan("facebook", "Saifa Wholesale", 18),
    ChannelPlan("telegram", "Saifa Bot", 15),
    ChannelPlan("line", "LIV Phuket", 12),
    ChannelPlan("instagram", "liv.kids", 10),
    ChannelPlan("facebook", "LIV Live", 8),
    ChannelPlan("whatsapp", "Saifa Hotels", 7),
    ChannelPlan("line", "LIV Khon Kaen", 5),
    ChannelPlan("telegram", "Saifa Deals", 4),
    ChannelPlan("facebook", "LIV Archive", 3),
    ChannelPlan("instagram", "liv.lab", 2),
    ChannelPlan("whatsapp", "Saifa Test line", 1),
)
CHANNEL_UPTO = list(itertools.accumulate(channel.share for channel in CHANNELS))
LABEL_NAMES = (
    "Repeat buyer", "11.11 Live", "COD", "ลูกค้าประจำ", "New lead", "Size M", "Awaiting transfer",
    "Sensitive skin", "LIV Glow set", "Wholesale", "ลูกค้า VIP", "12.12", "Size S", "Claim", "กรุงเทพ",
    "เชียงใหม่", "Size L", "Free gift sent", "รอของเข้า", "Do not promote", "Gift buyer", "ภูเก็ต",
    "Influencer", "Birthday in May", "ขอใบกำกับภาษี", "Price asked only", "Payday sale", "ขอนแก่น",
    "Slow payer", "Exports", "ร้านตัวแทน", "Complaint", "Live viewer", "Students", "Size XL",
    "สมาชิกเก่า", "Refunded twice", "Press", "Tester", "Staff family",
)  # fmt: skip
# The biggest label is on a quarter of all people, the smallest on one in some three hundred.
LABEL_SHARES = tuple(0.25 / (1 + rank) ** 1.2 for rank in range(len(LABEL_NAMES)))
AGENTS = ("Ann", "Beer", "Chompoo", "Dome", "Eve")
