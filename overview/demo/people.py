"""The demo's customers: 363 of them, invented, the same at every load."""

from __future__ import annotations

import random
from dataclasses import dataclass

CONTACTS = 363
LINKED = 14  # of whom so many write on two channels

THAI_FIRST = [
    "ณัฐธิดา",
    "สมชาย",
    "พิมพ์ชนก",
    "กิตติพงษ์",
    "อรทัย",
    "ธนากร",
    "สุภาวดี",
    "วีรยุทธ",
    "กัญญาณัฐ",
    "ปิยะวัฒน์",
    "ศิริพร",
    "อนุชา",
    "มณีรัตน์",
    "ชลธิชา",
    "ภูวดล",
    "เบญจมาศ",
    "ไพลิน",
    "แพรวา",
    "เกศินี",
    "โสภิดา",
    "ใจดี",
    "ปวีณา",
    "รัตนา",
    "ธีรเดช",
    "จิราพร",
    "นภัสสร",
    "วรรณวิสา",
    "ศักดิ์ชัย",
    "ดวงกมล",
    "ก้องภพ",
]
THAI_LAST = [
    "บุญมี",
    "ศรีสุวรรณ",
    "ใจดี",
    "ทองคำ",
    "วงศ์สวัสดิ์",
    "แก้วกาญจนา",
    "พรหมมา",
    "รุ่งเรืองกิจ",
    "ตั้งใจดี",
    "สายสุนีย์",
    "เจริญสุข",
    "อินทรวิเชียร",
    "แสงทอง",
    "ปัญญาดี",
    "นาคสวัสดิ์",
    "โชติช่วง",
    "เพ็ชรรัตน์",
    "สุขสมบูรณ์",
    "จันทร์เพ็ญ",
    "มั่นคง",
]
NICKNAMES = [
    "พี่ปุ้ย ร้านชำบ้านใหม่",
    "แม่น้องใบข้าว",
    "ปิ่นมณี น้ำผึ้ง",
    "เจ๊หมวย ตลาดพลู",
    "น้องฝ้าย",
    "ป้าแดง ขนมไทย",
    "ครูนก",
    "ต้นหอม 🌱",
    "มะนาว มะพร้าว",
    "ยายสมใจ",
    "แอดมินร้านเสื้อผ้า",
    "พ่อน้องไททัน",
    "กุ้งเผา เจ้าเก่า",
    "สวนลุงดำ",
    "หมอฟ้า",
]
LATIN_FIRST = [
    "Nattaya",
    "Mint",
    "Beam",
    "Earth",
    "Wassana",
    "Prae",
    "Anucha",
    "Ploy",
    "Fern",
    "Bank",
    "Golf",
    "Nan",
    "Aom",
    "Jib",
    "Best",
    "Film",
    "Pim",
    "Tarn",
    "Gift",
    "Boss",
    "Kanya",
    "Somchai",
    "Malee",
    "Arthit",
    "Chai",
    "Dao",
    "Ice",
    "June",
    "Kwan",
    "Lek",
]
LATIN_LAST = [
    "Boonmee",
    "Kanokwan",
    "Thanakorn",
    "Thepsut",
    "Phitchaya",
    "Phromma",
    "Jaidee",
    "Srisuk",
    "Wongsa",
    "Chaiyo",
    "Rattana",
    "Saetang",
    "Intharat",
    "Kaewta",
    "Suwan",
    "Panya",
    "Thongdee",
    "Meesuk",
    "Nakorn",
    "Charoen",
]
HANDLES = ("skincare", "closet", "daily", "bkk", "th", "shop", "studio", "room")


@dataclass(frozen=True, slots=True)
class Account:
    """A person on one channel: platform, the platform's id of them, and the public name there."""

    platform: str
    person_id: str
    name: str
    username: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One person with one or two accounts."""

    number: int
    accounts: tuple[Account, ...]


def _name(random_source: random.Random, used: set[str]) -> str:
    while True:
        draw = random_source.random()
        if draw < 0.06:
            name = random_source.choice(NICKNAMES)
        elif draw < 0.55:
            name = f"{random_source.choice(THAI_FIRST)} {random_source.choice(THAI_LAST)}"
        elif draw < 0.92:
            name = f"{random_source.choice(LATIN_FIRST)} {random_source.choice(LATIN_LAST)}"
        else:
            name = f"{random_source.choice(LATIN_FIRST)}.{random_source.choice(HANDLES)}"
        if name not in used:
            used.add(name)
            return name


def _account(random_source: random.Random, platform: str, number: int, name: str) -> Account:
    if platform == "line":
        return Account(platform, "U" + f"{random_source.getrandbits(128):032x}", name)
    person_id = f"{random_source.randrange(10**15, 10**16)}"
    handle = f"{random_source.choice(LATIN_FIRST).lower()}.{random_source.choice(HANDLES)}{number}"
    return Account(platform, person_id, name, handle if platform == "instagram" else "")


def customers() -> list[Customer]:
    """All customers, in a fixed pseudo-random order."""
    random_source = random.Random("saifa-demo")
    used: set[str] = set()
    people = []
    for number in range(CONTACTS):
        name = _name(random_source, used)
        platforms = [random_source.choices(("facebook", "instagram", "line"), (45, 25, 30))[0]]
        if number % (CONTACTS // LINKED) == 5:
            platforms.append("instagram" if platforms[0] != "instagram" else "line")
        people.append(
            Customer(number, tuple(_account(random_source, platform, number, name) for platform in platforms))
        )
    return people
