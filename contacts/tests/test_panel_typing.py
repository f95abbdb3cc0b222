"""What a person is typing outlives what happens around it; focus stays where the person was."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from contacts.models import Activity, Contact
from saifa_crm.lib.dates import format_time

from .factories import make_contact
from .test_edit import fields_of, opened, save

pytestmark = pytest.mark.django_db


def panel(client: Client, contact: Contact, tab: str = "overview") -> str:
    return client.get(f"/contacts/{contact.pk}/panel/?tab={tab}").content.decode()


@pytest.mark.parametrize(("tab", "alone"), [("edit", True), ("labels", True), ("overview", False), ("activity", False)])
def test_vip_beside_a_form_swaps_the_toggle_alone(agent_client: Client, tab: str, alone: bool) -> None:
    form = re.search(r"<form[^>]*/vip/[^>]*>", panel(agent_client, make_contact(), tab))
    assert form
    assert ('hx-target="this" hx-select="[data-vip]"' in form.group()) is alone


def test_what_htmx_gives_focus_back_to_has_an_id(agent_client: Client) -> None:
    text = panel(agent_client, make_contact())
    for key in ("panel-vip", "panel-tab-overview", "panel-tab-chat", "panel-tab-orders", "panel-tab-activity"):
        assert text.count(f'id="{key}"') == 1


def test_focus_goes_to_the_first_field_with_an_error(agent_client: Client) -> None:
    contact = make_contact("Nattaya")
    data = opened(agent_client, contact) | {"phone": "12", "email": "x"}
    text = agent_client.post(f"/contacts/{contact.pk}/edit/", data, headers={"HX-Request": "true"}).content.decode()
    focused = re.findall(r"<[^>]* autofocus[^>]*>", text)
    assert len(focused) == 1
    assert 'name="phone"' in focused[0]


def test_focus_goes_to_the_name_after_saving_and_to_the_title_of_an_opened_form(agent_client: Client) -> None:
    contact = make_contact("Nattaya")
    data = opened(agent_client, contact) | {"phone": "0812345678"}
    text = agent_client.post(f"/contacts/{contact.pk}/edit/", data, headers={"HX-Request": "true"}).content.decode()
    assert re.search(r"<h2[^>]*autofocus", text)
    for tab in ("edit", "labels"):
        opened_form = panel(agent_client, contact, tab)
        assert re.search(r"<h3[^>]*autofocus", opened_form)
        assert opened_form.count("autofocus") == 1
    assert "autofocus" not in panel(agent_client, contact)


def test_a_conflict_says_when(agent_client: Client, owner_client: Client) -> None:
    contact = make_contact("Nattaya", phone="+66812345678")
    mine = opened(agent_client, contact)
    save(owner_client, contact, opened(owner_client, contact) | {"phone": "082-222-2222"})
    refused = save(agent_client, contact, mine | {"phone": "083-333-3333"})
    at = Activity.objects.get(verb="phone").at
    assert f"owner changed this to “082-222-2222” at {format_time(at)}" in refused.content.decode()
    assert fields_of(refused)["phone"] == "083-333-3333"


def test_a_platforms_name_does_not_stop_a_typed_one(agent_client: Client) -> None:
    contact = make_contact("LINE customer 7c2f")
    mine = opened(agent_client, contact)
    Contact.objects.filter(pk=contact.pk).update(name="Profile", revision=1)
    assert save(agent_client, contact, mine | {"name": "Typed"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.name, contact.name_is_manual) == ("Typed", True)


def test_a_typed_name_stops_another_typed_one(agent_client: Client, owner_client: Client) -> None:
    contact = make_contact("LINE customer 7c2f")
    mine = opened(agent_client, contact)
    save(owner_client, contact, opened(owner_client, contact) | {"name": "Theirs"})
    assert save(agent_client, contact, mine | {"name": "Mine"}).status_code == 422
    contact.refresh_from_db()
    assert contact.name == "Theirs"
