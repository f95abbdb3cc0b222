"""Keys under which a Thai name is found by its romanised spellings ("somchai", "malee" or "mali", "nok").

Rules of our own: libraries (PyThaiNLP's `royin`, 22 MB) give one official spelling, and people follow none. A key tells
coarsely how a word sounds, so that the usual spellings agree: consonants by class; i, e and their kin as I, u and ue as
U; a, o and vowels that are not written at all are left out. Where a spelling can be read in several ways there are
several keys. Keys are upper-case ASCII, which folded text never holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

MOST_KEYS, MOST_READINGS = 6, 32  # of one word: what is ambiguous many times over is no name
LONGEST_WORD, MOST_WORDS = 40, 8  # Thai letters, words of a text: the rest of a sentence is not listened to
ENOUGH = 3  # classes of a key that says enough to stand for the beginning of a longer word

# A digit or such a sign stands for several readings, the likeliest first.
_READINGS = {
    "0": ("", "I"), "1": ("N", "L"), "2": ("L", "N"), "3": ("S", "T"), "4": ("T", "C"), "5": ("U", "W"),
    "6": ("L", ""), "7": ("S", "TL"), "8": ("TL", "S"), "9": ("", "N"), "*": ("I", "LI", "LU"), "+": ("T", "D"),
}  # fmt: skip
Rules = Sequence[tuple[re.Pattern[str], str]]


def _rules(*pairs: tuple[str, str]) -> Rules:
    return [(re.compile(pattern), replacement) for pattern, replacement in pairs]


# Thai -----------------------------------------------------------------------------------------------------------------

_WORDS = re.compile("[ก-ฮะ-ฺเ-์]{2,}")
_TITLE = re.compile("^(?:นางสาว|คุณ|น้อง|พี่|แม่|พ่อ|ป้า|ลุง|น้า|เจ๊|เจ้|เฮีย|ครู|หมอ|ยาย|ร้าน|นาย|นาง)(?=..)")

# What is written and not heard, with a word that shows each.
_SILENT = _rules(
    ("(?<=[กงนมญสยวณ])(?:[ทตดธ]ร|จน|ษณ)์", ""),  # จันทร์
    ("[ก-ฮ][ิุ]?์", ""),  # ศักดิ์
    ("[็-๎ฺ]", ""),
    ("รร(?=[ก-ฮ])", "ั9"),  # วรรณ, บรรจง
    ("รร", "ัน"),  # สรร
    ("^เพชร?", "เพด"),
    ("(?<=ั)กษ(?![ะ-ู])", "ก"),  # ลักษณ์
    ("(?<=ั)กร(?![ะ-ู])", "ก"),  # จักรพันธ์
    ("ียรต", "ียต"),  # เกียรติ
    ("(?<=ั)ดด", "ด"),  # ลัดดา
    ("(?<=[ัิุ])[ตทช]ร$", "ต9"),  # บุตร, ภัทร
    ("(?<=เ[ก-ฮ])[ตทช]ร$", "ต9"),  # เนตร
    ("(?<=[ัิุ])([ทตชกดสฏ])[ธฒตทชขฐ]$", r"\1"),  # ยุทธ
    ("(?<=[ะ-ู])([น])[ทธตถ]$", r"\1"),  # อินทร์
    ("(?<=[ะ-ู])([ตธฒมท])[ิุ]$", r"\g<1>0"),  # สมบัติ
)
# The consonants of a syllable whose vowel is written before them.
_ONSET = "(ฉล|[กขคตทปผพฟบดศสจซ][รล](?=[ก-ฮะ-ู])|ห[งญนมยรลว](?=[ก-ฮะ-ู])|[กข]ว(?=[ก-ฮะ-ู])|[ก-ฮ])"
_ONSET_OPEN = "((?:[กขคตทปผพฟบดศสจซ][รล]|ห[งญนมยรลว])(?![ะ-ู])|[ก-ฮ])"
# Written vowels become a, o (left out in the end), I, U; what is heard after them W, Y, M.
_VOWELS = _rules(
    (f"[ใไ]{_ONSET_OPEN}ย?", r"\1aY"),
    (f"โ{_ONSET_OPEN}ะ?", r"\1o"),
    (f"แ{_ONSET_OPEN}ะ?", r"\1I"),
    (f"เ{_ONSET}าะ", r"\1o"),
    (f"เ{_ONSET}า", r"\1aW"),
    (f"เ{_ONSET}ีย", r"\1I"),
    (f"เ{_ONSET}ือ", r"\1U"),
    (f"เ{_ONSET}[ิีะอ]", r"\1I"),
    (f"เ{_ONSET}ย(?![ะ-ู])", r"\1IY"),
    (f"เ{_ONSET}", r"\1I"),
    ("ัว", "U"),
    ("[ึื]อ?|[ุู]", "U"),
    ("[ิี]", "I"),
    ("ำ", "aM"),
    ("[ะาั]", "a"),
    ("^อ(?=ย[aoIU])", ""),
    ("^อ", "A"),
    ("อ(?=[aoIU])", ""),
    ("อ", "o"),
    ("^ฤ", "LU"),
    ("ฤ", "*"),
)
# Consonants whose sound depends on where they stand; the order matters.
_CONSONANTS = _rules(
    ("ห(?=[งญนมยรลว][aoIUว])|ห(?=[นมลวรย][ก-ฮ](?:$|[ก-ฮ]))", ""),  # หนู, หมวย
    ("(?<=[ก-ฮA])ว(?=[ก-ฮY](?![aoIU]))", "5"),  # ดวง, but also นวพร
    ("^ทร(?=[aoIUก-ฮ])", "7"),  # ทราย
    ("ทร(?=[aoIU])", "8"),  # อินทรา
    ("ทร(?=ง)", "7"),
    ("(?<=[กขคตทปผพฟบดศสจซภธ])ร(?=[aoIU])", "6"),  # ปรีชา, ศรี: heard or not
    ("[รลฬ](?=[aoIU])|^[รลฬ]", "L"),
    ("[รลฬ]$", "N"),
    ("(?<=[aoIU])[รลฬ]|[รลฬ](?=[ก-ฮ][aoIU])", "1"),
    ("[รลฬ]", "2"),
    ("[ซศษส](?=[aoIU])|^[ซศษส]", "S"),
    ("[ซศษส]$", "T"),
    ("[ซศษส]", "3"),
    ("[จฉชฌ](?=[aoIU56]|[ก-ฮNT]$)|^[จฉชฌ]", "C"),
    ("[จฉชฌ]$", "T"),
    ("[จฉชฌ]", "4"),
    ("[ดฎ](?=[aoIU56*]|[ก-ฮNT]$)|^[ดฎ]", "D"),
    ("บ(?=[aoIU56*]|[ก-ฮNT]$)|^บ", "B"),
    ("ญ(?=[aoIU])|^ญ|ย", "Y"),
)
# Consonants that sound alike wherever they stand, or stand where it does not matter; all else is left out.
_CLASSES = {
    char: code
    for chars, code in (
        ("ญนณ", "N"), ("กขฃคฅฆ", "K"), ("ง", "Q"), ("ฑ", "+"), ("ดฎตฏถฐทธฒ", "T"), ("บปผพภ", "P"), ("ฝฟ", "F"),
        ("ม", "M"), ("ว", "W"), ("หฮ", "H"), *((kept, kept) for kept in "ABCDFHIKLMNPQSTUWYao0123456789*+"),
    )
    for char in chars
}  # fmt: skip
_TWICE = _rules((r"(?<=[aoIU])([A-Z])\1", r"\1"), ("[ao]", ""), ("II+", "I"), ("UU+", "U"))

# Latin ----------------------------------------------------------------------------------------------------------------

# Spellings to the same classes, in small letters until the end; the order matters.
_LATIN = _rules(
    ("(?<=[^aeiou])i[ckmnst]e$", "aY"),  # Mike, Fine: the end is silent in Thai
    ("^ice$", "aY"),
    ("(?<=[aeiou])([b-df-hj-np-tv-z]+)e$", r"\1"),
    ("(?<=[b-df-hj-np-tvz])le$", "In"),  # Apple
    ("oe$", "o"),
    ("oe[iy]", "Iy"),
    ("ph", "p"),
    ("fh", "f"),
    ("[kgc]h(?<!ch)|q", "k"),
    ("tch|dch|tj|jj|sh|ch|j", "C"),
    ("c(?=[eiy])", "s"),
    ("ck|c|g(?<!ng)", "k"),
    ("th|dt", "t"),
    ("bp", "p"),
    ("ts", "s"),
    ("v", "w"),
    ("z", "s"),
    ("x|ks$", "k"),
    ("([b-df-hj-np-tw])\\1+", r"\1"),
    ("nk$|ng", "Q"),
    ("n[dtsC]s?$", "n"),
    ("[st]t$", "t"),
    ("ft$", "f"),
    ("l(?=[fmk]$)", ""),
    ("^(?=[aeiou])", "A"),
    ("a?ear(?![aeiou])|[ei]r(?![aeiouy])", "I"),
    ("aeo|aew|eaw|iao|iew|eow", "IW"),
    ("[ei][wou]$", "IW"),
    ("ee|ae|oe|ei|ey|ea", "I"),
    ("ua[iy]", "UY"),
    ("uea|ue|eu|oo|ou", "U"),
    ("u[ao](?=[b-df-hj-np-tv-zQ]|$)", "U"),
    ("i[ae](?=[b-df-hj-np-tv-zQ]|$)", "I"),
    ("(?<=[aouI])y(?![aeiouAIU])|(?<=[aou])i(?![aeiouAIU])", "Y"),
    ("y(?=[aeiouIU])", "Y"),
    ("ao(?=Q)", "o"),
    ("a[ou]|o?w(?![aeiouIUY])", "aW"),
    ("[iey]", "I"),
    ("u", "U"),
    ("r(?![aeiouIU])", ""),
    ("r|l(?=[aeiouIUY])", "L"),
    ("l", "N"),
    ("h(?=[aoIU])(?<![aoIUA]h)|^h", "H"),
    ("h", ""),
    ("d(?=[aoIULWY])", "D"),
    ("b(?=[aoIULWY])", "B"),
    ("s$", "T"),
    ("C$", "T"),
    ("s", "S"),
    ("[dt]", "T"),
    ("[bp]", "P"),
)


def _apply(rules: Rules, text: str) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def _sounded(word: str) -> str:
    """A Thai word as classes and vowels, with a digit (or sign) where it can be read in several ways."""
    rough = _apply(_CONSONANTS, _apply(_VOWELS, _apply(_SILENT, word)))
    return "".join(_CLASSES.get(char, "") for char in rough)


def _readings(text: str) -> Iterator[str]:
    """The text with each digit (or sign) replaced by its readings, the likeliest first."""
    for chosen in islice(product(*(_READINGS.get(char, (char,)) for char in text)), MOST_READINGS):
        yield _apply(_TWICE, "".join(chosen))


def _distinct(keys: Iterable[str]) -> list[str]:
    """The first MOST_KEYS of them; no more are made than that takes."""
    found: dict[str, None] = {}
    for key in keys:
        if key:
            found[key] = None
        if len(found) == MOST_KEYS:
            break
    return list(found)


@lru_cache(maxsize=8192)  # names repeat where many are keyed at once
def _word_keys(word: str) -> tuple[str, ...]:
    return tuple(_distinct(_readings(_sounded(word))))


def thai_keys(text: str) -> list[str]:
    """Keys of the Thai words of a text, and of what follows a title or form of address in it.

    >>> thai_keys("น้องนก")
    ['NQNK', 'NK']
    """
    keys: list[str] = []
    for word in _WORDS.findall(text)[:MOST_WORDS]:
        rest = word[:LONGEST_WORD]
        while rest:
            keys += _word_keys(rest)
            shorter = _TITLE.sub("", rest)
            rest = shorter if shorter != rest else ""
    return list(dict.fromkeys(keys))


def latin_keys(word: str) -> list[str]:
    """Keys of a Latin word (lower-case ASCII) as people spell Thai with it.

    >>> latin_keys("malee")
    ['MLI']
    """
    spelled = [word]
    if word.endswith("ay"):
        spelled.append(f"{word[:-2]}e")
    for heard in ("au", "aw", "ao", "ow"):
        if heard in word:
            spelled.append(word.replace(heard, "o"))
    if len(word) <= 5:  # English nicknames: Ann, Bank are heard with ae, Nut, Bun with a
        spelled += [re.sub("a(?=[b-df-hj-np-tvxz])", "ae", word, count=1), re.sub("u(?=[b-df-hj-np-tvxz])", "a", word)]
    elif "u" in word[-3:]:
        spelled.append(re.sub("u(?=[bdkmnpt]$|ck$)", "a", word))
    return _distinct(_apply(_TWICE, _apply(_LATIN, one)).upper() for one in spelled)
