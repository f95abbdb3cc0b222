"""The columns that the contact list can show. Apps above add theirs in AppConfig.ready(), as in contacts.registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import FollowState, Identity

Text = str | Promise
Load = Callable[[list[int]], Mapping[int, Any]]
NAME = "name"  # always first, always shown


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A heading, its class, and the cell.

    `load` gives what a page's contacts show by id (words; times where `cell` is "time"), in one statement, and is
    called only where the column is shown; who is not in it gets an en dash spoken as `none`. A column without `load`
    shows what the row carries, by a `cell` of its own: a branch of templates/compiled/contacts/rows.html. `sort` is the
    URL's word where an index serves the order, `first` its first direction; `usual` columns are shown until a person
    chooses.
    """

    key: str
    title: Text
    css: str
    load: Load | None = None
    none: Text = ""
    cell: str = "words"
    sort: str = ""
    first: str = "-"
    usual: bool = False
    order: int = 100


_columns: dict[str, ListColumn] = {}


def register_list_column(*columns: ListColumn) -> None:
    """Add columns; registering a key again replaces it."""
    _columns.update({column.key: column for column in columns})


def list_columns() -> list[ListColumn]:
    """All columns in the order of the column menu."""
    return sorted(_columns.values(), key=lambda column: (column.order, column.key))


def columns_usual() -> list[ListColumn]:
    """The seven that everybody starts with."""
    return [column for column in list_columns() if column.usual]


def columns_shown(keys: Iterable[object]) -> list[ListColumn]:
    """Columns by a person's keys: the name first, unknown ones passed over; no key at all is the usual seven."""
    wanted = list(keys)
    if not wanted:
        return columns_usual()
    known = {column.key: column for column in list_columns()}
    chosen = dict.fromkeys(key for key in wanted if isinstance(key, str) and key in known and key != NAME)
    return [known[NAME], *(known[key] for key in chosen)]


def follow_states(ids: list[int]) -> dict[int, str]:
    """What the platforms told of each contact; one who follows here and blocked there is both."""
    told: dict[int, set[str]] = {}
    rows = (
        Identity.objects.filter(contact_id__in=ids).exclude(follow_state="").values_list("contact_id", "follow_state")
    )
    for contact_id, state in rows:
        told.setdefault(contact_id, set()).add(state)
    return {pk: ", ".join(str(state.label) for state in FollowState if state in states) for pk, states in told.items()}


def _own(key: str, title: Text, css: str, order: int, **more: object) -> ListColumn:
    return ListColumn(key, title, css, cell=key, order=order, **more)  # type: ignore[arg-type]


OWN_COLUMNS = (
    _own(NAME, _("Customer Name"), "c-name", 10, sort="name", first="", usual=True),
    _own("channel", _("Channel"), "c-chan", 20, usual=True),
    _own("user_type", _("User Type"), "c-type", 30, usual=True),
    _own("label", _("Label"), "c-label", 40, usual=True),
    _own("phone", _("Phone Number"), "c-phone", 50, usual=True),
    _own("latest_contact", _("Latest Contact"), "c-latest", 60, sort="latest_contact", usual=True),
    _own("value", _("Value"), "c-value r", 70, sort="value", usual=True),
    _own("email", _("Email"), "c-opt c-email", 110),
    _own("first_contact", _("First Contact"), "c-opt c-first", 120),
    _own("orders", _("Orders"), "c-opt c-orders r", 130),
    ListColumn("follow", _("Follow State"), "c-opt c-follow", follow_states, _("Not told by the platform"), order=160),
)
