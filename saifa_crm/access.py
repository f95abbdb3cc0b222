"""Who may open what: every URL declares its roles; a view without a declaration is refused (AccessMiddleware)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]
AnyUser = AbstractBaseUser | AnonymousUser


class Role(StrEnum):
    """The groups of the contract, by their database names."""

    AGENT = "Agent"
    MARKETER = "Marketer"
    OWNER = "Owner"


AGENT, MARKETER, OWNER = Role.AGENT, Role.MARKETER, Role.OWNER
PUBLIC: frozenset[Role] | None = None


def _declare(view: View, roles: frozenset[Role] | None, *, signed_in_only: bool = False) -> View:
    @wraps(view)
    def declared(*args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(*args, **kwargs)

    declared.access_roles = roles  # type: ignore[attr-defined]
    declared.access_signed_in = signed_in_only  # type: ignore[attr-defined]
    return declared


def allow(*roles: Role) -> Callable[[View], View]:
    """Declare the roles that may use a view; Owner is always named explicitly."""
    return lambda view: _declare(view, frozenset(roles))


def public(view: View) -> View:
    """Declare a view open to everybody: sign-in, webhooks (their signature is the lock), health."""
    return _declare(view, None)


def signed_in(view: View) -> View:
    """Declare a view for every signed-in person, with or without a role: sign-out, own account."""
    return _declare(view, frozenset(), signed_in_only=True)


def roles_of(user: AnyUser) -> frozenset[Role]:
    """Roles of a person: their groups, read by StaffBackend or now; a superuser is an Owner. Cached on the user."""
    if not user.is_authenticated:
        return frozenset()
    cached: frozenset[Role] | None = getattr(user, "_saifa_roles", None)
    if cached is None:
        names = getattr(user, "group_names", None)
        if names is None:
            names = [group.name for group in user.groups.all()]  # type: ignore[attr-defined]
        cached = frozenset(role for role in Role if role.value in names)
        if user.is_superuser:  # type: ignore[attr-defined]
            cached |= {OWNER}
        user._saifa_roles = cached  # type: ignore[union-attr,attr-defined]
    return cached


def staff_of(request: HttpRequest) -> User:
    """The person behind a request, for views that only signed-in people reach."""
    return cast(User, request.user)


def has_role(user: AnyUser, *roles: Role) -> bool:
    """Whether a person has any of the given roles."""
    return bool(roles_of(user) & set(roles))
