"""The fixed cast of every test: owner, agent, marketer, outsider (no group), and a client for each."""

from __future__ import annotations

import os

import django
import pytest

from saifa_crm.stack.services import ensure_services

# Before the settings are read: pytest-django would read them earlier if pytest.ini named them. Workers of
# pytest-xdist inherit what the first process set.
ensure_services()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")
django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.test import Client  # noqa: E402


def _person(name: str, *groups: str) -> User:
    user = User.objects.create_user(name, f"{name}@saifa.test", "correct horse battery")
    user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    return user


@pytest.fixture
def owner(db: None) -> User:
    return _person("owner", "Owner")


@pytest.fixture
def agent(db: None) -> User:
    return _person("agent", "Agent")


@pytest.fixture
def marketer(db: None) -> User:
    return _person("marketer", "Marketer")


@pytest.fixture
def outsider(db: None) -> User:
    return _person("outsider")


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner_client(owner: User) -> Client:
    return _client(owner)


@pytest.fixture
def agent_client(agent: User) -> Client:
    return _client(agent)


@pytest.fixture
def marketer_client(marketer: User) -> Client:
    return _client(marketer)


@pytest.fixture
def outsider_client(outsider: User) -> Client:
    return _client(outsider)


@pytest.fixture(autouse=True, scope="session")
def _own_spool(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that a test spools meets a running installation's."""
    from django.conf import settings

    settings.SPOOL_DIR = tmp_path_factory.mktemp("spool")


@pytest.fixture(autouse=True, scope="session")
def _no_stale_keys() -> None:
    """Row ids begin anew with each run's database; what Redis keeps by id must not outlive the run before."""
    from saifa_crm.lib.redis_client import client, key

    for name in client().scan_iter(key("*"), count=1000):
        client().delete(name)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Each test has a database of its own; what is known of secrets, outages and alerts must not outlive it."""
    from channels_ingest.alerts import alerts
    from channels_ingest.secret_store import store
    from contacts.selectors.export import exports_waiting
    from overview.selectors import shop_name
    from overview.unread import rail_unread
    from saifa_crm.lib.circuit import circuit

    store.forget()
    circuit.reset()
    for kept in (alerts, exports_waiting, rail_unread, shop_name):
        kept.forget()
