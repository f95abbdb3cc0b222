"""Sign-in throttle: 5 by (person, address) in 15 minutes, 15 minutes' cool-off, 100 by the address alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import F
from django.test import Client, override_settings

from overview.services import sign_in_purge
from overview.throttle import address_of

PASSWORD = "correct horse battery"
MINUTE = timedelta(minutes=1)


def attempt(password: str = "wrong", name: str = "owner", address: str = "198.51.100.7", agent: str = "a") -> int:
    response = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent).post(
        "/login/", {"username": name, "password": password}
    )
    return response.status_code


def pass_by(time: timedelta) -> None:
    AccessFailureLog.objects.update(attempt_time=F("attempt_time") - time)


def test_sixth_try_is_refused_even_with_the_right_password(owner: User) -> None:
    assert [attempt() for _ in range(5)] == [200, 200, 200, 200, 429]
    assert attempt(PASSWORD) == 429


def test_other_names_spellings_and_browsers_are_no_way_round(owner: User) -> None:
    for name in ("owner", "OWNER", "owner@saifa.test", "Owner@SAIFA.test", " owner "):
        attempt(name=name, agent=name)
    assert attempt(PASSWORD, agent="another") == 429


def test_a_colleague_at_the_same_address_and_the_person_elsewhere_sign_in(owner: User, agent: User) -> None:
    for _ in range(5):
        attempt()
    assert attempt(PASSWORD, name="agent") == 302
    assert attempt(PASSWORD, address="203.0.113.9") == 302


def test_cool_off_lasts_15_minutes_from_the_fifth_and_is_not_prolonged(owner: User) -> None:
    for _ in range(5):
        attempt()
    pass_by(10 * MINUTE)
    assert attempt() == 429
    pass_by(4.5 * MINUTE)
    assert attempt(PASSWORD) == 429
    pass_by(MINUTE)
    assert attempt() == 200
    assert attempt(PASSWORD) == 302


def test_only_tries_within_15_minutes_count(owner: User) -> None:
    for _ in range(2):
        attempt()
    pass_by(10 * MINUTE)
    for _ in range(2):
        attempt()
    pass_by(10 * MINUTE)
    assert [attempt() for _ in range(3)] == [200, 200, 429]


def test_success_clears_the_count(owner: User) -> None:
    for _ in range(4):
        attempt()
    assert attempt(PASSWORD) == 302
    assert [attempt() for _ in range(4)] == [200] * 4


def test_the_page_says_when_to_come_back(owner: User) -> None:
    for _ in range(4):
        attempt()
    response = Client(REMOTE_ADDR="198.51.100.7").post("/login/", {"username": "owner", "password": "wrong"})
    assert response.status_code == 429
    assert 890 <= int(response["Retry-After"]) <= 900
    assert b"15 minutes" in response.content


def test_an_address_alone_is_refused_at_one_hundred(owner: User) -> None:
    AccessFailureLog.objects.bulk_create(
        AccessFailureLog(username=f"name{n}", ip_address="198.51.100.7", user_agent="") for n in range(99)
    )
    assert attempt(name="agent") == 429
    assert attempt(PASSWORD) == 429
    assert attempt(PASSWORD, address="198.51.100.8") == 302
    pass_by(16 * MINUTE)
    assert attempt(PASSWORD) == 302


def test_one_hundred_spread_over_an_hour_are_fine(owner: User) -> None:
    for quarter in range(4):
        AccessFailureLog.objects.bulk_create(
            AccessFailureLog(username=f"{quarter}-{n}", ip_address="198.51.100.7", user_agent="") for n in range(30)
        )
        pass_by(15 * MINUTE)
    assert attempt(PASSWORD) == 302


def test_nothing_that_was_posted_is_kept(owner: User) -> None:
    attempt("a-secret-typed-wrongly")
    assert not AccessAttempt.objects.exists()
    row = AccessFailureLog.objects.values().get()
    assert "a-secret-typed-wrongly" not in str(row)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_five_tries() -> None:
    user = User.objects.create_user("racer", "racer@saifa.test", PASSWORD)
    user.groups.add(Group.objects.get_or_create(name="Agent")[0])

    def once(_: int) -> int:
        try:
            return attempt(name="racer")
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(once, range(20)))
    assert results.count(200) == 4
    assert results.count(429) == 16
    assert AccessFailureLog.objects.count() == 5


@override_settings(
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere.sock",
        }
    }
)
def test_without_redis_neither_locked_out_nor_open(owner: User) -> None:
    assert attempt(PASSWORD) == 302
    for _ in range(5):
        attempt()
    assert attempt(PASSWORD) == 429


def test_old_tries_are_purged(owner: User) -> None:
    attempt()
    sign_in_purge()
    assert AccessFailureLog.objects.count() == 1
    pass_by(timedelta(days=31))
    sign_in_purge()
    assert not AccessFailureLog.objects.exists()


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("", "127.0.0.1"),
    ],
)
def test_address_that_is_counted(rf, peer: str, counted: str) -> None:
    assert address_of(rf.get("/", REMOTE_ADDR=peer)) == counted


@pytest.mark.parametrize(
    ("count", "forwarded", "counted"),
    [
        (0, "203.0.113.9", "198.51.100.7"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.7"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::"),
        (1, "'; drop table", "198.51.100.7"),
        (1, "unknown", "198.51.100.7"),
    ],
)
def test_forwarded_addresses_count_behind_trusted_proxies_only(
    rf, settings, count: int, forwarded: str, counted: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    request = rf.get("/", REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == counted
