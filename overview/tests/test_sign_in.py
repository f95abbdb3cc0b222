"""Sign-in and sign-out."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

PASSWORD = "correct horse battery"


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str):
    return client.post("/login/", {"username": username, "password": password, **more})


@pytest.mark.parametrize("typed", ["owner", "OWNER", " Owner ", "owner@saifa.test", "Owner@Saifa.Test"])
def test_username_or_email_in_any_case(client: Client, owner: User, typed: str) -> None:
    response = sign_in(client, typed)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_two_people_with_one_email_need_their_usernames(client: Client, owner: User, agent: User) -> None:
    User.objects.update(email="both@saifa.test")
    assert sign_in(client, "both@saifa.test").status_code == 200
    assert sign_in(client, "agent").status_code == 302


def test_wrong_password_and_inactive_people_get_the_same_answer(client: Client, owner: User, agent: User) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)
    texts = {
        sign_in(client, name, password).context["form"].non_field_errors()[0]
        for name, password in (("owner", "wrong"), ("agent", PASSWORD), ("nobody", "wrong"))
    }
    assert len(texts) == 1


@pytest.mark.parametrize("name", ["x" * 400, "a\0b", "", "\ud800".encode("utf-8", "replace").decode()])
def test_odd_usernames_are_refused_calmly(client: Client, db: None, name: str) -> None:
    assert sign_in(client, name).status_code == 200


def test_next_leads_on_within_this_host_only(client: Client, owner: User) -> None:
    assert sign_in(client, "owner", next="/contacts/?q=a")["Location"] == "/contacts/?q=a"
    client.logout()
    assert sign_in(client, "owner", next="https://evil.example/")["Location"] == "/"
    client.logout()
    assert sign_in(client, "owner", next="//evil.example/")["Location"] == "/"


def test_staying_signed_in_is_a_choice(client: Client, owner: User) -> None:
    assert sign_in(client, "owner").cookies["sessionid"]["max-age"] == ""
    client.logout()
    assert sign_in(client, "owner", remember="on").cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_somebody_signed_in_is_led_on(owner_client: Client) -> None:
    assert owner_client.get("/login/")["Location"] == "/"


def test_sign_out_needs_a_post(owner_client: Client) -> None:
    page = owner_client.get("/logout/")
    assert page.status_code == 200
    assert "_auth_user_id" in owner_client.session
    assert owner_client.post("/logout/")["Location"] == "/login/"
    assert "_auth_user_id" not in owner_client.session
    assert owner_client.get("/logout/")["Location"] == "/login/"


def test_password_change_ends_other_sessions(owner: User, owner_client: Client) -> None:
    other = Client()
    other.force_login(owner)
    form = {"old_password": PASSWORD, "new_password1": "three odd words", "new_password2": "three odd words"}
    assert owner_client.post("/account/password/", form)["Location"] == "/account/"
    assert owner_client.get("/account/").status_code == 200
    assert other.get("/account/")["Location"].startswith("/login/")


def test_password_change_asks_for_the_old_one(owner_client: Client) -> None:
    form = {"old_password": "guess", "new_password1": "three odd words", "new_password2": "three odd words"}
    response = owner_client.post("/account/password/", form)
    assert response.status_code == 200
    assert "old_password" in response.context["form"].errors


@pytest.mark.parametrize(("who", "where"), [("agent", "/inbox/"), ("marketer", "/contacts/"), ("owner", "/contacts/")])
def test_home_by_role(who: str, where: str, request: pytest.FixtureRequest) -> None:
    from overview.models import Shop

    client = request.getfixturevalue(f"{who}_client")
    Shop.objects.create(pk=1, name="LIV", setup_done=True)
    assert client.get("/")["Location"] == where


def test_roles_come_with_the_person(agent: User, agent_client: Client) -> None:
    agent_client.get("/account/")
    with CaptureQueriesContext(connection) as queries:
        assert agent_client.get("/account/").status_code == 200
    assert not [query["sql"] for query in queries if query["sql"].startswith('SELECT "auth_group"')]
    agent.groups.clear()
    assert agent_client.get("/contacts/").status_code == 403


def test_who_is_deactivated_is_signed_out_at_once(agent: User, agent_client: Client) -> None:
    assert agent_client.get("/contacts/").status_code == 200
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert agent_client.get("/contacts/").status_code == 302
