"""What the demo's customers and the shop write: short exchanges of a shop that sells skin care and clothes."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from .people import Account, Customer

EXCHANGES = (
    (("in", "สวัสดีค่ะ เซรั่มยังมีของไหมคะ"), ("out", "มีพร้อมส่งค่ะ ขวดละ 590 บาท"), ("in", "รับ 2 ขวดค่ะ")),
    (("in", "Is the Glow set in stock?"), ("out", "Yes, it ships today."), ("in", "Great, I will take one")),
    (("in", "Do you have this in M?"), ("image", "goods"), ("out", "Size M is back on Tuesday.")),
    (("in", "โอนแล้วนะคะ รบกวนเช็กให้หน่อยค่ะ"), ("image", "slip"), ("out", "ได้รับยอดแล้วค่ะ ขอบคุณนะคะ")),
    (("in", "ราคาส่ง 50 ชิ้นเท่าไหร่คะ"), ("out", "50 ชิ้นขึ้นไป ชิ้นละ 420 บาทค่ะ"), ("in", "ขอคิดก่อนนะคะ")),
    (("in", "My parcel has not arrived yet"), ("out", "Let me check the tracking number for you."), ("sticker", "")),
    (("in", "แพ้ง่ายใช้ได้ไหมคะ"), ("out", "สูตรไม่มีน้ำหอมค่ะ แนะนำทดสอบที่ท้องแขนก่อนนะคะ")),
    (("in", "เก็บปลายทางได้ไหมครับ"), ("out", "ได้ค่ะ ค่าจัดส่ง 40 บาท"), ("in", "โอเคครับ"), ("location", "")),
    (
        ("in", "The bottle arrived cracked, please help"),
        ("image", "parcel"),
        ("out", "So sorry. We send a new one today."),
    ),
    (("in", "ขอบคุณนะคะ ได้ของแล้ว ถูกใจมาก 🥰"), ("sticker", "")),
    (("in", "Can it arrive before Friday?"), ("out", "Yes, with express delivery."), ("in", "ขอเลขพัสดุด้วยค่ะ")),
    (("voice", "voice"), ("out", "ได้ยินแล้วค่ะ จัดส่งพรุ่งนี้เช้าเลยนะคะ"), ("in", "ขอบคุณค่ะ")),
    (("in", "ขอใบกำกับภาษีด้วยนะคะ"), ("file", "file"), ("out", "ได้รับเอกสารแล้วค่ะ")),
    (("in", "ไลฟ์วันไหนคะ"), ("out", "พฤหัสหน้า 2 ทุ่มค่ะ"), ("in", "จะรอดูนะคะ")),
)
CONTENT = {"image": "jpg", "voice": "wav", "file": "pdf"}


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a customer's account: kind is in, out, image, voice, file, sticker or location; `at` is aware.

    `text` of an image, voice or file is what the sandbox shows for it; the key holds it too.
    """

    account: Account
    key: str
    kind: str
    text: str
    at: dt.datetime


def lines_of(customer: Customer, now: dt.datetime) -> list[Line]:
    """The customer's chat, ending between five minutes and four months before `now`."""
    random_source = random.Random(f"saifa-demo-chat-{customer.number}")
    # Every thirteenth customer wrote within the last hours; the others spread over four months.
    recent = customer.number % 13 == 5
    age = dt.timedelta(minutes=5 + 9 * (customer.number // 13)) if recent else None
    end = now - (age or dt.timedelta(hours=5 + random_source.expovariate(1 / 700)))
    lines: list[Line] = []
    for account in customer.accounts:
        at = end - dt.timedelta(days=random_source.randint(0, 60) if random_source.random() < 0.6 else 0)
        for turn in range(random_source.randint(1, 4)):
            exchange = random_source.choice(EXCHANGES)
            for step, (kind, text) in enumerate(reversed(exchange)):
                key = f"demo-{customer.number}-{account.platform}-{turn}-{step}"
                if kind in CONTENT:
                    key += f"-{text}"
                lines.append(Line(account, key, kind, text, at))
                at -= dt.timedelta(minutes=random_source.randint(1, 25))
            at -= dt.timedelta(days=random_source.randint(1, 20))
    return lines
