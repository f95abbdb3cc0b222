"""Reads of the shop and its team."""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from channels_ingest.models import Connection
from saifa_crm.access import AGENT, MARKETER, OWNER, Role, roles_of
from saifa_crm.lib.kept import Kept

from .models import Invitation, Shop, StaffProfile, TeamEvent


def name_of_shop() -> str:
    """As it is now; empty before the first owner named it."""
    return Shop.objects.filter(pk=1).values_list("name", flat=True).first() or ""


shop_name: Kept[str] = Kept("kept:shop-name", name_of_shop)


def setup_wanted() -> bool:
    """Whether an owner still has to be led through the welcome pages; a demo shop needs none."""
    shop = Shop.objects.filter(pk=1).first()
    return shop is None or not (shop.setup_done or shop.is_demo)


def setup_step() -> str:
    """The first step that is not done: "name", "channel" or "invite"."""
    if not name_of_shop():
        return "name"
    return "invite" if Connection.objects.exists() else "channel"


def role_of(user: User) -> Role | None:
    """The widest of a person's roles."""
    roles = roles_of(user)
    return next((role for role in (OWNER, MARKETER, AGENT) if role in roles), None)


def language_of(user: User) -> str:
    """The language a person chose; empty follows the browser."""
    return StaffProfile.objects.filter(user=user).values_list("language", flat=True).first() or ""


def username_for(typed: str) -> str:
    """The username behind what was typed at sign-in: a name in any case, or the email address of one person.

    Unknown or ambiguous input comes back as typed, so that it is counted and refused like a wrong password.
    """
    typed = typed.strip()
    for lookup in ("username", "username__iexact", "email__iexact"):
        found = list(User.objects.filter(**{lookup: typed}).values_list("username", flat=True)[:2]) if typed else []
        if len(found) == 1:
            return found[0]
    return typed


def team() -> QuerySet[User]:
    """Everybody, active first; two queries. `has_link`: a one-time link waits for them."""
    links = Invitation.objects.filter(user=OuterRef("pk"), used_at=None, expires_at__gt=timezone.now())
    groups = Prefetch("groups", Group.objects.only("id", "name"))
    return User.objects.annotate(has_link=Exists(links)).prefetch_related(groups).order_by("-is_active", "id")


def team_events(limit: int = 20) -> QuerySet[TeamEvent]:
    """The latest changes of the team."""
    return TeamEvent.objects.all()[:limit]


def email_taken(email: str, *, besides: User | None = None) -> bool:
    """Whether somebody signs in under this address."""
    others = User.objects.exclude(pk=besides.pk) if besides and besides.pk else User.objects.all()
    return others.filter(email__iexact=email).exists() or others.filter(username__iexact=email).exists()


def invitation_open(token_hash: str) -> Invitation | None:
    """The link that can still be used."""
    usable = Invitation.objects.filter(used_at=None, expires_at__gt=timezone.now(), user__is_active=True)
    return usable.select_related("user").filter(token_hash=token_hash).first()
