"""How apps above reach into contacts: each registers in its AppConfig.ready(), contacts never imports them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from .models import Contact

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Context = Callable[[Contact, HttpRequest], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PanelSection:
    """A tab of the customer panel: `context` feeds `template`; `summary` feeds `summary_template` on Overview."""

    key: str
    title: StrPromise | str
    icon: str
    action: StrPromise | str  # words of the panel's action button, "View chat history"
    template: str
    context: Context
    order: int = 50
    count: Callable[[Contact], int] | None = None
    summary_template: str = ""
    summary: Context | None = None


@dataclass(frozen=True, slots=True)
class SearchElsewhere:
    """A search of something else than contacts, offered beside theirs: `words` and `url` take what is looked for."""

    key: str
    words: Callable[[str], str]  # "Search “glow” in messages"
    url: Callable[[str], str]


_elsewhere: dict[str, SearchElsewhere] = {}


def register_search(search: SearchElsewhere) -> None:
    """Offer another search where contacts are looked for; registering a key again replaces it."""
    _elsewhere[search.key] = search


def searches_elsewhere() -> list[SearchElsewhere]:
    """All registered searches."""
    return list(_elsewhere.values())


_sections: dict[str, PanelSection] = {}


def register_panel_section(section: PanelSection) -> None:
    """Add a tab to the panel; registering a key again replaces it."""
    _sections[section.key] = section


def panel_sections() -> list[PanelSection]:
    """All sections in display order."""
    return sorted(_sections.values(), key=lambda section: (section.order, section.key))


# Called with (kept contact id, other contact id) inside the joining transaction, contacts locked.
Absorber = Callable[[int, int], None]
Lock = Callable[[], None]
_absorbers: dict[Absorber, Lock | None] = {}


def register_absorber(absorber: Absorber, *, lock: Lock | None = None) -> None:
    """Have an app move what it keeps of a contact when two are joined.

    `lock` is taken before the contacts are: where others take it first too, locking contacts first would deadlock.
    """
    _absorbers[absorber] = lock


def absorbers() -> list[Absorber]:
    """All registered absorbers."""
    return list(_absorbers)


def absorber_locks() -> list[Lock]:
    """What to lock before contacts are joined."""
    return [lock for lock in _absorbers.values() if lock]


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """A rule that `manage.py audit` checks over the whole database, in one statement and thus one snapshot.

    `find` selects what differs: contact id, subject ("contact 7"), what is there and what should be, as text.
    `repair` makes it true for the contacts `%(contacts)s`, which are locked then (`lock` before them); empty where
    a person must decide.
    """

    key: str
    find: str
    repair: tuple[str, ...] = ()
    lock: Lock | None = None


_checks: dict[str, AuditCheck] = {}


def register_auditor(*checks: AuditCheck) -> None:
    """Add rules to the audit; registering a key again replaces it."""
    _checks.update({check.key: check for check in checks})


def audit_checks() -> list[AuditCheck]:
    """All registered rules, in the order of the apps."""
    return list(_checks.values())
