"""What customers and the shop write, in Thai and English, with prices, sizes and numbers that vary."""

from __future__ import annotations

import random
from typing import Final

from .names import words

GOODS = words(
    """
    เซรั่ม ครีมกันแดด โทนเนอร์ คลีนเซอร์ ลิปสติก ครีมทามือ เสื้อลินิน กางเกงขากว้าง เดรสลายดอก
    กระเป๋าผ้า รองเท้าแตะ หมวกปีกกว้าง น้ำหอม สบู่สมุนไพร แชมพู วิตามินซี ผ้าพันคอ ต่างหู สร้อยข้อมือ
    ชุดของขวัญ
    """
)
GOODS_EN = ("serum", "sunscreen", "toner", "linen shirt", "tote bag", "perfume", "gift set", "dress", "sandals", "soap")
IN: Final = (
    "สวัสดีค่ะ", "สวัสดีครับ", "สนใจ{g}ค่ะ", "{g}ยังมีของไหมคะ", "{g}ราคาเท่าไหร่คะ",
    "ขอดูรูป{g}เพิ่มหน่อยค่ะ", "รับ{g} {n} ชิ้นค่ะ", "โอนแล้วนะคะ {p} บาท",
    "โอนแล้วครับ ฝากเช็กด้วย", "ขอเลขพัสดุด้วยค่ะ", "ของยังไม่ถึงเลยค่ะ", "ส่งกี่วันถึงคะ",
    "เก็บปลายทางได้ไหมครับ", "ค่าส่งเท่าไหร่คะ", "มีไซซ์ {s} ไหมคะ", "เปลี่ยนเป็นสีดำได้ไหม",
    "แพ้ง่ายใช้{g}ได้ไหมคะ", "ขอใบกำกับภาษีด้วยนะคะ", "ลดได้อีกไหมคะ", "ซื้อ {n} ชิ้นลดไหม",
    "ราคาส่ง{g}เท่าไหร่", "ขอบคุณค่ะ", "ขอบคุณครับ", "โอเคค่ะ", "ได้ค่ะ", "เดี๋ยวโอนเย็นนี้นะคะ",
    "ขอคิดดูก่อนนะคะ", "ได้ของแล้ว ถูกใจมาก 🥰", "ของแตกมาค่ะ ขอเคลม", "{g}ใช้ดีมาก จะสั่งอีก",
    "ไลฟ์วันไหนคะ", "ส่งต่างจังหวัดไหมคะ", "ร้านเปิดกี่โมง", "อยู่เชียงใหม่ค่ะ ส่งกี่วัน",
    "ฝากส่งวันศุกร์นะคะ", "ที่อยู่เดิมค่ะ", "เปลี่ยนที่อยู่จัดส่งค่ะ", "555 ได้เลย",
    "มีโปร 11.11 ไหมคะ", "Hello", "Hi, is the {e} in stock?", "How much is the {e}?",
    "Do you have the {e} in {s}?", "I will take {n}", "Thank you!", "Can it arrive before Friday?",
    "My parcel has not arrived yet", "I paid {p} baht just now", "Do you ship to Chiang Mai?",
    "The {e} arrived damaged", "Love the {e}!", "Any discount for {n} pieces?", "ok",
    "Can I pay on delivery?",
)  # fmt: skip
OUT: Final = (
    "สวัสดีค่ะ ยินดีให้บริการค่ะ", "{g}มีพร้อมส่งค่ะ", "{g}ชิ้นละ {p} บาทค่ะ", "รับกี่ชิ้นดีคะ",
    "สรุปยอด {p} บาทค่ะ", "ได้รับยอดแล้วค่ะ ขอบคุณนะคะ", "จัดส่งพรุ่งนี้เช้าเลยนะคะ",
    "ส่ง 2-3 วันถึงค่ะ", "เก็บปลายทางได้ค่ะ ค่าจัดส่ง {n}0 บาท",
    "{g}หมดชั่วคราวค่ะ เข้าวันอังคารหน้า", "ไซซ์ {s} เหลือ {n} ตัวสุดท้ายค่ะ",
    "สูตรไม่มีน้ำหอมค่ะ แนะนำทดสอบที่ท้องแขนก่อนนะคะ", "รบกวนขอชื่อ ที่อยู่ เบอร์โทรค่ะ",
    "ขออภัยในความล่าช้าค่ะ", "ส่งชิ้นใหม่ให้วันนี้เลยค่ะ", "ขอบคุณที่อุดหนุนนะคะ 💕",
    "โปร 11.11 ลด {n}0% ค่ะ", "พฤหัสหน้า 2 ทุ่มค่ะ", "Yes, the {e} ships today.",
    "The {e} is {p} baht.", "Could you send us your address?", "Thank you for your order!",
    "It arrives in 2-3 days.", "So sorry. We send a new one today.", "Size {s} is back on Tuesday.",
    "You are welcome!",
)  # fmt: skip
RARE: Final = (
    "เลขพัสดุ TH{d}", "tracking TH{d}", "ออเดอร์ SF-{d}", "order SF-{d} please", "เบอร์ 08{d}", "สลิป {d}", "คูปอง LIV{d}",
)  # fmt: skip
VARIANTS = 40


class Phrases:
    """Ready texts; `IN` and `OUT` without anything that COPY would have to escape."""

    def __init__(self) -> None:
        source = random.Random("benchmark phrases")
        self.of_customers = _filled(source, IN)
        self.of_shop = _filled(source, OUT)

    def text(self, source: random.Random, direction: str) -> str:
        """A message; one in nine names something of its own, as a parcel's number."""
        pool = self.of_customers if direction == "in" else self.of_shop
        chance = source.random()
        if chance > 0.11:
            return pool[int(len(pool) * chance)]
        rare = RARE[int(len(RARE) * source.random())]
        return rare.format(d=int(90_000_000 * source.random()) + 10_000_000)


def _filled(source: random.Random, templates: tuple[str, ...]) -> list[str]:
    made = [
        template.format(
            g=source.choice(GOODS),
            e=source.choice(GOODS_EN),
            n=source.randint(1, 9),
            s=source.choice("SML"),
            p=f"{source.randint(9, 399)}0",
        )
        for template in templates
        for _ in range(VARIANTS)
    ]
    source.shuffle(made)
    return made
