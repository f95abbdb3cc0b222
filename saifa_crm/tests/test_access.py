"""Walks every URL pattern as each role and as nobody, and compares with the decided table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from channels_ingest.models import Connection, DeletionRequest, StrayEvent
from contacts.models import Channel, Contact, Identity, Segment
from inbox.models import Conversation
from labels.models import Label
from orders.models import Order
from overview.models import Shop
from saifa_crm.access import AGENT, MARKETER, OWNER

from .access_table import PUBLIC, SIGNED_IN, TABLE, Access

# `world` has no picture, no copied attachment, no bulk change, no export and no such webhook key.
EXPORTS = {f"contacts:export-{what}" for what in ("job", "file", "manifest")}
NOT_THERE = EXPORTS | {"contacts:picture", "contacts:bulk-job", "inbox:media", "inbox:thumbnail", "webhook-line"}
PEOPLE = {"agent": frozenset({AGENT}), "marketer": frozenset({MARKETER}), "owner": frozenset({OWNER})}


@dataclass(frozen=True)
class Url:
    """A pattern under the name that `reverse` knows it by."""

    name: str
    parameters: tuple[str, ...]
    view: Any


def patterns(resolver: URLResolver | None = None, space: str = "") -> Iterator[Url]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from patterns(entry, inner)
        elif isinstance(entry, URLPattern):
            yield Url(f"{space}{entry.name}", tuple(entry.pattern.regex.groupindex), entry.callback)


URLS = sorted(patterns(), key=lambda url: url.name)


@pytest.fixture
def world(marketer: User) -> dict[str, Any]:
    """One of each thing, by the first part of the URL's name; a parameter's own name goes before that."""
    Shop.objects.create(pk=1, name="LIV", setup_done=True)
    channel = Channel.objects.create(platform="line", external_id="U1", name="Saifa Shop")
    connection = Connection.objects.create(channel=channel)
    stray = StrayEvent.objects.create(platform="line", reason="group", body="{}", digest="d")
    contact = Contact.objects.create(name="สมชาย")
    identity = Identity.objects.create(channel=channel, contact=contact, external_id="Uperson")
    conversation = Conversation.objects.create(identity=identity, last_message_at=timezone.now())
    order = Order.objects.create(contact=contact, external_id="1", total=100)
    label = Label.objects.create(name="ลูกค้า")
    segment = Segment.objects.create(owner=marketer, name="VIP", query="user_type=vip", shared=True, position=1)
    return {
        **{f"pk:contacts:segment-{what}": segment.pk for what in ("edit", "filters", "move", "delete")},
        "pk:contacts": contact.pk,
        "pk:orders:list": contact.pk,
        "pk:orders:add": contact.pk,
        "pk:orders": order.pk,
        "pk:inbox:history": contact.pk,
        "pk:inbox": conversation.pk,
        "pk:labels": label.pk,
        "pk:channels": connection.pk,
        "pk:channels:stray": stray.pk,
        "pk:channels:stray-decide": stray.pk,
        "pk:team": User.objects.create_user("somebody").pk,
        "contact_pk": contact.pk,
        "contact_id": contact.pk,
        "order_pk": order.pk,
        "order_id": order.pk,
        "conversation_id": conversation.pk,
        "message_pk": 1,
        "export_id": 1,
        "label_id": label.pk,
        "identity_id": identity.pk,
        "id": order.pk,
        "token": "unknown",
        "code": DeletionRequest.objects.create(code="c" * 32, kind="deletion", platform="meta", user_id="1").code,
        "key": "unknown",
        "platform": "line",
        "name": f"{identity.pk}-0123456789ab.webp",
    }


def path_of(url: Url, world: dict[str, Any]) -> str:
    return reverse(url.name, kwargs={name: value_of(name, url, world) for name in url.parameters})


def value_of(parameter: str, url: Url, world: dict[str, Any]) -> Any:
    keys = (f"{parameter}:{url.name}", f"{parameter}:{url.name.partition(':')[0]}", parameter)
    found = next((world[key] for key in keys if key in world), None)
    assert found is not None, f"{url.name} wants {parameter!r}: give it one in the `world` of test_access.py"
    return found


def expected(url: Url) -> Access:
    return TABLE[url.name]


@pytest.mark.parametrize("url", URLS, ids=lambda url: url.name)
def test_every_url_is_in_the_table_and_declares_it(url: Url) -> None:
    assert url.name in TABLE, f"decide who may open {url.name} in saifa_crm/tests/access_table.py"
    assert hasattr(url.view, "access_roles"), f"{url.name} declares no roles (saifa_crm.access)"


def test_names_are_used_once() -> None:
    names = [url.name for url in URLS]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.endswith("None")]


@pytest.mark.parametrize("url", URLS, ids=lambda url: url.name)
def test_each_role(url: Url, world: dict[str, Any], request: pytest.FixtureRequest) -> None:
    path, access = path_of(url, world), expected(url)
    for who, roles in PEOPLE.items():
        client: Client = request.getfixturevalue(f"{who}_client")
        if access in (PUBLIC, SIGNED_IN) or roles & frozenset(access):
            assert_open(client, path, url, who)
        else:
            assert client.get(path).status_code == 403, f"GET {path} as {who}"
            assert client.post(path).status_code == 403, f"POST {path} as {who}"


def assert_open(client: Client, path: str, url: Url, who: str) -> None:
    response = client.get(path)
    assert response.status_code < 500, f"{path} as {who}"
    if url.name not in NOT_THERE:
        assert response.status_code != 404, f"{path} as {who}: does `world` give {url.name} the right number?"
    if not url.name.startswith("webhook-"):  # a handshake without a valid token is a 403 by contract
        assert response.status_code != 403, f"{path} as {who}"
    assert not response.headers.get("Location", "").startswith("/login/?"), f"{path} as {who}"
    if hasattr(response, "streaming_content"):
        list(response.streaming_content)


@pytest.mark.parametrize("url", URLS, ids=lambda url: url.name)
def test_people_without_a_role_and_nobody(url: Url, world: dict[str, Any], outsider_client: Client) -> None:
    path, access = path_of(url, world), expected(url)
    outsider = outsider_client.get(path)
    nobody = Client().get(path)
    if access == PUBLIC:
        assert nobody.status_code < 500
        assert not nobody.headers.get("Location", "").startswith("/login/?")
        return
    assert (nobody.status_code, nobody["Location"]) == (302, f"/login/?next={path}")
    assert Client().post(path).status_code == 302
    if access == SIGNED_IN:
        assert outsider.status_code == 200
    else:
        assert outsider.status_code == 403
        assert "no role yet" in outsider.content.decode()


def test_an_expired_session_moves_the_whole_page_of_an_htmx_request(db: None) -> None:
    page = "http://testserver/contacts/?q=a"
    response = Client().get("/account/", headers={"HX-Request": "true", "HX-Current-URL": page})
    assert (response.status_code, response["HX-Redirect"]) == (200, "/login/?next=/contacts/%3Fq%3Da")
    assert not response.content
    assert "HX-Request" in response["Vary"]


def test_a_view_without_a_declaration_is_refused(owner_client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = "saifa_crm.tests.undeclared_urls"
    assert owner_client.get("/undeclared/").status_code == 403
    assert Client().get("/undeclared/").status_code == 403


def test_a_page_that_does_not_exist_says_so_to_everybody(owner_client: Client) -> None:
    for client in (owner_client, Client()):
        response = client.get("/no/such/page/")
        assert response.status_code == 404
        assert "does not exist" in response.content.decode()


def test_a_form_without_its_token_is_refused_in_words(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    response = client.post("/account/", {"name": "x"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


def test_an_error_page_carries_a_reference_and_asks_no_database(settings: Any, caplog: Any) -> None:
    settings.ROOT_URLCONF = "saifa_crm.tests.undeclared_urls"
    client = Client(raise_request_exception=False)
    response = client.get("/fails/")
    assert response.status_code == 500
    assert "Your contacts are safe" in response.content.decode()
    reference = next(record.args[0] for record in caplog.records if "error page" in record.msg)
    assert reference in response.content.decode()


def test_an_unknown_host_gets_a_plain_page(client: Client) -> None:
    response = client.get("/login/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


@pytest.mark.parametrize(
    ("headers", "back"),
    [
        ({"Referer": "http://testserver/contacts/?q=a"}, "/contacts/%3Fq%3Da"),
        ({"HX-Request": "true", "HX-Current-URL": "http://testserver/contacts/?page=2"}, "/contacts/%3Fpage%3D2"),
        ({}, "/"),
    ],
)
def test_after_a_post_without_session_one_returns_to_the_page(headers: dict[str, str], back: str, db: None) -> None:
    response = Client().post("/contacts/1/vip/", headers=headers)
    where = response.headers.get("HX-Redirect") or response.headers["Location"]
    assert where == f"/login/?next={back}"


def test_an_address_that_is_none_leads_nobody_astray(client: Client, db: None) -> None:
    response = client.get("/contacts/", headers={"HX-Request": "true", "HX-Current-URL": "http://["})
    assert response["HX-Redirect"] == "/login/?next=/contacts/"


def test_a_session_cookie_with_a_nul_is_nobodys(client: Client, db: None) -> None:
    client.cookies["sessionid"] = "a" * 32 + "\0"
    assert client.get("/contacts/")["Location"] == "/login/?next=/contacts/"
