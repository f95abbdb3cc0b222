"""The customer panel: partial and page, tabs, a constant number of queries, roles, hostile values."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Activity, Contact, UserType
from contacts.registry import panel_sections
from inbox.models import Conversation, Message

from .factories import make_channel, make_contact, make_identity, make_label

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
XSS = '<script>alert("x")</script>'


def _html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_panel_is_the_partial_and_page_holds_it(agent_client: Client) -> None:
    contact = make_contact("ณัฐยา บุญมี", phone="+66812345678", labels=[make_label("ประจำ")])
    panel = _html(agent_client, f"/contacts/{contact.pk}/panel/")
    assert "<html" not in panel
    page = _html(agent_client, f"/contacts/{contact.pk}/")
    for html in (panel, page):
        assert html.count("data-contact-panel") == 1
        for text in ("ณัฐยา บุญมี", "081-234-5678", "ประจำ", "Manage Labels", "Edit Contact Information"):
            assert text in html
        for section in panel_sections():
            assert str(section.action) in html
    assert "<html" in page


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        _html(client, path)
    return len(queries)


def _fill(contact: Contact, actor: User, number: int) -> None:
    conversation, _ = Conversation.objects.get_or_create(identity=contact.identities.get())
    Message.objects.bulk_create(
        Message(conversation=conversation, platform_id=f"{number}-{place}", direction="in", text="hi",
                sent_at="2026-11-20T05:00:00Z")
        for place in range(number)
    )  # fmt: skip
    Activity.objects.bulk_create(
        Activity(contact=contact, actor=actor, verb="name", before="a", after="b") for _ in range(number)
    )


@pytest.mark.parametrize("tab", ["overview", "activity", "edit", "labels", "chat", "orders"])
def test_query_count_does_not_grow(agent_client: Client, agent: User, tab: str) -> None:
    """Session, user, groups, contact; identities with channels, labels; count of each section; then the tab's own.

    Overview: recent orders, newest activity. Activity: a page with actors. Edit: none. Labels: all labels.
    """
    contact = make_contact(channels=[make_channel()])
    _fill(contact, agent, 5)
    path = f"/contacts/{contact.pk}/panel/?tab={tab}"
    few = _queries(agent_client, path)
    _fill(contact, agent, 500)
    assert _queries(agent_client, path) == few <= 14


@pytest.mark.parametrize("path", ["", "panel/"])
@pytest.mark.parametrize("role", ["owner_client", "marketer_client", "agent_client"])
def test_every_role_reads(request: pytest.FixtureRequest, role: str, path: str) -> None:
    contact = make_contact()
    _html(request.getfixturevalue(role), f"/contacts/{contact.pk}/{path}")


@pytest.mark.parametrize("path", ["edit/", "vip/", "labels/", "labels/new/"])
def test_writes_need_a_role_and_a_post(agent_client: Client, outsider_client: Client, path: str) -> None:
    contact = make_contact("Old")
    url = f"/contacts/{contact.pk}/{path}"
    assert outsider_client.post(url, {"vip": "1"}).status_code == 403
    assert Client().post(url, {"vip": "1"}).status_code == 302
    agent_client.get(url, {"vip": "1", "name": "New"})
    contact.refresh_from_db()
    assert (contact.name, contact.user_type) == ("Old", UserType.USER)


@pytest.mark.parametrize(("path", "form"), [("edit", "edit"), ("labels", "labels"), ("labels/new", "labels")])
def test_a_forms_address_opens_it(owner_client: Client, outsider_client: Client, path: str, form: str) -> None:
    """After a refused form without JavaScript the browser stands on this address."""
    contact = make_contact()
    url, action = f"/contacts/{contact.pk}/{path}/", f'action="/contacts/{contact.pk}/{form}/"'
    page, part = _html(owner_client, url), owner_client.get(url, headers=HTMX)
    assert action in page
    assert "<html" in page
    assert action in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "HX-Trigger" not in part  # nothing changed
    assert outsider_client.get(url).status_code == 403
    assert Client().get(url).status_code == 302
    assert owner_client.get(f"/contacts/999999/{path}/").status_code == 404


def test_outsider_and_nobody_do_not_read(outsider_client: Client) -> None:
    contact = make_contact("Hidden Name")
    for path in ("", "panel/"):
        refused = outsider_client.get(f"/contacts/{contact.pk}/{path}")
        assert refused.status_code == 403
        assert "Hidden Name" not in refused.content.decode()
        assert Client().get(f"/contacts/{contact.pk}/{path}").status_code == 302


@pytest.mark.parametrize("tab", ["", "overview", "activity", "edit", "labels"])
def test_markup_is_text_everywhere(agent_client: Client, agent: User, tab: str) -> None:
    channel = make_channel(name=XSS)
    contact = make_contact(XSS, address=XSS + '" onload="x', labels=[make_label(XSS)])
    make_identity(contact, channel, username=XSS, profile_name=XSS)
    Activity.objects.create(contact=contact, actor=agent, verb="name", before=XSS, after="{who}{0}%s" + XSS)
    Activity.objects.create(contact=contact, actor=agent, verb="no such verb", before=XSS, after="{x!r:>9}")
    for path in ("", "panel/"):
        html = _html(agent_client, f"/contacts/{contact.pk}/{path}?tab={tab}")
        assert XSS not in html
        assert "<script>alert" not in html
        assert '" onload="x' not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("query", ["tab=nothing", "tab=%3Cscript%3E", "tab=%00", "open=%F0%28", "tab=edit&tab=x", ""])
def test_unknown_tab_is_overview(agent_client: Client, query: str) -> None:
    contact = make_contact()
    html = _html(agent_client, f"/contacts/{contact.pk}/panel/?{query}")
    assert "Contact information" in html


def test_open_is_another_word_for_tab(marketer_client: Client) -> None:
    contact = make_contact("Somchai")
    make_label("Wholesale")
    for path in ("", "panel/"):
        edit = _html(marketer_client, f"/contacts/{contact.pk}/{path}?open=edit")
        assert 'name="phone"' in edit
        assert 'value="Somchai"' in edit
        assert "Wholesale" in _html(marketer_client, f"/contacts/{contact.pk}/{path}?open=labels")


@pytest.mark.parametrize("pk", ["0", "2147483648", "9" * 30, "9" * 5000, "-1", "1e3", "%00", "%E0%B9%91"])
def test_hostile_ids_are_not_found(agent_client: Client, pk: str) -> None:
    for path in ("", "panel/"):
        assert agent_client.get(f"/contacts/{pk}/{path}").status_code == 404
    for path in ("edit/", "vip/", "labels/"):
        assert agent_client.post(f"/contacts/{pk}/{path}").status_code == 404


@pytest.mark.parametrize("before", ["0", "-1", "9" * 30, "x", "%00", "๑๒"])
def test_hostile_before_is_harmless(agent_client: Client, agent: User, before: str) -> None:
    contact = make_contact(channels=[make_channel()])
    _fill(contact, agent, 30)
    for tab in ("activity", "orders", "chat"):
        _html(agent_client, f"/contacts/{contact.pk}/panel/?tab={tab}&before={before}")


def test_activity_pages_show_every_line_once(agent_client: Client, agent: User) -> None:
    contact = make_contact()
    for number in range(45):
        Activity.objects.create(contact=contact, actor=agent, verb="name", before="a", after=f"<{number}>")
    seen, query = "", "tab=activity"
    while query:
        html = _html(agent_client, f"/contacts/{contact.pk}/panel/?{query}")
        seen += html
        older = html.partition("tab=activity&before=")[2].partition('"')[0]
        query = f"tab=activity&before={older}" if older else ""
    assert [seen.count(f"&lt;{number}&gt;") for number in range(45)] == [1] * 45


@pytest.mark.parametrize("tab", ["overview", "activity", "edit", "labels"])
def test_vip_keeps_the_open_tab_whole(agent_client: Client, tab: str) -> None:
    contact = make_contact("Somchai")
    make_label("Wholesale")
    response = agent_client.post(f"/contacts/{contact.pk}/vip/", {"vip": "1", "tab": tab}, headers=HTMX)
    assert response.headers["HX-Trigger"] == "contactChanged"
    html = response.content.decode()
    assert 'aria-pressed="true"' in html
    assert ("Wholesale" in html) == (tab == "labels")
    assert ('value="Somchai"' in html) == (tab == "edit")
    contact.refresh_from_db()
    assert contact.is_vip


def test_vip_without_htmx_goes_back_to_the_page(agent_client: Client) -> None:
    contact = make_contact()
    response = agent_client.post(f"/contacts/{contact.pk}/vip/", {"vip": "1", "tab": "x&next=//evil"})
    assert response.headers["Location"] == f"/contacts/{contact.pk}/?tab=overview"


def test_vip_is_noted_once_and_read_in_the_readers_language(agent_client: Client, agent: User) -> None:
    contact = make_contact()
    for _ in range(2):
        agent_client.post(f"/contacts/{contact.pk}/vip/", {"vip": "1"})
    line = Activity.objects.get(contact=contact)
    assert (line.actor, line.verb, line.before, line.after) == (agent, "user_type", "user", "vip")
    assert "from <b>User</b> to <b>VIP</b>" in _html(agent_client, f"/contacts/{contact.pk}/panel/?tab=activity")
