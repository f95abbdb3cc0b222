"""Segments: saving, opening, changing, who may do what, counts."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.list_urls import ListUrl
from contacts.models import Contact, Segment, UserType
from contacts.segments import BUILT_INS, canonical
from contacts.selectors.segments import SegmentsOf
from contacts.services import segments as services
from contacts.services.segments import segment_create, segment_move
from saifa_crm.tests.caches import forget_all
from saifa_crm.tests.threads import together

from .factories import make_channel, make_contact, make_label
from .pages import ids_of, total_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_kept() -> None:
    forget_all()


def _save(owner: User, name: str, query: str = "user_type=vip", shared: bool = False) -> Segment:
    return segment_create(owner=owner, name=name, query=query, shared=shared)


def _open(segment: Segment) -> str:
    return f"/contacts/?{segment.query}&segment={segment.pk}"


def _current(html: str) -> str:
    """Key of the open view."""
    found = re.findall(r'<a id="view-([\w-]+)"[^>]* aria-current="page"', html)
    assert len(found) == 1
    return str(found[0])


def _tabs(client: Client) -> list[str]:
    return re.findall(r'<a id="view-([\w-]+)" href="/contacts/\?*[^"]*"', client.get("/contacts/").content.decode())


def _counts(client: Client, query: str = "") -> dict[str, str]:
    html = client.get(f"/contacts/segments/counts/?{query}").content.decode()
    return dict(re.findall(r'id="view-count-([\w-]+)" data-digits="\d+" hx-swap-oob="true">([^<]*)<', html))


# What is kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("page=3&per_page=50&segment=7&user_type=vip", "user_type=vip"),
        ("sort=-latest_contact&user_type=vip", "user_type=vip"),
        ("sort=-latest_contact&q=a", "q=a&sort=-latest_contact"),  # without it: best match first
        ("label=2&label=1&label_match=any", "label=1&label=2"),
        ("label=2&label_match=all", "label=2&label_match=all"),
        ("label_match=all", ""),
        ("bogus=1&silent_days=60&bought=yes", "bought=yes&silent_days=60"),
        ("q=%E0%B8%AA%26%3D", "q=%E0%B8%AA%26%3D"),
    ],
)
def test_the_same_list_is_kept_the_same_way(given: str, kept: str) -> None:
    assert canonical(ListUrl.of(QueryDict(given))) == kept


def test_built_in_views_are_canonical() -> None:
    assert [canonical(ListUrl.of(QueryDict(view.query))) for view in BUILT_INS] == [view.query for view in BUILT_INS]


def test_built_in_views_hold_whom_they_say(agent_client: Client) -> None:
    now = timezone.now()
    old = now - timedelta(days=90)
    new = make_contact(first_contact_at=now, latest_contact_at=now, phone="+66812345678")
    vip = make_contact(user_type=UserType.VIP, latest_contact_at=now, phone="+66812345679", first_contact_at=old)
    gone = make_contact(
        order_count=1, latest_contact_at=now - timedelta(days=61), phone="+66812345670", first_contact_at=old
    )
    bare = make_contact(latest_contact_at=now - timedelta(days=61), first_contact_at=old)
    wanted = {"new": {new.pk}, "vip": {vip.pk}, "slipping": {gone.pk}, "no-phone": {bare.pk}}
    for view in BUILT_INS[1:]:
        page = agent_client.get(f"/contacts/?{view.query}")
        assert set(ids_of(page)) == wanted[view.key]
        assert _current(page.content.decode()) == view.key
    assert _counts(agent_client) == {"all": "4", "new": "1", "vip": "1", "slipping": "1", "no-phone": "1"}


# Saving


def test_saving_opens_the_view_and_shows_its_tab(marketer: User, marketer_client: Client) -> None:
    make_contact("somebody")
    vip = make_contact("Mint", user_type=UserType.VIP)
    answer = marketer_client.post(
        "/contacts/segments/new/",
        {"name": "  ลูกค้า   ประจำ ", "who": "private", "query": "page=2&sort=-value&user_type=vip"},
    )
    segment = Segment.objects.get()
    assert (segment.name, segment.query, segment.owner, segment.shared) == (
        "ลูกค้า ประจำ", "user_type=vip&sort=-value", marketer, False,
    )  # fmt: skip
    assert answer["Location"] == f"/contacts/?user_type=vip&sort=-value&segment={segment.pk}"
    page = marketer_client.get(answer["Location"])
    assert ids_of(page) == [vip.pk]
    html = page.content.decode()
    assert _current(html) == str(segment.pk)
    assert "ลูกค้า ประจำ</b>" in html
    assert 'class="edited"' not in html
    assert 'id="view-save"' not in html


def test_the_form_says_what_it_keeps(marketer_client: Client) -> None:
    label, other = make_label("COD"), make_label("Wholesale")
    query = f"label={label.pk}&label={other.pk}&label_match=all&has_phone=no&sort=-value&page=4"
    html = marketer_client.get(f"/contacts/segments/new/?{query}").content.decode()
    for words in ("COD", "Wholesale", "All of these", "Has none", "Value, highest first"):
        assert words in html
    assert f'value="label={label.pk}&amp;label={other.pk}&amp;label_match=all&amp;has_phone=no&amp;sort=-value"' in html


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the view a name"),
        (" \u200b\u2800 ", "Type a name that can be read"),
        ("x" * 61, "at most 60 characters"),
        ("VIP SHOPS", "You have a view “VIP SHOPS” already"),
        ("ｖｉｐ shops", "already"),
    ],
)
def test_a_bad_name_is_told_and_nothing_typed_is_lost(
    marketer: User, marketer_client: Client, name: str, words: str
) -> None:
    _save(marketer, "Vip shops")
    posted = {"name": name, "who": "shared", "query": "user_type=vip&sort=-value"}
    page = marketer_client.post("/contacts/segments/new/", posted)
    html = page.content.decode()
    assert page.status_code == 422
    assert words in html
    assert f'name="name" value="{name}"' in html or not name.strip()
    assert re.search(r'name="who" value="shared" checked', html)
    assert 'name="query" value="user_type=vip&amp;sort=-value"' in html
    assert Segment.objects.count() == 1


TOO_MANY = "&".join(f"label={number}" for number in range(400))


@pytest.mark.parametrize("query", ["", "page=2", "sort=-latest_contact", "label=99999", "new_days=x", TOO_MANY])
def test_filters_that_cannot_be_kept(marketer_client: Client, query: str) -> None:
    page = marketer_client.post("/contacts/segments/new/", {"name": "A", "who": "private", "query": query})
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()
    assert not Segment.objects.exists()


def test_the_dialog_is_answered_in_parts(marketer_client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "segment-dialog"}
    part = marketer_client.get("/contacts/segments/new/?user_type=vip", headers=headers)
    assert "<!doctype" not in part.content.decode().lower()
    posted = {"name": "", "who": "private", "query": "user_type=vip"}
    refused = marketer_client.post("/contacts/segments/new/", posted, headers=headers)
    assert (refused.status_code, "Give the view a name" in refused.content.decode()) == (200, True)
    saved = marketer_client.post("/contacts/segments/new/", {**posted, "name": "A"}, headers=headers)
    assert saved["HX-Redirect"] == f"/contacts/?user_type=vip&segment={Segment.objects.get().pk}"


def test_no_more_than_a_row_can_take(marketer: User, marketer_client: Client) -> None:
    make_contact()
    for number in range(services.MOST):
        _save(marketer, f"View {number}")
    page = marketer_client.post("/contacts/segments/new/", {"name": "A", "who": "private", "query": "q=a"})
    assert (page.status_code, "no more fit" in page.content.decode()) == (422, True)
    assert len(_tabs(marketer_client)) == 5 + 7  # the open one would be the eighth
    last = Segment.objects.order_by("-position")[0]
    assert _current(marketer_client.get(_open(last)).content.decode()) == str(last.pk)


def test_a_name_is_text(marketer: User, marketer_client: Client) -> None:
    make_contact()
    segment = _save(marketer, '"><script>alert(1)</script>', shared=True)
    own = f"/contacts/segments/{segment.pk}"
    for path in (_open(segment), "/contacts/segments/", f"{own}/edit/", f"{own}/delete/"):
        html = marketer_client.get(path).content.decode()
        assert "<script>alert(" not in html
        assert "&lt;script&gt;alert(" in html, path


# Changing


def test_changed_filters_show_and_can_be_kept(marketer: User, marketer_client: Client) -> None:
    make_contact(user_type=UserType.VIP, phone="+66812345678")
    segment = _save(marketer, "Vip")
    changed = f"user_type=vip&has_phone=yes&segment={segment.pk}"
    html = marketer_client.get(f"/contacts/?{changed}").content.decode()
    assert _current(html) == str(segment.pk)
    assert 'class="edited"' in html
    for words in ("Save changes", "Save as new"):
        assert words in html
    path = f"/contacts/segments/{segment.pk}/filters/"
    answer = marketer_client.post(path, {"query": "user_type=vip&has_phone=yes"})
    assert answer["Location"] == f"/contacts/?{changed}"
    segment.refresh_from_db()
    assert segment.query == "user_type=vip&has_phone=yes"
    assert 'class="edited"' not in marketer_client.get(answer["Location"]).content.decode()
    refused = marketer_client.post(path, {"query": "new_days=x"}, follow=True)
    assert "New in days: " in refused.content.decode()
    segment.refresh_from_db()
    assert segment.query == "user_type=vip&has_phone=yes"


def test_every_link_of_the_list_keeps_the_view_open(marketer: User, marketer_client: Client) -> None:
    for _ in range(25):
        make_contact(user_type=UserType.VIP)
    segment = _save(marketer, "Vip")
    html = marketer_client.get(_open(segment)).content.decode()
    assert f'href="/contacts/?user_type=vip&amp;segment={segment.pk}&amp;page=2"' in html
    assert f'<input type="hidden" name="segment" value="{segment.pk}">' in html
    assert 'href="/contacts/report.csv?user_type=vip"' in html
    assert 'class="edited"' in marketer_client.get(f"{_open(segment)}&sort=-value").content.decode()


def test_renaming_and_sharing(marketer: User, marketer_client: Client) -> None:
    segment, other = _save(marketer, "Vip"), _save(marketer, "Other")
    path = f"/contacts/segments/{segment.pk}/edit/"
    taken = marketer_client.post(path, {"name": "OTHER", "who": "shared"})
    assert (taken.status_code, "already" in taken.content.decode()) == (422, True)
    assert 'value="OTHER"' in taken.content.decode()
    assert marketer_client.post(path, {"name": "vip", "who": "shared"}).status_code == 302  # its own name, in small
    segment.refresh_from_db()
    assert (segment.name, segment.shared, segment.query) == ("vip", True, "user_type=vip")
    assert not Segment.objects.get(pk=other.pk).shared


def test_deleting_asks_first(marketer: User, marketer_client: Client) -> None:
    make_contact(user_type=UserType.VIP)
    segment = _save(marketer, "Vip", shared=True)
    path = f"/contacts/segments/{segment.pk}/delete/"
    assert "disappears for everyone" in marketer_client.get(path).content.decode()
    assert Segment.objects.exists()
    assert marketer_client.post(path)["Location"] == "/contacts/segments/"
    assert not Segment.objects.exists()
    page = marketer_client.get(_open(segment))  # an address that a colleague kept
    assert (total_of(page), _current(page.content.decode())) == (1, "vip")


@pytest.mark.parametrize("what", ["edit", "filters", "move", "delete"])
def test_deleted_by_another_at_this_very_moment(
    marketer: User, marketer_client: Client, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    segment = _save(marketer, "Vip")
    monkeypatch.setattr("contacts.views_segments._changeable", lambda _request, _pk: (segment, True))
    Segment.objects.all().delete()
    posted = {"name": "A", "who": "private", "query": "q=a", "step": "left"}
    assert marketer_client.post(f"/contacts/segments/{segment.pk}/{what}/", posted).status_code == 404


def test_moving(marketer: User, owner: User, marketer_client: Client, owner_client: Client) -> None:
    make_contact()
    a, b, c = (_save(marketer, name, shared=name != "b") for name in "abc")
    hers = _save(owner, "o", shared=True)
    keys = lambda *them: [str(segment.pk) for segment in them]  # noqa: E731
    assert _tabs(marketer_client)[5:] == keys(a, b, c, hers)
    answer = marketer_client.post(f"/contacts/segments/{c.pk}/move/", {"step": "left"})
    assert answer["Location"] == f"/contacts/segments/#segment-{c.pk}"
    assert _tabs(marketer_client)[5:] == keys(a, c, b, hers)
    marketer_client.post(f"/contacts/segments/{a.pk}/move/", {"step": "left"})  # the first one stays
    marketer_client.post(f"/contacts/segments/{b.pk}/move/", {"step": "right"})  # another person's is not passed
    assert _tabs(marketer_client)[5:] == keys(a, c, b, hers)
    owner_client.post(f"/contacts/segments/{a.pk}/move/", {"step": "right"})
    assert _tabs(owner_client)[5:] == keys(hers, c, a)  # for the whole shop, so for their owner too
    assert _tabs(marketer_client)[5:] == keys(c, a, b, hers)


@pytest.mark.django_db(transaction=True)
def test_moving_at_once_loses_no_place() -> None:
    owner = User.objects.create_user("m")
    owner.groups.add(Group.objects.get_or_create(name="Marketer")[0])
    them = [_save(owner, f"{number}") for number in range(6)]
    places = sorted(segment.position for segment in them)

    def move(step: int) -> None:
        actor = User.objects.get(pk=owner.pk)
        for segment in them * 3:
            segment_move(segment_id=segment.pk, actor=actor, step=step)

    assert together(*(partial(move, step) for step in (1, -1, 1))) == []
    assert sorted(Segment.objects.values_list("position", flat=True)) == places


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("edit", ["keep", "rename"])
def test_an_edit_waits_for_a_deletion_and_finds_nothing(marketer: User, edit: str) -> None:
    segment = segment_create(owner=marketer, name="Regulars", query="user_type=vip", shared=False)
    edits = {
        "keep": partial(services.segment_set_query, query="has_phone=no"),
        "rename": partial(services.segment_update, name="Others", shared=False),
    }
    deleted, waits = threading.Event(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"

    def delete() -> None:
        with transaction.atomic():
            services.segment_delete(segment_id=segment.pk, actor=marketer)
            deleted.set()
            with connection.cursor() as cursor:
                for _ in range(200):
                    cursor.execute(waits)
                    if cursor.fetchone()[0]:
                        return
                    time.sleep(0.05)
        raise AssertionError("the edit did not wait")

    def change() -> None:
        assert deleted.wait(10)
        edits[edit](segment_id=segment.pk, actor=marketer)

    assert [type(error) for error in together(delete, change)] == [Segment.DoesNotExist]


@pytest.mark.django_db(transaction=True)
def test_saving_a_name_twice_at_once_keeps_one() -> None:
    owner = User.objects.create_user("m")
    answers: list[str] = []

    def save() -> None:
        try:
            _save(owner, "Vip")
            answers.append("saved")
        except services.NameTaken:
            answers.append("taken")

    assert together(*[save] * 4) == []
    assert sorted(answers) == ["saved", "taken", "taken", "taken"]


@pytest.mark.django_db(transaction=True)
def test_saving_at_once_never_passes_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 1)
    owner = User.objects.create_user("m")
    refused = together(*(partial(_save, owner, f"{number}") for number in range(6)))
    assert [type(error) for error in refused] == [services.TooMany] * 5
    assert Segment.objects.count() == 1


def test_an_owner_cannot_hide_a_colleagues_view_from_themselves(marketer: User, owner: User) -> None:
    segment = _save(marketer, "Vip", shared=True)
    services.segment_update(segment_id=segment.pk, actor=owner, name="Best", shared=False)
    segment.refresh_from_db()
    assert (segment.name, segment.shared) == ("Best", True)


@pytest.mark.parametrize("bad", [{"name": ""}, {"query": ""}, {"name": "VIP"}, {"position": 1}])
def test_the_database_refuses_what_no_form_lets_through(marketer: User, bad: dict[str, object]) -> None:
    Segment.objects.create(owner=marketer, name="Vip", query="q=a", position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Segment.objects.create(**{"owner": marketer, "name": "Other", "query": "q=a", "position": 2, **bad})
        connection.check_constraints()


# Who


def test_agents_open_shared_views_and_change_none(marketer: User, agent: User, agent_client: Client) -> None:
    make_contact(user_type=UserType.VIP)
    shared, private = _save(marketer, "Shared", shared=True), _save(marketer, "Private", "q=secret")
    assert _tabs(agent_client)[5:] == [str(shared.pk)]
    html = agent_client.get(f"{_open(shared)}&has_phone=no").content.decode()
    assert 'class="edited"' in html
    assert "Save changes" not in html and "Save as new" not in html
    page = agent_client.get("/contacts/segments/").content.decode()
    assert "Shared by" in page and "Private" not in page and "/move/" not in page
    hidden = agent_client.get(_open(private)).content.decode()
    assert "Private" not in hidden
    assert _current(hidden) == "all"
    for what in ("edit", "delete", "move", "filters"):
        assert agent_client.post(f"/contacts/segments/{shared.pk}/{what}/").status_code == 403


def test_a_marketer_changes_only_their_own(marketer_client: Client, owner: User) -> None:
    make_contact()
    shared, private = _save(owner, "Shared", shared=True), _save(owner, "Private")
    for segment in (shared, private):
        for what in ("edit", "delete", "move", "filters"):
            posted = {"name": "Mine", "who": "private", "query": "q=a", "step": "left"}
            answer = marketer_client.post(f"/contacts/segments/{segment.pk}/{what}/", posted)
            assert answer.status_code == 404, what
    assert {s.name for s in Segment.objects.all()} == {"Shared", "Private"}
    html = marketer_client.get(f"{_open(shared)}&has_phone=no").content.decode()
    assert "Save as new" in html and "Save changes" not in html


def test_an_owner_changes_shared_ones_and_sees_no_private_one(owner_client: Client, marketer: User) -> None:
    shared, private = _save(marketer, "Shared", shared=True), _save(marketer, "Private")
    assert owner_client.get(f"/contacts/segments/{private.pk}/edit/").status_code == 404
    html = owner_client.get(f"/contacts/segments/{shared.pk}/edit/").content.decode()
    assert 'name="who"' not in html  # it would be gone from their own sight
    owner_client.post(f"/contacts/segments/{shared.pk}/edit/", {"name": "Ours", "who": "private"})
    shared.refresh_from_db()
    assert (shared.name, shared.shared, shared.owner) == ("Ours", True, marketer)
    assert owner_client.post(f"/contacts/segments/{shared.pk}/delete/").status_code == 302


def test_services_refuse_by_themselves(agent: User, marketer: User) -> None:
    segment = _save(marketer, "Shared", shared=True)
    for call in (
        lambda: services.segment_update(segment_id=segment.pk, actor=agent, name="x", shared=False),
        lambda: services.segment_set_query(segment_id=segment.pk, actor=agent, query="q=a"),
        lambda: services.segment_move(segment_id=segment.pk, actor=agent, step=1),
        lambda: services.segment_delete(segment_id=segment.pk, actor=agent),
    ):
        with pytest.raises(Segment.DoesNotExist):
            call()


def test_who_becomes_an_agent_keeps_their_views_and_changes_none(agent: User, agent_client: Client) -> None:
    segment = _save(agent, "From before")
    assert SegmentsOf(agent).seen(segment.pk)
    assert not SegmentsOf(agent).may_change(segment)


# What is gone


def test_a_deleted_label_marks_the_view(marketer: User, marketer_client: Client) -> None:
    make_contact()
    label, line = make_label("COD"), make_channel()
    segment = _save(marketer, "Cod", f"channel={line.pk}&label={label.pk}")
    assert "is gone" not in marketer_client.get("/contacts/segments/").content.decode()
    label.delete()
    assert "Something it uses is gone" in marketer_client.get("/contacts/segments/").content.decode()
    page = marketer_client.get(_open(segment))
    assert (page.status_code, total_of(page)) == (200, 0)
    assert "This filter cannot be used" in page.content.decode()
    assert _counts(marketer_client)[str(segment.pk)] == "0"


@pytest.mark.parametrize("text", ["0", "-1", "abc", "9" * 30, "%00", "๒", ""])
def test_a_segment_that_is_none(agent_client: Client, text: str) -> None:
    make_contact()
    page = agent_client.get(f"/contacts/?segment={text}")
    assert (page.status_code, total_of(page), _current(page.content.decode())) == (200, 1, "all")
    assert agent_client.get(f"/contacts/segments/counts/?segment={text}").status_code == 200


# Counts


def test_counts_are_kept_for_a_moment_and_the_open_view_is_exact(marketer: User, marketer_client: Client) -> None:
    make_contact(user_type=UserType.VIP)
    segment = _save(marketer, "Vip", "user_type=vip&has_phone=no")
    assert _counts(marketer_client)[str(segment.pk)] == "1"
    Contact.objects.update(phone="+66812345678")
    assert _counts(marketer_client)[str(segment.pk)] == "1"  # for 15 seconds
    html = marketer_client.get(_open(segment)).content.decode()
    assert f'id="view-count-{segment.pk}" data-digits="1">0<' in html
    assert 'id="view-count-vip" data-digits="1">1<' in html  # what was counted last is shown at once


def test_a_count_kept_from_before_takes_no_exact_ones_place(marketer: User, marketer_client: Client) -> None:
    make_contact(user_type=UserType.VIP)
    segment = _save(marketer, "Vip", "user_type=vip&has_phone=no")
    assert _counts(marketer_client)[str(segment.pk)] == "1"
    make_contact(user_type=UserType.VIP)
    html = marketer_client.get(_open(segment)).content.decode()
    assert f'id="view-count-{segment.pk}" data-digits="1">2<' in html
    asked = "&".join(
        f"{name}={value}" for name, value in re.findall(r'name="(\w+)" value="([\w-]+)" data-counts', html)
    )
    assert asked == f"segment={segment.pk}&exact={segment.pk}"
    counts = _counts(marketer_client, asked)
    assert str(segment.pk) not in counts
    assert counts["all"] == "2"
    edited = marketer_client.get(f"{_open(segment)}&sort=value").content.decode()
    assert 'name="exact" value=""' in edited


def test_a_costly_count_is_not_made_at_every_change(marketer_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = make_contact()
    assert _counts(marketer_client)["vip"] == "0"
    Contact.objects.update(user_type=UserType.VIP)
    assert _counts(marketer_client, "fresh=1")["vip"] == "1"
    monkeypatch.setattr("contacts.selectors.segments.COSTLY", 0.0)
    contact.delete()
    assert _counts(marketer_client, "fresh=1")["vip"] == "1"
    forget_all()
    assert _counts(marketer_client, "fresh=1")["vip"] == "0"


def test_the_number_of_statements(marketer: User, marketer_client: Client) -> None:
    make_contact(user_type=UserType.VIP)
    marketer_client.get("/contacts/?user_type=vip")

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            marketer_client.get(path)
        return sum("contacts_segment" in query["sql"] for query in captured) * 100 + len(captured)

    before = statements("/contacts/?user_type=vip")
    for number in range(9):
        _save(marketer, f"{number}", f"q={number}", shared=True)
    assert statements("/contacts/?user_type=vip") == before
    assert before // 100 == 1
    assert before % 100 <= 12
    # Session, person, segments, channels, labels, all contacts; a count each for 7 searches and 2 of the tally, a plan
    # and a count each for 2 ranges of days.
    assert statements("/contacts/segments/counts/") % 100 == 6 + 7 + 2 + 2 * 2
    # Only all contacts are counted twice in 15 seconds: they are a sum at hand.
    assert statements("/contacts/segments/counts/") % 100 == 6
    assert statements("/contacts/segments/") % 100 <= 10
