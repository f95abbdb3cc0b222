"""A person's own page, and the language of every page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from overview.models import StaffProfile


def language(client: Client, path: str = "/login/", **headers: str) -> str:
    return str(client.get(path, headers=headers)["Content-Language"])


def test_browser_then_english(client: Client, db: None) -> None:
    assert language(client) == "en"
    assert language(client, **{"accept-language": "th-TH,th;q=0.9,en;q=0.5"}) == "th"
    assert language(client, **{"accept-language": "de,fr;q=0.5"}) == "en"


def test_a_choice_before_sign_in_lives_in_a_cookie(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "th", "next": "/login/"})
    assert response["Location"] == "/login/"
    assert language(client, **{"accept-language": "en"}) == "th"


def test_a_persons_choice_follows_them(owner: User, owner_client: Client) -> None:
    owner_client.post("/language/", {"language": "th", "next": "/account/"})
    assert StaffProfile.objects.get(user=owner).language == "th"
    assert language(owner_client, "/account/") == "th"
    elsewhere = Client()
    assert language(elsewhere) == "en"
    elsewhere.post("/login/", {"username": "owner", "password": "correct horse battery"})
    assert language(elsewhere, "/account/", **{"accept-language": "en"}) == "th"


def test_back_to_what_the_browser_says(owner: User, owner_client: Client) -> None:
    owner_client.post("/language/", {"language": "th"})
    form = {"name": "Fern", "email": "owner@saifa.test", "language": ""}
    assert owner_client.post("/account/", form)["Location"] == "/account/"
    assert StaffProfile.objects.get(user=owner).language == ""
    assert language(owner_client, "/account/") == "en"
    assert language(owner_client, "/account/", **{"accept-language": "th"}) == "th"


@pytest.mark.parametrize("bad", ["xx", "", "../../etc", "th\0", "x" * 500])
def test_an_unknown_language_is_no_choice(owner: User, owner_client: Client, bad: str) -> None:
    assert owner_client.post("/language/", {"language": bad}).status_code == 302
    assert StaffProfile.objects.get(user=owner).language == ""


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_switch_leads_back_within_this_host_only(client: Client, db: None, target: str) -> None:
    assert client.post("/language/", {"language": "th", "next": target})["Location"] == "/"


def test_the_switch_leads_back_to_the_page_it_stood_on(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "th"}, headers={"referer": "http://testserver/contacts/?q=a"})
    assert response["Location"] == "/contacts/?q=a"


def test_name_and_address_are_saved(owner: User, owner_client: Client) -> None:
    form = {"name": "เฟิร์น ใจดี", "email": "fern@saifa.test", "language": "th"}
    owner_client.post("/account/", form)
    owner.refresh_from_db()
    assert (owner.get_full_name(), owner.email) == ("เฟิร์น ใจดี", "fern@saifa.test")


def test_nobody_takes_anothers_address(owner_client: Client, agent: User) -> None:
    response = owner_client.post("/account/", {"name": "x", "email": "AGENT@saifa.test", "language": ""})
    assert "email" in response.context["form"].errors


def test_people_without_a_role_reach_their_account(outsider_client: Client) -> None:
    assert outsider_client.get("/account/").status_code == 200


def test_the_switch_survives_a_referrer_that_is_none(client: Client, db: None) -> None:
    assert client.post("/language/", {"language": "th"}, headers={"Referer": "http://["})["Location"] == "/"
