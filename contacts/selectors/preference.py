"""How a person wants the list, and what the column menu shows of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User

from contacts.columns import NAME, ListColumn, columns_shown, list_columns
from contacts.models import Density, ListPreference


def list_preference(user: User) -> ListPreference:
    """Theirs, or the usual one (not saved). One query on a unique index."""
    return ListPreference.objects.filter(user=user).first() or ListPreference(user=user)


@dataclass(frozen=True)
class ColumnMenu:
    """Choices of templates/contacts/_columns.html."""

    preference: ListPreference

    @property
    def columns(self) -> list[tuple[ListColumn, bool]]:
        """(column, is shown): those shown in their order, then the others; the name is no choice."""
        shown = columns_shown(self.preference.columns)
        keys = {column.key for column in shown}
        others = [column for column in list_columns() if column.key not in keys]
        return [(column, column.key in keys) for column in (*shown, *others) if column.key != NAME]

    @property
    def densities(self) -> list[tuple[str, str, bool]]:
        """(value, title, is chosen)."""
        return [(one.value, str(one.label), one == self.preference.density) for one in Density]
