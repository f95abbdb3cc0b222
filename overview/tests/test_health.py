"""/healthz and /readyz: open, quick, without cookies or redirects."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test import Client

from overview import readiness
from overview.models import Shop


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_open_over_plain_http_under_any_host(client: Client, settings, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client.cookies["sessionid"] = "whatever"
    response = client.get(path, headers={"host": "10.1.2.3:8000"})
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert "no-store" in response["Cache-Control"]


def test_healthz_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").status_code == 200  # the test has no database mark: a query would raise


def test_ready(client: Client, db: None) -> None:
    response = client.get("/readyz")
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "demo": "ok", "redis": "ok"},
    }


def test_not_ready_while_the_demo_loads(client: Client, db: None) -> None:
    shop = Shop.objects.create(pk=1, is_demo=True)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["demo"]) == (503, "loading")
    shop.demo_complete = True
    shop.save()
    assert client.get("/readyz").status_code == 200


def test_not_ready_without_redis(client: Client, db: None, settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock?db=0"}}
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["redis"]) == (503, "unavailable")


def test_not_ready_with_a_migration_to_run(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'overview' AND name = '0001_initial'")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["migrations"]) == (503, "pending")


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_a_database_and_says_so_quickly(client: Client) -> None:
    good = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        began = time.monotonic()
        response = client.get("/readyz")
        assert time.monotonic() - began < 5
        assert (response.status_code, response.json()["checks"]["database"]) == (503, "unavailable")
        assert client.get("/healthz").status_code == 200
    finally:
        connection.settings_dict["HOST"] = good
        connection.close()


def test_two_queries_beside_the_timeout(db: None, django_assert_num_queries) -> None:
    readiness.readiness()
    # savepoint, timeout, whether the migration table is there, migrations, demo, release
    with django_assert_num_queries(6):
        readiness.readiness()


def test_only_reading(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
