"""The Thai catalogue: complete, compiled, and what a Thai browser gets. Needs no gettext programs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation.template import templatize

from contacts.tests.factories import bangkok, make_channel, make_contact

ROOT = Path(settings.BASE_DIR)
PO = ROOT / "locale/th/LC_MESSAGES/django.po"
THAI = re.compile("[\u0e00-\u0e7f]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]|</?\w[^>]*>")
SAME = {"VIP", "LINE official account", "LINE Official Account Manager", "Meta Business Suite", "WhatsApp Manager"}

Key = tuple[str, str, str]  # context, text, plural

# How many leading words of a call are text: _("…"), ngettext("…", "…", n), pgettext("context", "…").
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2, "gettext_noop": 1}
CALLS |= {"pgettext": 2, "pgettext_lazy": 2, "npgettext": 3, "npgettext_lazy": 3}


def _entries() -> list[polib.POEntry]:
    return list(polib.pofile(str(PO)))


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def _words(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _of_call(name: str, texts: list[str]) -> Key:
    texts = list(texts[: CALLS[name]])
    context = texts.pop(0) if "pgettext" in name else ""
    return context, texts[0], texts[1] if len(texts) > 1 else ""


def _in_python(path: Path) -> Iterator[Key]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[: CALLS.get(name, 0)]
            texts = [arg.value for arg in first if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if first and len(texts) == CALLS[name]:
                yield _of_call(name, texts)


def _in_template(path: Path) -> Iterator[Key]:
    """Django writes a template as the calls that xgettext would look for."""
    string = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    for call in re.finditer(rf"\b(_|n?p?gettext)\(\s*({string}(?:\s*,\s*{string})*)", templatize(path.read_text())):
        texts = [ast.literal_eval(found) for found in re.findall(string, call[2])]
        yield _of_call(call[1], texts)


def _marked() -> Iterator[tuple[Path, Key]]:
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).parts
        if not any(part.startswith(".") or part in ("tests", "node_modules", "venv") for part in parts):
            for key in _in_python(path):
                yield path, key
    for path in (ROOT / "templates").rglob("*.html"):
        for key in _in_template(path):
            yield path, key


def test_every_entry_is_translated() -> None:
    entries = _entries()
    assert len(entries) > 500
    assert [entry.msgid for entry in entries if entry.fuzzy or entry.obsolete] == []
    assert [entry.msgid for entry in entries if not all(word.strip() for word in _words(entry))] == []
    english = [entry.msgid for entry in entries if not all(THAI.search(word) for word in _words(entry))]
    assert set(english) <= SAME


def test_thai_has_one_plural_form() -> None:
    assert polib.pofile(str(PO)).metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert [entry.msgid for entry in _entries() if entry.msgid_plural and list(entry.msgstr_plural) != [0]] == []


def test_placeholders_are_kept() -> None:
    different = []
    for entry in _entries():
        wanted = Counter(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        different += [entry.msgid for word in _words(entry) if Counter(PLACEHOLDER.findall(word)) != wanted]
    assert different == []


def test_the_system_speaks_without_particles() -> None:
    assert [entry.msgid for entry in _entries() if re.search("ค่ะ|คะ$|ครับ", " ".join(_words(entry)))] == []


def test_compiled_catalogue_is_the_same() -> None:
    compiled = polib.mofile(str(PO.with_suffix(".mo")))
    assert {_key(entry): _words(entry) for entry in compiled} == {_key(entry): _words(entry) for entry in _entries()}


def test_every_marked_text_is_in_the_catalogue() -> None:
    # A text used both alone and with a plural is one entry, so the plural is not compared.
    known = {(context, text.replace("%%", "%")) for context, text, _plural in map(_key, _entries())}
    marked = list(_marked())
    assert len(marked) > 500
    missing = {
        f"{path.relative_to(ROOT)}: {text}"
        for path, (context, text, _plural) in marked
        if (context, text.replace("%%", "%")) not in known
    }
    assert missing == set(), "run: python manage.py makemessages -l th --no-location, translate, msgfmt"


@pytest.mark.django_db
def test_a_thai_browser_gets_thai(owner: User, owner_client: Client) -> None:
    line = make_channel("line")
    make_contact("Nattaya", channels=[line], latest_contact_at=bangkok("2024-11-22 14:05"))
    client = Client(headers={"accept-language": "th-TH,th;q=0.9,en;q=0.5"})
    client.force_login(owner)
    page = client.get("/contacts/").content.decode()
    assert '<html lang="th"' in page
    for words in ("รายชื่อลูกค้า", "ลูกค้า 1 ราย ใน 1 หน้า", "ป้ายกำกับ", "ยอดซื้อ", "ดาวน์โหลดรายงาน", "22 พ.ย. 2567"):
        assert words in page
    for words in ("Download Report", "Customer Name", "2024"):
        assert f">{words}<" not in page
    assert "22 Nov 2024" in owner_client.get("/contacts/").content.decode()
