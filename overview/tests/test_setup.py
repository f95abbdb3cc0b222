"""The first owner's walk through an empty installation."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from overview.models import Shop


def test_createsuperuser_without_questions_makes_an_owner(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "USERNAME": "root",
        "EMAIL": "root@saifa.test",
        "PASSWORD": "three odd words",
    }.items():
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)
    call_command("createsuperuser", interactive=False, verbosity=0)
    assert client.post("/login/", {"username": "root", "password": "three odd words"})["Location"] == "/"
    assert client.get("/")["Location"] == "/welcome/"
    assert client.get("/team/").status_code == 200


def test_the_whole_walk(owner_client: Client) -> None:
    assert owner_client.get("/")["Location"] == "/welcome/"
    assert "name" in owner_client.get("/welcome/").context["step"]
    assert owner_client.post("/welcome/", {"name": "  "}).status_code == 200
    assert owner_client.post("/welcome/", {"name": "LIV"})["Location"] == "/welcome/?step=channel"
    page = owner_client.get("/welcome/?step=channel").content.decode()
    assert 'href="/channels/"' in page
    assert owner_client.get("/welcome/").context["step"] == "channel"  # picked up where it stopped
    response = owner_client.post("/welcome/?step=invite", {"name": "Fon", "email": "fon@saifa.test", "role": "Agent"})
    assert "/invite/" in response.content.decode()
    assert User.objects.filter(username="fon").exists()
    assert owner_client.post("/welcome/", {"done": "1"})["Location"] == "/"
    assert Shop.objects.get().name == "LIV"
    assert owner_client.get("/")["Location"] == "/contacts/"
    assert owner_client.get("/welcome/")["Location"] == "/"


def test_steps_beyond_the_name_wait_for_it(owner_client: Client) -> None:
    assert owner_client.get("/welcome/?step=invite").context["step"] == "name"
    assert owner_client.get("/welcome/?step=nonsense").context["step"] == "name"


def test_a_demo_shop_forces_nobody(owner_client: Client) -> None:
    Shop.objects.create(pk=1, name="LIV", is_demo=True)
    assert owner_client.get("/")["Location"] == "/contacts/"
    assert owner_client.get("/welcome/")["Location"] == "/"


def test_other_roles_and_other_pages_are_left_alone(
    agent_client: Client, marketer_client: Client, owner_client: Client
) -> None:
    assert agent_client.get("/")["Location"] == "/inbox/"
    assert marketer_client.get("/")["Location"] == "/contacts/"
    assert agent_client.get("/welcome/").status_code == 403
    assert owner_client.get("/team/").status_code == 200
