"""One-time links: 7 days, once, replaced by a newer one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from overview.models import Invitation, Shop
from overview.selectors import shop_name
from overview.services import person_add, person_deactivate, person_make_link
from saifa_crm.access import AGENT

NEW = {"new_password1": "three odd words", "new_password2": "three odd words"}


@pytest.fixture
def invited(owner: User) -> tuple[User, str]:
    return person_add(actor=owner, name="Fon", email="fon@saifa.test", role=AGENT)


def test_sets_a_password_and_signs_in(client: Client, invited: tuple[User, str]) -> None:
    person, token = invited
    page = client.get(f"/invite/{token}/")
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert client.post(f"/invite/{token}/", NEW)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.pk)
    signed_in = Client().post("/login/", {"username": "fon@saifa.test", "password": "three odd words"})
    assert signed_in.status_code == 302


def test_names_the_shop(client: Client, invited: tuple[User, str]) -> None:
    _person, token = invited
    assert "Set a password to start." in client.get(f"/invite/{token}/").content.decode()
    Shop.objects.create(pk=1, name="LIV & LightMe")
    shop_name.forget()
    assert "Set a password to work at LIV &amp; LightMe." in client.get(f"/invite/{token}/").content.decode()


def test_works_once(client: Client, invited: tuple[User, str]) -> None:
    _, token = invited
    client.post(f"/invite/{token}/", NEW)
    assert Client().get(f"/invite/{token}/").status_code == 410
    assert Client().post(f"/invite/{token}/", NEW).status_code == 410


def test_a_weak_password_does_not_use_it_up(client: Client, invited: tuple[User, str]) -> None:
    _, token = invited
    for weak in ("short", "1234567890", "password12"):
        response = client.post(f"/invite/{token}/", {"new_password1": weak, "new_password2": weak})
        assert response.status_code == 200
    assert client.post(f"/invite/{token}/", NEW).status_code == 302


def test_ends_after_7_days(client: Client, invited: tuple[User, str]) -> None:
    _, token = invited
    invitation = Invitation.objects.get()
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/invite/{token}/").status_code == 410
    assert client.post(f"/invite/{token}/", NEW).status_code == 410


def test_a_newer_link_replaces_it(client: Client, owner: User, invited: tuple[User, str]) -> None:
    person, token = invited
    _, newer = person_make_link(actor=owner, person_id=person.pk)
    assert client.get(f"/invite/{token}/").status_code == 410
    assert client.get(f"/invite/{newer}/").status_code == 200


def test_deactivation_kills_it_for_good(client: Client, owner: User, invited: tuple[User, str]) -> None:
    person, token = invited
    person_deactivate(actor=owner, person_id=person.pk)
    assert client.post(f"/invite/{token}/", NEW).status_code == 410
    User.objects.filter(pk=person.pk).update(is_active=True)
    assert client.post(f"/invite/{token}/", NEW).status_code == 410


def test_a_forgotten_password_is_replaced_and_sessions_end(
    client: Client, owner_client: Client, agent: User, agent_client: Client
) -> None:
    page = owner_client.post(f"/team/{agent.pk}/link/").content.decode()
    token = page.partition("/invite/")[2].partition("/")[0]
    assert agent_client.get("/account/").status_code == 200
    client.post(f"/invite/{token}/", NEW)
    assert agent_client.get("/account/").status_code == 302


@pytest.mark.parametrize("token", ["x", "x" * 2000, "%00", "..%2f", "ไทย"])
def test_unknown_links(client: Client, db: None, token: str) -> None:
    assert client.get(f"/invite/{token}/").status_code in (404, 410)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_only_one_gets_in() -> None:
    owner = User.objects.create_user("owner", "o@saifa.test", "correct horse battery")
    owner.groups.add(Group.objects.get_or_create(name="Owner")[0])
    _, token = person_add(actor=owner, name="Fon", email="fon@saifa.test", role=AGENT)

    def accept(_: int) -> int:
        try:
            return Client().post(f"/invite/{token}/", NEW).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(accept, range(4))) == [302, 410, 410, 410]
