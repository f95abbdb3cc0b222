"""The team page: adding, roles, deactivation, and the owner who must remain."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from overview.models import Invitation, TeamEvent
from saifa_crm.access import AGENT, MARKETER, OWNER, roles_of

PASSWORD = "correct horse battery"


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_list_names_everybody_with_role_and_state(
    owner_client: Client, agent: User, marketer: User, outsider: User
) -> None:
    User.objects.filter(pk=marketer.pk).update(is_active=False)
    page = owner_client.get("/team/").content.decode()
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    for expected in ("owner@saifa.test", "Agent", "Deactivated", "No role", "(you)"):
        assert expected in words


def test_list_costs_the_same_for_5_and_50_people(owner_client: Client, django_assert_num_queries) -> None:
    group = Group.objects.get(name="Agent")
    for n in range(50):
        User.objects.create_user(f"p{n}").groups.add(group)
    # session, user, own groups, people, their groups, events, shop name and unread chats (in the rail),
    # alerts (once a minute)
    with django_assert_num_queries(9, exact=False):
        owner_client.get("/team/")


def add(client: Client, **changes: str):
    form = {"name": "ฝน สุขใจ", "email": "Fon@saifa.test", "role": "Agent", **changes}
    return client.post("/team/add/", form)


def test_adding_shows_a_link_once_and_keeps_a_hash_only(owner_client: Client) -> None:
    response = add(owner_client)
    token = re.findall(r"/invite/([\w-]+)/", response.content.decode())[0]
    person = User.objects.get(email="Fon@saifa.test")
    assert (person.username, person.get_full_name(), roles_of(person)) == ("fon", "ฝน สุขใจ", {AGENT})
    assert not person.has_usable_password()
    assert len(token) >= 43
    assert token not in str(Invitation.objects.values().get())
    assert "no-store" in response["Cache-Control"]
    assert token not in owner_client.get(f"/team/{person.pk}/").content.decode()


def test_usernames_stay_unique_and_an_address_is_used_once(owner_client: Client) -> None:
    add(owner_client, email="owner@elsewhere.test")
    assert User.objects.get(email="owner@elsewhere.test").username == "owner2"
    add(owner_client, email="สมชาย@elsewhere.test")
    response = add(owner_client, email="OWNER@saifa.test")
    assert "email" in response.context["form"].errors
    assert User.objects.filter(email__iexact="owner@saifa.test").count() == 1


@pytest.mark.parametrize("bad", [{"name": ""}, {"email": "no"}, {"role": "King"}, {"role": ""}, {"name": "a\0b"}])
def test_a_bad_form_adds_nobody(owner_client: Client, bad: dict[str, str]) -> None:
    assert add(owner_client, **bad).status_code == 200
    assert User.objects.count() == 1


def test_change_of_role_counts_at_the_next_click(owner_client: Client, agent: User, agent_client: Client) -> None:
    assert agent_client.get("/team/").status_code == 403
    owner_client.post(f"/team/{agent.pk}/role/", {"role": "Owner"})
    assert roles_of(fresh(agent)) == {OWNER}
    assert agent_client.get("/team/").status_code == 200
    owner_client.post(f"/team/{agent.pk}/role/", {"role": "Marketer"})
    assert roles_of(fresh(agent)) == {MARKETER}
    assert [event.kind for event in TeamEvent.objects.all()] == ["role", "role"]


def test_deactivation_ends_sessions_at_once(owner_client: Client, agent: User, agent_client: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(agent)
    assert agent_client.get("/account/").status_code == 200
    owner_client.post(f"/team/{agent.pk}/deactivate/")
    assert agent_client.get("/account/")["Location"] == "/login/?next=/account/"
    partial = elsewhere.get("/account/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/account/"})
    assert partial["HX-Redirect"] == "/login/?next=/account/"
    assert Session.objects.count() == 1  # the owner's
    assert Client().post("/login/", {"username": "agent", "password": PASSWORD}).status_code == 200
    owner_client.post(f"/team/{agent.pk}/reactivate/")
    assert agent_client.get("/account/").status_code == 302  # old sessions stay dead
    assert Client().post("/login/", {"username": "agent", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("change", [("role", {"role": "Agent"}), ("deactivate", {})])
def test_the_only_owner_stays(owner: User, owner_client: Client, change: tuple[str, dict[str, str]]) -> None:
    path, data = change
    response = owner_client.post(f"/team/{owner.pk}/{path}/", data)
    assert response.status_code == 409
    assert "only owner" in response.content.decode()
    assert fresh(owner).is_active
    assert roles_of(fresh(owner)) == {OWNER}


def test_owners_who_cannot_sign_in_do_not_count(owner: User, owner_client: Client, agent: User) -> None:
    add(owner_client, role="Owner")  # has not used the link
    agent.groups.set(Group.objects.filter(name="Owner"))
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert owner_client.post(f"/team/{owner.pk}/deactivate/").status_code == 409


def test_a_superuser_counts_as_owner_and_can_be_demoted(owner: User, owner_client: Client) -> None:
    root = User.objects.create_superuser("root", "root@saifa.test", PASSWORD)
    owner_client.post(f"/team/{owner.pk}/role/", {"role": "Marketer"})
    assert roles_of(fresh(owner)) == {MARKETER}
    client = Client()
    client.force_login(root)
    assert client.post(f"/team/{root.pk}/role/", {"role": "Agent"}).status_code == 409
    client.post(f"/team/{owner.pk}/role/", {"role": "Owner"})
    assert client.post(f"/team/{root.pk}/role/", {"role": "Agent"})["Location"] == "/"
    assert roles_of(fresh(root)) == {AGENT}
    assert not fresh(root).is_superuser


def test_other_groups_of_a_person_are_kept(owner_client: Client, agent: User) -> None:
    agent.groups.add(Group.objects.create(name="Night shift"))
    owner_client.post(f"/team/{agent.pk}/role/", {"role": "Marketer"})
    assert set(fresh(agent).groups.values_list("name", flat=True)) == {"Night shift", "Marketer"}


@pytest.mark.parametrize("path", ["role", "deactivate", "link", "reactivate", ""])
def test_nobody_under_this_number(owner_client: Client, path: str) -> None:
    url = f"/team/999999/{path}/" if path else "/team/999999/"
    response = owner_client.post(url, {"role": "Agent"}) if path else owner_client.get(url)
    assert response.status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["role", "deactivate"])
@pytest.mark.parametrize("bystander", [False, True])
def test_two_owners_remove_each_other_at_once(path: str, bystander: bool) -> None:
    group = Group.objects.get_or_create(name="Owner")[0]
    names = ["a", "b", "c"] if bystander else ["a", "b"]
    people = [User.objects.create_user(name, f"{name}@saifa.test", PASSWORD) for name in names]
    for one in people:
        one.groups.add(group)
    first, second = people[:2]
    clients = {first: Client(), second: Client()}
    for actor, client in clients.items():
        client.force_login(actor)

    def remove(pair: tuple[User, User]) -> int:
        actor, target = pair
        try:
            return clients[actor].post(f"/team/{target.pk}/{path}/", {"role": "Agent"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(remove, [(first, second), (second, first)]))
    still = [one for one in (first, second) if fresh(one).is_active and OWNER in roles_of(fresh(one))]
    assert len(still) == 1
    assert results.count(302) >= 1
