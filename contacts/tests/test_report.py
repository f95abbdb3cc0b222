"""The CSV report: its bytes, its rows against the list's, who may, what is recorded."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from itertools import product

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Contact, ExportJob, Platform, UserType
from saifa_crm.lib.phones import format_phone

from .factories import bangkok, make_channel, make_contact, make_label
from .pages import all_ids, report_bytes, report_rows, streamed

pytestmark = pytest.mark.django_db

HEADER = (
    "Customer Name,Channel,User Type,Label,Phone Number,Latest Contact,Value,"
    "Contact ID,Email,Address,First Contact,Orders"
)


def test_bytes_of_the_file(marketer_client: Client) -> None:
    line, page = make_channel(), make_channel(Platform.FACEBOOK, "LIV")
    contact = make_contact(
        "ณัฐยา บุญมี", channels=[line, page], labels=[make_label("ลูกค้าประจำ"), make_label("COD")],
        phone="+66812345678", user_type=UserType.VIP, value=Decimal("12450"), order_count=3, email="n@example.com",
        address='99/1 ถนน "สุขุมวิท"\nกรุงเทพฯ', first_contact_at=bangkok("2026-01-02 03:04:05"),
        latest_contact_at=bangkok("2026-11-22 00:00:01.9"),
    )  # fmt: skip
    expected = (
        f"{HEADER}\r\nณัฐยา บุญมี,LINE Saifa Shop; Facebook LIV,VIP,ลูกค้าประจำ; COD,081-234-5678,2026-11-22 00:00:01,"
        f"12450.00,{contact.pk},n@example.com,"
        '"99/1 ถนน ""สุขุมวิท""\nกรุงเทพฯ",2026-01-02 03:04:05,3\r\n'
    )
    assert report_bytes(marketer_client) == b"\xef\xbb\xbf" + expected.encode()


def test_headers_of_the_answer(owner_client: Client) -> None:
    response = owner_client.get("/contacts/report.csv")
    assert response.streaming
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="contacts-')


def test_no_rows_is_a_header_alone(owner_client: Client) -> None:
    assert report_bytes(owner_client, "q=nobody") == b"\xef\xbb\xbf" + HEADER.encode() + b"\r\n"


def test_empty_cells(owner_client: Client) -> None:
    contact = make_contact("x")
    assert report_bytes(owner_client).decode().splitlines()[1] == f"x,,User,,,,0.00,{contact.pk},,,,0"


def test_english_whatever_the_language(owner_client: Client) -> None:
    make_contact("x", user_type=UserType.VIP, value=Decimal("1234.5"))
    with translation.override("th"):
        response = owner_client.get("/contacts/report.csv", headers={"Accept-Language": "th"})
        text = streamed(response).decode("utf-8-sig")
    assert text.startswith(HEADER)
    assert ",VIP," in text and ",1234.50," in text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\tx", "\rx", " =1+1", "\u00a0=1", "\u200b=1", "\u2066=1",
     "\ufeff=1", "  -x", "＝1+1", "＋1+1", "－1+1",
     "＠SUM", "﹢1", "=cmd|' /C calc'!A0", "-", "+", "=", "\n=1", "\x01=1", "-1-1", "+66-x",
     '=HYPERLINK("http://x","y")', "-5 บาท", "+66 81 234 5678=1"],
)  # fmt: skip
def test_formulas_are_text(owner_client: Client, text: str) -> None:
    make_contact(text, address=text, labels=[make_label(text.strip())], email="=a@b.co")
    row = report_rows(owner_client)[0]
    assert row["Customer Name"] == f"'{text}"
    assert row["Address"] == f"'{text}"
    assert row["Email"] == "'=a@b.co"


@pytest.mark.parametrize(
    "text",
    ["-5", "+5", "-12.50", "1,234.50", "-1,234.50", "+66812345678", "+66 81 234 5678", "+1 415-555-0132",
     "081-234-5678", "Mint", "สมชาย", "a=b", "x@y.co", "1+1", "'quoted", "  two spaces", "ก-ข", "“=”", "%"],
)  # fmt: skip
def test_numbers_phones_and_words_stay(owner_client: Client, text: str) -> None:
    make_contact(text)
    assert report_rows(owner_client)[0]["Customer Name"] == text


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+66812345678", "081-234-5678"), ("+6621234567", "02-123-4567"), ("+14155550132", "+1 415-555-0132"),
     ("", ""), ("1669", "1669"), ("=1+1", "'=1+1")],
)  # fmt: skip
def test_phone_column(owner_client: Client, phone: str, shown: str) -> None:
    make_contact(phone=phone)
    assert report_rows(owner_client)[0]["Phone Number"] == shown


def test_stored_phone_follows_the_phone() -> None:
    contact = make_contact(phone="+66812345678")
    contact.phone = "+6621234567"
    contact.save()
    contact.refresh_from_db()
    assert contact.phone_display == format_phone("+6621234567") == "02-123-4567"


def test_line_feeds_and_quotes_inside_cells_survive(owner_client: Client) -> None:
    texts = ["a\nb", "a\r\nb", 'say "hi"', "a,b", "\\.", "\\N", "x\u2028y", "ends\n"]
    for text in texts:
        make_contact(text)
    assert {row["Customer Name"] for row in report_rows(owner_client)} == set(texts)


def test_the_download_is_recorded(marketer: User, marketer_client: Client) -> None:
    make_contact("mint")
    make_contact("other")
    response = marketer_client.get("/contacts/report.csv?q=mint&page=&sort=-value")
    download = ExportJob.objects.get()
    assert (download.actor, download.query, download.rows) == (marketer, "q=mint&sort=-value", None)
    body = streamed(response)
    download.refresh_from_db()
    assert (download.rows, download.state, download.size) == (1, "done", len(body))
    assert download.sha256 == hashlib.sha256(body).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_a_broken_off_download_stays_without_rows(owner_client: Client) -> None:
    Contact.objects.bulk_create(Contact(name="x" * 200) for _ in range(2000))
    response = owner_client.get("/contacts/report.csv")
    pieces = iter(response.streaming_content)  # type: ignore[attr-defined]
    assert len(next(pieces)) >= 64 * 1024
    response.close()
    broken = ExportJob.objects.get()
    assert (broken.rows, broken.state, broken.problem) == (None, "failed", "broken_off")
    with connection.cursor() as cursor:  # the connection is still good
        cursor.execute("SELECT 1")


def test_who_may_download(
    agent_client: Client, marketer_client: Client, client: Client, outsider_client: Client
) -> None:
    assert agent_client.get("/contacts/report.csv").status_code == 403
    assert outsider_client.get("/contacts/report.csv").status_code == 403
    assert client.get("/contacts/report.csv").status_code == 302
    assert marketer_client.get("/contacts/report.csv").status_code == 200
    assert marketer_client.post("/contacts/report.csv").status_code == 405
    assert ExportJob.objects.count() == 1


def test_one_statement_streams_the_rows(owner_client: Client, django_assert_num_queries: object) -> None:
    for _ in range(3):
        make_contact(channels=[make_channel()], labels=[make_label()])
    # 1 session, 2 person, 3 channels, 4 labels, 5-6 savepoint and lock, 7 exports of this hour, 8 download noted,
    # 9 savepoint, (the COPY is not counted), 10 rows noted
    with django_assert_num_queries(10):  # type: ignore[operator]
        assert len(report_rows(owner_client)) == 3


URLS = [
    "", "q=min", "q=%E0%B8%AA", "q=081", "q=min&sort=-latest_contact", "platform=line", "user_type=vip&sort=name",
    "sort=value", "sort=-value", "sort=name", "sort=-name", "sort=latest_contact", "active_from=2026-01-02",
    "active_from=2026-01-01&active_to=2026-01-03", "q=nobody", "per_page=50&page=2", "sort=bogus&page=x",
]  # fmt: skip


def test_rows_are_those_of_the_list_in_its_order(owner_client: Client) -> None:
    line, page = make_channel(), make_channel(Platform.INSTAGRAM, "LightMe")
    one, two = make_label(), make_label()
    names, days = ["Mint", "minty", "สมชาย", "ส้ม", "เก่ง", "peppermint"], [None, 1, 2, 3]
    for place, (name, day) in enumerate(product(names, days)):
        make_contact(
            f"{name} {place % 5}", channels=[[line], [page], [line, page], []][place % 4],
            labels=[[one], [two, one], []][place % 3],
            value=Decimal(place % 3), user_type="vip" if place % 2 else "user",
            phone="+66812345678" if place % 4 else "",
            latest_contact_at=bangkok(f"2026-01-0{day} 12:00") if day else None,
        )  # fmt: skip
    labels = [
        f"label={one.pk}",
        f"label={one.pk}&label={two.pk}&label_match=all",
        f"channel={page.pk}&channel={line.pk}",
    ]
    for query in [*URLS, *labels]:
        listed = all_ids(owner_client, "&".join(p for p in query.split("&") if not p.startswith("page=")))
        assert [int(row["Contact ID"]) for row in report_rows(owner_client, query)] == listed, query


class AnyText(TestCase):
    """Whatever customers are called, a reader of the file gets it back, behind at most one apostrophe."""

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40),
            max_size=5,
        )
    )
    def test_text_comes_back(self, names: list[str]) -> None:
        user = User.objects.create_superuser("root")
        self.client.force_login(user)
        contacts = Contact.objects.bulk_create(Contact(name=name) for name in names)
        cells = {int(row["Contact ID"]): row["Customer Name"] for row in report_rows(self.client)}
        for contact in contacts:
            assert cells[contact.pk] in (contact.name, f"'{contact.name}")
            assert not cells[contact.pk].startswith(("=", "@", "\t", "\r"))
