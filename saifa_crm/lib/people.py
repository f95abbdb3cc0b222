"""Names of the staff, as they are shown."""

from __future__ import annotations

from django.contrib.auth.models import User


def full_name(person: User | None) -> str:
    """First and last name, else the user name; empty for nobody (an account that is gone, the system)."""
    return (person.get_full_name() or person.get_username()) if person else ""


def short_name(person: User | None) -> str:
    """First name, else the user name; empty for nobody."""
    return (person.get_short_name() or person.get_username()) if person else ""
