"""Names as customers of a Thai shop have them: full names, nicknames, romanised and foreign ones, decorated ones."""

from __future__ import annotations

import random


def words(text: str) -> list[str]:
    """A list written as a text, which reads better in many-lettered scripts."""
    return text.split()


THAI_GIVEN = words(
    """
    สมชาย สมหญิง ณัฐธิดา ณัฐพล พิมพ์ชนก กิตติพงษ์ อรทัย ธนากร สุภาวดี วีรยุทธ กัญญาณัฐ ปิยะวัฒน์ ศิริพร
    อนุชา มณีรัตน์ ชลธิชา ภูวดล เบญจมาศ ไพลิน แพรวา เกศินี โสภิดา ปวีณา รัตนา ธีรเดช จิราพร นภัสสร
    วรรณวิสา ศักดิ์ชัย ดวงกมล ก้องภพ สมศรี สมบัติ สมปอง สมพร สุดารัตน์ สุรชัย สุนทร วิชัย วิไล วราภรณ์
    วันเพ็ญ พรทิพย์ พัชรี พงศกร ประเสริฐ ประภาส นงลักษณ์ นฤมล นิตยา นันทนา มาลี มานพ เมธา ยุพิน ลัดดา
    ละออง อัมพร อำนวย อุไร เอกชัย อัญชลี กมลวรรณ กนกวรรณ กฤษณะ เกรียงไกร ขวัญใจ จันทร์เพ็ญ จักรพันธ์
    เฉลิมชัย ชัยวัฒน์ ชุติมา ฐิติพร ณรงค์ ดาริกา เดชา ทัศนีย์ ทวีศักดิ์ ธัญญารัตน์ ธิดารัตน์ บุษบา บุญชู
    ปรีชา ปาริชาติ ผกามาศ พลอยไพลิน เพ็ญศรี ภัทรา ภานุวัฒน์ รุ่งนภา เรวัต วัชระ ศุภชัย สิริกาญจน์ สายฝน
    หทัยรัตน์ อภิชาติ อารีย์ น้ำฝน ใบเฟิร์น
    """
)
FAMILY_BEGIN = words(
    """
    บุญ ศรี ทอง แก้ว วงศ์ พรหม รุ่ง สาย เจริญ อินทร แสง ปัญญา นาค โชติ เพ็ชร สุข จันทร์ มั่น คำ ไชย ชัย
    สิงห์ พันธ์ ภักดี วิเศษ ธรรม ดวง กาญจนะ เกตุ ประเสริฐ สมบูรณ์ หอม ใจ ยอด เพชร มณี รัตน อุดม สวัสดิ์
    พูล ทรัพย์ กิจ อ่อน นวล ขำ มี ปาน โพธิ์
    """
)
FAMILY_END = words(
    """
    มี สุวรรณ ดี คำ สวัสดิ์ กาญจนา มา เรือง สุนีย์ สุข วิเชียร ทอง ชัย ช่วง รัตน์ สมบูรณ์ เพ็ญ คง พงษ์
    ศักดิ์ กุล วงศ์ ประเสริฐ เดช วัฒน์ เลิศ งาม แสง พันธุ์ ผล อยู่ นิล ศรี ทรัพย์ บุตร อินทร์
    """
)
NICKNAMES = words(
    """
    แนน นุ่น ฝน ฟ้า ปุ้ย เมย์ มิ้นท์ บีม เอิร์ธ ต้น ต้นหอม นก หนู หมวย อ้อม อร เจี๊ยบ จอย ตาล พลอย
    เฟิร์น แบงค์ กอล์ฟ ออม เบสท์ ฟิล์ม พิม กิ๊ฟ บอส ดาว ไอซ์ ขวัญ เล็ก ใหญ่ โอ๋ แดง ดำ น้ำ มะนาว กุ้ง ปู
    ปลา หมู ไก่ ส้ม แตงโม ใบข้าว ข้าวหอม ไททัน
    """
)
NICK_STYLES = (
    "{n}", "{n}", "น้อง{n}", "พี่{n}", "แม่น้อง{n}", "ป้า{n} ขนมไทย", "เจ๊{n} ตลาดพลู", "ครู{n}", "{n} {e}", "{e}{n}{e}",
    "{n}{n}", "ร้าน{n} เสื้อผ้า", "{n} แฮนด์เมด", "หมอ{n}", "ยาย{n}ใจดี", "{n} {f}",
)  # fmt: skip
EMOJI = words(
    """
    🌸 🌱 ❤️ ✨ 🐱 🍓 💕 🌻 🐰 🎀 🔥 ☀️
    """
)
ROMAN_GIVEN = words(
    """
    Somchai Nattaya Mint Beam Earth Wassana Prae Anucha Ploy Fern Bank Golf Nan Aom Jib Best Film Pim
    Tarn Gift Boss Kanya Malee Arthit Chai Dao Ice June Kwan Lek Somsri Sompong Suda Wichai Prasert
    Siriporn Kittipong Nattapon Pornthip Kanokwan Thanakorn
    """
)
ROMAN_BEGIN = words(
    """
    Boon Sri Thong Kaew Wong Phrom Rung Sai Charoen In Saeng Panya Nak Choti Phet Suk Chan Man Kham Chai Sing Phan
    Phakdi Wiset Tham Jai Yot Mani Rattana Udom Sawat Phun Sap Kit Sae
    """
)
ROMAN_END = words(
    """
    mee suwan dee kham sawat karn ma rueang sunee suk wichian thong chai chuang rat sombun phen khong phong sak kun wong
    prasert det wat loet ngam saeng phan phon yu nin sri sap but in tang lim
    """
)
LATIN_GIVEN = words(
    """
    John Anna Maria David Emma Lukas Sophie Michael Yuki Hana Wei Mei Ali Fatima José Zoë Renée Søren
    Björn Nguyễn Olga Ivan Priya Arjun Sarah Tom Peter Laura Daniel Kenji
    """
)
LATIN_FAMILY = words(
    """
    Smith Wong Müller Tanaka Garcia Johnson Lee Kim Chen Nguyen Brown Schmidt Sato Rossi Dubois Novák
    Ivanova Khan Patel Andersson O'Connor Van-Dijk Lim Tan
    """
)
ODD = ("ａｏｍ　ｓｈｏｐ", "・ﾟ✧ mint ✧ﾟ・", "ℬ𝑒𝒶𝓂", "ลูกค้า", ".", "꧁พลอย꧂", "User", "🙂", "ส ม ช า ย", "เเพรว")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def some(source: random.Random, words: list[str]) -> str:
    """One of the words, the first ones far oftener: names repeat as they do in life."""
    return words[int(len(words) * source.random() ** 1.6)]


def person_name(source: random.Random) -> str:
    """What a platform says somebody is called."""
    kind = source.random()
    if kind < 0.52:
        return f"{some(source, THAI_GIVEN)} {_thai_family(source)}"
    if kind < 0.70:
        style = NICK_STYLES[int(len(NICK_STYLES) * source.random())]
        return style.format(n=some(source, NICKNAMES), e=some(source, EMOJI), f=_thai_family(source))
    if kind < 0.84:
        return f"{some(source, ROMAN_GIVEN)} {_roman_family(source)}"
    if kind < 0.93:
        return f"{some(source, LATIN_GIVEN)} {some(source, LATIN_FAMILY)}"
    if kind < 0.98:
        return f"{some(source, ROMAN_GIVEN)} {LETTERS[int(26 * source.random())]}.".lower()
    return ODD[int(len(ODD) * source.random())]


def user_name(source: random.Random, number: int) -> str:
    """A handle as Instagram and Telegram have them; the number keeps it one person's."""
    return f"{some(source, ROMAN_GIVEN).lower()}.{_roman_family(source).lower()}{number % 9973}"


def _thai_family(source: random.Random) -> str:
    """Families have names of their own: most are put together of three parts."""
    middle = some(source, FAMILY_BEGIN) if source.random() < 0.7 else ""
    return some(source, FAMILY_BEGIN) + middle + some(source, FAMILY_END)


def _roman_family(source: random.Random) -> str:
    middle = some(source, ROMAN_BEGIN).lower() if source.random() < 0.5 else ""
    return some(source, ROMAN_BEGIN) + middle + some(source, ROMAN_END)
