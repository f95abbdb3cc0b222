"""What a person chooses for their list."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction

from contacts.columns import columns_shown
from contacts.models import Density, ListPreference


@transaction.atomic
def list_preference_set(*, user: User, columns: Sequence[str], density: str) -> ListPreference:
    """Keep the columns in this order, the name first; unknown keys are dropped, an unknown density is the usual one."""
    keys = [column.key for column in columns_shown(columns or ["name"])]
    known = density if density in Density.values else Density.COMFORTABLE
    preference, _created = ListPreference.objects.update_or_create(
        user=user, defaults={"columns": keys, "density": known}
    )
    return preference


@transaction.atomic
def list_preference_reset(*, user: User) -> ListPreference:
    """Back to the usual columns and rows."""
    ListPreference.objects.filter(user=user).delete()
    return ListPreference(user=user)
