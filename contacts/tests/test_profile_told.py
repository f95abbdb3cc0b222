"""Names and numbers told with messages: newest wins in any order, staff's words stay, few statements."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Activity, Contact, Identity, ProfileState
from contacts.services import ToldProfile, contact_edit, profiles_told
from contacts.services.profile import ProfileFacts, profile_save

from .factories import bangkok, make_channel, make_contact, make_identity

pytestmark = pytest.mark.django_db
START = bangkok("2026-11-20 12:00")


def at(minutes: int) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def newcomer(external_id: str = "66812345678", platform: str = "whatsapp") -> Identity:
    """A person as ingest makes one: a placeholder for a name, a profile to be fetched."""
    channel = make_channel(platform)
    contact = make_contact(f"WhatsApp customer {external_id[-4:]}")
    return make_identity(contact, channel, external_id=external_id, profile_name="")


def contact_of(identity: Identity) -> Contact:
    return Contact.objects.get(pk=identity.contact_id)


def edit(contact: Contact, actor: User, **changes: str) -> None:
    original = {name: getattr(contact, name) for name in changes}
    contact_edit(contact_id=contact.pk, actor=actor, base_revision=contact.revision, original=original, changes=changes)


def test_first_name_and_number() -> None:
    identity = newcomer()
    profiles_told(told={identity.pk: ToldProfile(at(0), "มะลิ วงศ์ทอง", "mali", "th", phone="66812345678")})
    identity.refresh_from_db()
    assert (identity.profile_name, identity.username, identity.language) == ("มะลิ วงศ์ทอง", "mali", "th")
    assert (identity.profile_state, identity.profile_fetched_at) == (ProfileState.FETCHED, at(0))
    contact = contact_of(identity)
    assert (contact.name, contact.phone, contact.phone_display) == ("มะลิ วงศ์ทอง", "+66812345678", "081-234-5678")
    assert "0812345678" in contact.search_text and contact.sort_name
    assert [(one.verb, one.after) for one in Activity.objects.all()] == [("phone_told", "+66812345678")]


@pytest.mark.parametrize("blank", ["\u200b", "\u3164", "\u2800 ", "  "])
def test_a_name_of_blanks_is_none(blank: str) -> None:
    """Nobody could click it in the list. The name that was told before stays, else the placeholder."""
    fetched, identity = newcomer("66812349999"), newcomer()
    profile_save(identity_id=fetched.pk, facts=ProfileFacts(name=blank))
    assert contact_of(fetched).name == "WhatsApp customer 9999"
    profiles_told(told={identity.pk: ToldProfile(at(1), blank)})
    assert contact_of(identity).name == "WhatsApp customer 5678"
    profiles_told(told={identity.pk: ToldProfile(at(2), "👩\u200d👧")})
    profiles_told(told={identity.pk: ToldProfile(at(3), blank)})
    assert contact_of(identity).name == "👩\u200d👧"


def test_newest_name_wins_in_every_order() -> None:
    told = [ToldProfile(at(1), "First"), ToldProfile(at(2), "Second"), ToldProfile(at(3), "First")]
    for number, order in enumerate(itertools.permutations(told)):
        identity = newcomer(f"6681234560{number}")
        for one in order:
            profiles_told(told={identity.pk: one})
        identity.refresh_from_db()
        assert (identity.profile_name, identity.profile_fetched_at) == ("First", at(3))
        assert contact_of(identity).name == "First"


def test_names_of_the_same_second_are_decided_by_what_they_say() -> None:
    told = [ToldProfile(at(1), "ก"), ToldProfile(at(1), "ข")]
    for number, order in enumerate(itertools.permutations(told)):
        identity = newcomer(f"6681234560{number}")
        for one in order:
            profiles_told(told={identity.pk: one})
        assert contact_of(identity).name == "ข"


def test_a_change_of_name_is_noted_once() -> None:
    identity = newcomer()
    for minute, name in enumerate(("Mali", "Mali W.", "Mali W.")):
        profiles_told(told={identity.pk: ToldProfile(at(minute), name)})
    (note,) = Activity.objects.all()
    assert (note.verb, note.before, note.after) == ("profile_name", "Mali", "Mali W.")


def test_what_staff_typed_stays(agent: User) -> None:
    identity = newcomer()
    edit(contact_of(identity), agent, name="Khun Mali", phone="+66898765432")
    profiles_told(told={identity.pk: ToldProfile(at(0), "mali_1998", phone="66812345678")})
    contact = contact_of(identity)
    assert (contact.name, contact.phone) == ("Khun Mali", "+66898765432")
    assert Identity.objects.get().profile_name == "mali_1998"


def test_a_number_that_staff_removed_does_not_come_back(agent: User) -> None:
    identity = newcomer()
    profiles_told(told={identity.pk: ToldProfile(at(0), phone="66812345678")})
    edit(contact_of(identity), agent, phone="")
    profiles_told(told={identity.pk: ToldProfile(at(1), phone="66812345678")})
    assert contact_of(identity).phone == ""


@pytest.mark.parametrize("phone", ["", "0", "12", "999999999999999", "66"])
def test_what_is_no_number_is_left_out(phone: str) -> None:
    identity = newcomer()
    profiles_told(told={identity.pk: ToldProfile(at(0), phone=phone)})
    assert contact_of(identity).phone == ""
    assert Identity.objects.get().profile_state == ProfileState.PENDING  # no name was told


def test_the_oldest_name_of_a_person_with_two_accounts_stays() -> None:
    first = newcomer()
    profiles_told(told={first.pk: ToldProfile(at(0), "Mali")})
    second = make_identity(contact_of(first), make_channel("telegram"), profile_name="")
    profiles_told(told={second.pk: ToldProfile(at(1), "mali_w", phone="66898765432")})
    contact = contact_of(first)
    assert (contact.name, contact.phone) == ("Mali", "+66898765432")


def test_statements_do_not_grow_and_nothing_is_written_twice() -> None:
    counts: list[int] = []
    again: list[int] = []
    for size in (1, 20):
        identities = [newcomer(f"66812{size:02}{number:04}") for number in range(size)]
        told = {one.pk: ToldProfile(at(0), f"Person {one.pk}", phone=one.external_id) for one in identities}
        for kept in (counts, again):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                profiles_told(told=told)
            kept.append(len(queries))
        assert set(Contact.objects.exclude(name="").values_list("phone", flat=True)) >= {
            f"+{one.external_id}" for one in identities
        }
    assert counts[0] == counts[1] <= 6
    assert again == [2, 2]  # the identities are looked at, then the numbers that are missing: none
