"""Who works here and as what; every change holds one lock, so that no race loses the last owner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from saifa_crm.access import OWNER, Role, roles_of

from ..models import Invitation, TeamEvent
from ..selectors import email_taken, role_of
from .events import team_event_record
from .invitations import invitation_issue


class TeamError(Exception):
    """A change of the team that is refused; its argument is the sentence to show."""


class LastOwner(TeamError):
    """The shop would have no owner who can sign in."""

    def __init__(self) -> None:
        super().__init__(_("This is the only owner. Make somebody else an owner first."))


def person_add(*, actor: User, name: str, email: str, role: Role) -> tuple[User, str]:
    """Add a person without a password; returns them and the token of their one-time link.

    Raises TeamError where somebody has this email address.
    """
    with _team_locked(actor):
        if email_taken(email):
            raise TeamError(_("Somebody on the team has this email address already."))
        person = User(username=_free_username(email), email=email, first_name=name)
        person.set_unusable_password()
        person.save()
        person.groups.set([_group(role)])
        team_event_record(TeamEvent.Kind.ADDED, actor=actor, person=person, after=role.value)
        return person, invitation_issue(person)


def person_set_role(*, actor: User, person_id: int, role: Role) -> User:
    """Give a person exactly this role; a superuser who is no Owner any more stops being one.

    Raises LastOwner.
    """
    with _team_locked(actor):
        person = User.objects.select_for_update().get(pk=person_id)
        if roles_of(person) == {role}:
            return person
        before = role_of(person)
        if role is not OWNER:
            _keep_an_owner(person)
            person.is_superuser = person.is_staff = False
            person.save(update_fields=("is_superuser", "is_staff"))
        others = person.groups.exclude(name__in=[known.value for known in Role])
        person.groups.set([*others, _group(role)])
        team_event_record(
            TeamEvent.Kind.ROLE,
            actor=actor,
            person=person,
            before=before.value if before else "",
            after=role.value,
        )
        return person


def person_deactivate(*, actor: User, person_id: int) -> User:
    """Shut a person out: their sessions end at once, and links made for them no longer work.

    Raises LastOwner.
    """
    with _team_locked(actor):
        person = User.objects.select_for_update().get(pk=person_id)
        if not person.is_active:
            return person
        _keep_an_owner(person)
        person.is_active = False
        person.save(update_fields=("is_active",))
        Invitation.objects.filter(user=person, used_at=None).delete()
        _end_sessions(person)
        team_event_record(TeamEvent.Kind.DEACTIVATED, actor=actor, person=person)
        return person


def person_reactivate(*, actor: User, person_id: int) -> User:
    """Let a person in again, with their old password and role."""
    with _team_locked(actor):
        person = User.objects.select_for_update().get(pk=person_id)
        if person.is_active:
            return person
        _end_sessions(person)  # one opened in the very moment of deactivation must not come back to life
        person.is_active = True
        person.save(update_fields=("is_active",))
        team_event_record(TeamEvent.Kind.REACTIVATED, actor=actor, person=person)
        return person


def person_make_link(*, actor: User, person_id: int) -> tuple[User, str]:
    """A new one-time link for somebody who lost theirs, or their password, which works until then.

    Raises TeamError where the person is deactivated.
    """
    with _team_locked(actor):
        person = User.objects.select_for_update().get(pk=person_id)
        if not person.is_active:
            raise TeamError(_("Reactivate this person first."))
        team_event_record(TeamEvent.Kind.LINK, actor=actor, person=person)
        return person, invitation_issue(person)


@contextmanager
def _team_locked(actor: User) -> Iterator[None]:
    """One change at a time, by somebody who is an owner *now*: another may have demoted them meanwhile."""
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=_group(OWNER).pk)
        if not _owners().filter(pk=actor.pk).exists():
            raise PermissionDenied
        yield


def _owners() -> QuerySet[User]:
    return User.objects.filter(Q(is_superuser=True) | Q(groups__name=OWNER.value), is_active=True).distinct()


def _keep_an_owner(leaving: User) -> None:
    """Somebody must remain who can sign in; an owner who has not used their link yet does not count."""
    others = _owners().exclude(pk=leaving.pk).exclude(password="").exclude(password__startswith="!")  # noqa: S106
    if not others.exists():
        raise LastOwner


def _group(role: Role) -> Group:
    return Group.objects.get_or_create(name=role.value)[0]


def _free_username(email: str) -> str:
    """The part before the @, in letters every keyboard has, with a number where it is taken."""
    stem = re.sub(r"[^a-z0-9._-]", "", email.partition("@")[0].lower())[:100] or "person"
    name, number = stem, 1
    while User.objects.filter(username__iexact=name).exists():
        number += 1
        name = f"{stem}{number}"
    return name


def _end_sessions(person: User) -> None:
    """Sessions do not name their person in a column; a business has few enough to read them."""
    live = Session.objects.filter(expire_date__gte=timezone.now())
    theirs = [row.pk for row in live.iterator() if row.get_decoded().get("_auth_user_id") == str(person.pk)]
    Session.objects.filter(pk__in=theirs).delete()
