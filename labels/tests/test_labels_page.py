"""The labels page: create, rename, recolour, archive, find, and names that are the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.tests.factories import make_contact, make_label
from labels.models import Label

pytestmark = pytest.mark.django_db


def create(client: Client, name: str, **more: str) -> Any:
    return client.post("/labels/", {"name": name, "colour": "rose", **more})


def html(client: Client, query: str = "") -> str:
    return client.get(f"/labels/?{query}").content.decode()


def test_create_in_thai(marketer_client: Client) -> None:
    assert create(marketer_client, "  ลูกค้า   ประจำ ", description="ซื้อบ่อย").status_code == 302
    label = Label.objects.get()
    assert (label.name, label.colour, label.description) == ("ลูกค้า ประจำ", "rose", "ซื้อบ่อย")
    page = html(marketer_client)
    assert "ลูกค้า ประจำ” created" in page
    assert "ซื้อบ่อย" in page


def test_rename_and_recolour_keep_the_contacts(marketer_client: Client) -> None:
    label = make_label("Wholesale")
    contact = make_contact(labels=[label])
    url = f"/labels/{label.pk}/edit/"
    assert 'value="Wholesale"' in marketer_client.get(url).content.decode()
    sent = {"name": "WHOLESALE", "colour": "teal", "description": "d"}
    assert marketer_client.post(url, sent).status_code == 302
    label.refresh_from_db()
    assert (label.name, label.colour, label.description) == ("WHOLESALE", "teal", "d")
    assert list(contact.labels.all()) == [label]


@pytest.mark.parametrize("same", ["vip", "ＶＩＰ", " Vip ", "VI\u212a"])
def test_same_name_in_other_case_or_width_is_refused(marketer_client: Client, same: str) -> None:
    make_label("VIP" if "\u212a" not in same else "vik")
    refused = create(marketer_client, same)
    assert refused.status_code == 422
    assert "exists already" in refused.content.decode()
    other = make_label("Other")
    assert marketer_client.post(f"/labels/{other.pk}/edit/", {"name": same, "colour": "rose"}).status_code == 422
    assert Label.objects.count() == 2


def test_archived_name_says_restore(marketer_client: Client) -> None:
    make_label("COD", archived=True)
    refused = create(marketer_client, "cod")
    assert refused.status_code == 422
    assert "“COD” is archived: restore it instead." in refused.content.decode()


@pytest.mark.parametrize(
    ("name", "colour"),
    [("", "rose"), ("   ", "rose"), ("x" * 41, "rose"), ("x", "#ff0000"), ("a\x00", "rose"), ("\ufdfa" * 40, "rose")],
)
def test_bad_input_is_refused_in_place(marketer_client: Client, name: str, colour: str) -> None:
    assert create(marketer_client, name, colour=colour).status_code == 422
    assert not Label.objects.exists()


def test_archive_and_restore(marketer_client: Client) -> None:
    label = make_label("COD")
    contact = make_contact(labels=[label])
    url = f"/labels/{label.pk}/archive/"
    assert marketer_client.get(url).status_code == 405
    marketer_client.post(url, {"archived": "1"})
    assert Label.objects.get().archived
    assert list(contact.labels.all()) == [label]
    assert "Restore" in html(marketer_client)
    marketer_client.post(url, {"archived": "0"})
    assert not Label.objects.get().archived


def test_counts_and_most_used_first(marketer_client: Client) -> None:
    rare, often, never = make_label("rare"), make_label("often"), make_label("never")
    for labels in ([rare, often], [often]):
        make_contact(labels=labels)
    page = html(marketer_client)
    for words in ("1 contact with rare", "2 contacts with often", "0 contacts with never"):
        assert words in page
    assert page.index("with often") < page.index("with rare") < page.index(f"with {never.name}")


def test_find(marketer_client: Client) -> None:
    for name in ("ผิวแพ้ง่าย", "Sensitive 100%", "น้ำหอม"):
        make_label(name)
    cases = (("แพ้", "ผิวแพ้ง่าย"), ("SENSI", "Sensitive"), ("%25", "100%"), ("น้ำ", "น้ำหอม"))
    for query, found in cases:
        page = html(marketer_client, f"q={query}")
        assert page.count('class="label" data-h="slate" title') == 1
        assert found in page
    assert "No label matches" in html(marketer_client, "q=_")
    assert "No label matches" in html(marketer_client, "q=%00")


def test_markup_in_a_name_is_text(marketer_client: Client) -> None:
    make_label("<script>alert(1)</script>", description="<script>alert(2)</script>")
    assert "<script>alert" not in html(marketer_client)


def test_agents_and_outsiders_stay_out(agent_client: Client, outsider_client: Client) -> None:
    label = make_label("Kept")
    for client in (agent_client, outsider_client):
        assert client.get("/labels/").status_code == 403
        assert create(client, "New").status_code == 403
        assert client.post(f"/labels/{label.pk}/edit/", {"name": "x", "colour": "rose"}).status_code == 403
        assert client.post(f"/labels/{label.pk}/archive/", {"archived": "1"}).status_code == 403
    assert [(one.name, one.archived) for one in Label.objects.all()] == [("Kept", False)]
    assert Client().get("/labels/").status_code == 302


@pytest.mark.parametrize("pk", ["0", "2147483648", "9" * 5000])
def test_unknown_label_is_not_found(marketer_client: Client, pk: str) -> None:
    assert marketer_client.get(f"/labels/{pk}/edit/").status_code == 404
    assert marketer_client.post(f"/labels/{pk}/archive/").status_code == 404
