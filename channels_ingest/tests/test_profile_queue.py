"""Whose profile is asked for when: one call a person, a channel that waits as a whole, a queue that empties itself."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels_ingest import pacing, profile_sweep, tasks
from channels_ingest.models import Connection, ConnectionState
from channels_ingest.profiles import profile_fetch
from channels_ingest.services_check import connection_check
from channels_ingest.services_connect import connection_connect
from contacts.models import Channel, Contact, FollowState, Identity, ProfileState
from contacts.selectors import profile_queue
from contacts.services import profiles_due_now
from saifa_crm.lib import redis_client

from .posts import LINE_BOT, connect, line_body, line_event, post_line

PROFILE = "/v2/bot/profile/"
LONG_AGO = dt.timedelta(days=8)


@pytest.fixture
def platform(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    settings.LINE_API_BASE_URL = httpserver.url_for("").rstrip("/")
    return httpserver


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Ids of the identities whose task was queued."""
    ids: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, *args: ids.extend(args))
    yield ids


def people(*names: str, channel: Channel | None = None) -> list[Identity]:
    """People who have just written to a LINE account."""
    channel = channel or connect("line", LINE_BOT)
    events = [line_event(name, f"{name}-1") for name in names]
    post_line(channel, line_body(*events, destination=channel.external_id))
    return list(Identity.objects.filter(channel=channel).order_by("external_id"))


def tells(platform: HTTPServer) -> None:
    """Everybody's profile is told, under a name made of their id."""

    def answer(request: Request) -> Response:
        person = request.path.removeprefix(PROFILE)
        return Response(f'{{"displayName": "Name of {person}", "userId": "{person}"}}', content_type="application/json")

    platform.clear()
    platform.expect_request("/v2/bot/info").respond_with_json({"userId": LINE_BOT, "displayName": "Saifa Shop"})
    platform.expect_request("/v2/bot/channel/webhook/endpoint", method="GET").respond_with_json({"active": True})
    platform.expect_request("/v2/bot/channel/webhook/endpoint", method="PUT").respond_with_json({})
    platform.expect_request(re.compile(f"^{PROFILE}")).respond_with_handler(answer)


def refuses(platform: HTTPServer, status: int, headers: dict[str, str] | None = None) -> None:
    everybody = platform.expect_request(re.compile(f"^{PROFILE}"))
    everybody.respond_with_json({"message": "no"}, status=status, headers=headers)


def asked(platform: HTTPServer) -> list[str]:
    paths = [request.path for request, _ in platform.log]
    return [path.removeprefix(PROFILE) for path in paths if path.startswith(PROFILE)]


def sweep(queued: list[int]) -> list[int]:
    queued.clear()
    tasks.sweep_profiles()
    return list(queued)


def run(ids: list[int]) -> None:
    for identity_id in ids:
        tasks.profile_fetch(identity_id)


def wipe() -> None:
    for name in redis_client.client().scan_iter(redis_client.key("*")):
        redis_client.client().delete(name)


def names() -> list[str]:
    return sorted(Contact.objects.values_list("name", flat=True))


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_ask_for_the_same_person(platform: HTTPServer) -> None:
    (person,) = people("Ua")

    def work() -> None:
        try:
            profile_fetch(identity_id=person.pk)
        finally:
            database.close()

    def answer(_: Request) -> Response:
        other = threading.Thread(target=work)
        other.start()
        other.join(20)
        return Response('{"displayName": "Nan"}', content_type="application/json")

    platform.expect_request(f"{PROFILE}Ua").respond_with_handler(answer)
    run([person.pk, person.pk])
    assert asked(platform) == ["Ua"]
    assert names() == ["Nan"]


@pytest.mark.django_db
@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "120"}, 120), ({}, 30)])
def test_a_channel_told_to_wait_waits_as_a_whole(
    platform: HTTPServer, queued: list[int], headers: dict[str, str], seconds: int
) -> None:
    waiting = people("Ua", "Ub", "Uc")
    refuses(platform, 429, headers)
    run(sweep(queued))
    channel_id = waiting[0].channel_id
    assert asked(platform) == ["Ua"]
    assert set(Identity.objects.values_list("profile_tries", flat=True)) == {0}
    assert sweep(queued) == []
    assert redis_client.client().ttl(redis_client.key(f"profiles:pause:{channel_id}")) == pytest.approx(seconds, abs=2)
    other = connect("line", "Uother")
    (elsewhere,) = people("Ud", channel=other)
    assert sweep(queued) == [elsewhere.pk]

    redis_client.client().delete(redis_client.key(f"profiles:pause:{channel_id}"))
    tells(platform)
    run([*sweep(queued), elsewhere.pk])
    assert names() == ["Name of Ua", "Name of Ub", "Name of Uc", "Name of Ud"]


@pytest.mark.django_db
def test_being_told_again_and_again_makes_the_wait_longer(platform: HTTPServer) -> None:
    (person,) = people("Ua")
    refuses(platform, 429)
    pause = redis_client.key(f"profiles:pause:{person.channel_id}")
    waits = []
    for _ in range(3):
        run([person.pk])
        waits.append(redis_client.client().ttl(pause))
        redis_client.client().delete(pause)
    assert waits == [pytest.approx(seconds, abs=2) for seconds in (30, 60, 120)]


@pytest.mark.django_db
def test_a_dead_token_costs_one_call_and_a_new_one_brings_all_names(platform: HTTPServer, queued: list[int]) -> None:
    channel = people("Ua", "Ub", "Uc")[0].channel
    Identity.objects.filter(external_id="Uc").update(profile_next_at=timezone.now() + dt.timedelta(hours=5))
    refuses(platform, 401)
    run(sweep(queued))
    assert asked(platform) == ["Ua"]
    assert Connection.objects.get().state == ConnectionState.RECONNECT
    assert set(Identity.objects.values_list("profile_tries", flat=True)) == {0}
    assert sweep(queued) == []
    assert profile_queue([channel.pk]) == {channel.pk: 3}

    tells(platform)
    connection_connect(platform="line", external_id=LINE_BOT, name="", token="new")
    connection_check(connection_id=channel.connection.pk)
    run(sweep(queued))
    assert names() == ["Name of Ua", "Name of Ub", "Name of Uc"]
    assert profile_queue([channel.pk]) == {}


@pytest.mark.django_db
def test_a_permission_given_and_checked_makes_the_names_due(platform: HTTPServer, queued: list[int]) -> None:
    channel = people("Ua")[0].channel
    refuses(platform, 403)
    run(sweep(queued))
    assert sweep(queued) == []
    tells(platform)
    connection_check(connection_id=channel.connection.pk, daily=True)
    assert sweep(queued) == []  # nobody said that anything was mended
    connection_check(connection_id=channel.connection.pk)
    run(sweep(queued))
    assert names() == ["Name of Ua"]


@pytest.mark.django_db(transaction=True)
def test_names_made_due_do_not_wait_for_a_delivery_that_holds_the_row() -> None:
    channel = people("Ua", "Ub")[0].channel
    later = timezone.now() + dt.timedelta(hours=5)
    Identity.objects.update(profile_next_at=later)

    def due_now() -> None:
        try:
            profiles_due_now(channel_id=channel.pk)
        finally:
            database.close()

    with transaction.atomic():
        Identity.objects.filter(external_id="Ua").update(last_seen_at=later)
        other = threading.Thread(target=due_now)
        other.start()
        other.join(20)
        assert not other.is_alive()
    due = Identity.objects.filter(profile_next_at__lt=later).values_list("external_id", flat=True)
    assert list(due) == ["Ub"]


@pytest.mark.django_db
def test_an_outage_is_sat_out_by_the_channel_and_its_end_frees_everybody(
    platform: HTTPServer, queued: list[int]
) -> None:
    channel = people("Ua", "Ub", "Uc", "Ud", "Ue", "Uf")[0].channel
    refuses(platform, 500)
    run(sweep(queued))
    assert asked(platform) == ["Ua", "Ub", "Uc", "Ud", "Ue"]  # then it is the platform
    assert sweep(queued) == []
    redis_client.client().delete(redis_client.key(f"profiles:pause:{channel.pk}"))
    tells(platform)
    run(sweep(queued))
    assert asked(platform) == ["Uf"]
    run(sweep(queued))
    assert len(names()) == len([name for name in names() if name.startswith("Name of")]) == 6


@pytest.mark.django_db
def test_names_arrive_when_redis_is_wiped_with_the_tasks_queued(platform: HTTPServer, queued: list[int]) -> None:
    everybody = [person.pk for person in people("Ua", "Ub")]
    tells(platform)
    assert sweep(queued) == everybody
    assert sweep(queued) == []  # they are in the queue
    wipe()
    run(sweep(queued))
    assert names() == ["Name of Ua", "Name of Ub"]
    assert sweep(queued) == []


@pytest.mark.django_db
def test_without_redis_it_goes_on_slowly(
    platform: HTTPServer, queued: list[int], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    (person,) = people("Ua")
    tells(platform)
    settings.CACHES = {"default": {"LOCATION": "unix:///nowhere/redis.sock"}}
    away = redis_client.client.__wrapped__()
    for module in (pacing, profile_sweep):
        monkeypatch.setattr(module, "client", lambda: away)
    assert sweep(queued) == [person.pk]
    run(queued)
    assert names() == ["Name of Ua"]
    waits = [pacing.turn(person.channel_id, pacing.OTHERS) for _ in range(5)]
    assert waits[:3] == [pytest.approx(seconds, abs=0.9) for seconds in (1, 2, 3)]
    assert waits[-1] is None


def test_turns_keep_to_the_pace() -> None:
    pace = pacing.Pace(rate=1, burst=2)
    waits = [pacing.turn(-1, pace) for _ in range(6)]
    assert waits[:5] == [pytest.approx(seconds, abs=0.5) for seconds in (0, 0, 1, 2, 3)] or waits[4] is None
    assert waits[5] is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "tries", "answered", "wrote", "again"),
    [
        ("fetched", 0, dt.timedelta(days=8), True, True),
        ("fetched", 0, dt.timedelta(days=8), False, False),
        ("fetched", 0, dt.timedelta(days=6), True, False),
        ("unavailable", 1, dt.timedelta(hours=2), True, True),
        ("unavailable", 1, dt.timedelta(hours=2), False, False),
        ("unavailable", 1, dt.timedelta(minutes=30), True, False),
        ("unavailable", 2, dt.timedelta(hours=2), True, False),
        ("unavailable", 2, dt.timedelta(hours=5), True, True),
        ("unavailable", 90, dt.timedelta(days=41), True, False),
        ("unavailable", 90, dt.timedelta(days=44), True, True),
        ("pending", 0, dt.timedelta(days=8), True, False),
    ],
)
def test_who_has_written_since_is_asked_for_again(
    state: str, tries: int, answered: dt.timedelta, wrote: bool, again: bool
) -> None:
    (person,) = people("Ua")
    now = timezone.now()
    last_seen = now - answered + (dt.timedelta(minutes=10) if wrote else -dt.timedelta(minutes=10))
    Contact.objects.update(latest_contact_at=now)  # by another channel of theirs, perhaps
    Identity.objects.update(
        profile_state=state, profile_tries=tries, profile_fetched_at=now - answered, last_seen_at=last_seen
    )
    assert profile_sweep.stale_profiles_renew() == int(again)
    person.refresh_from_db()
    assert (person.profile_state == ProfileState.PENDING) == (again or state == "pending")
    assert person.profile_next_at <= timezone.now() + dt.timedelta(hours=1)


@pytest.mark.django_db
def test_who_unblocks_the_account_is_asked_for_again() -> None:
    people("Ua")
    now = timezone.now()
    Identity.objects.update(
        profile_state=ProfileState.UNAVAILABLE,
        profile_fetched_at=now - dt.timedelta(minutes=5),
        follow_state=FollowState.FOLLOWING,
        follow_changed_at=now,
    )
    assert profile_sweep.stale_profiles_renew() == 1
    assert profile_sweep.stale_profiles_renew() == 0


@pytest.mark.django_db
def test_a_profile_that_is_gone_leaves_the_name_that_was_known(platform: HTTPServer) -> None:
    (person,) = people("Ua")
    tells(platform)
    run([person.pk])
    Identity.objects.update(profile_state=ProfileState.PENDING)
    platform.clear()
    refuses(platform, 404)
    run([person.pk])
    person.refresh_from_db()
    assert (person.profile_state, person.profile_tries) == (ProfileState.UNAVAILABLE, 1)
    assert names() == ["Name of Ua"]


@pytest.mark.django_db
def test_queue_lengths_take_one_query_and_stand_on_the_page(
    owner_client: Client, django_assert_num_queries: Any, platform: HTTPServer
) -> None:
    here, there = connect("line", LINE_BOT), connect("line", "Uother")
    people("Ua", "Ub", channel=here)
    people("Uc", channel=there)
    Identity.objects.filter(external_id="Uc").update(profile_name="Nan")  # known, only asked for again
    with django_assert_num_queries(1):
        assert profile_queue([here.pk, there.pk]) == {here.pk: 2}
    html = owner_client.get("/channels/").content.decode()
    assert html.count("2 customers still without a name from LINE") == 1
    assert html.count("still without a name") == 1


@pytest.mark.django_db
def test_the_queues_are_read_from_their_index() -> None:
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")  # what a large table prefers
        cursor.execute(
            "EXPLAIN SELECT id FROM contacts_identity WHERE channel_id = 1 AND profile_state = 'pending'"
            " AND profile_next_at <= now() ORDER BY profile_next_at LIMIT 5"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "identity_profile_waiting" in plan
    assert "Sort" not in plan
