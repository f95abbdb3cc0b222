"""What can be done with many contacts at once: the actions of this app, and those that apps above register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from labels.models import Label
from saifa_crm.access import AGENT, MARKETER, OWNER, Role

from .bulk_sets import Chunk, Touched, labels_add, labels_remove, vip_set, vip_unset

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose in the dialog: a label, a person. `hue` is a label's colour."""

    pk: int
    name: StrPromise | str
    hue: str = ""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """`apply` works on one chunk of locked contacts, in a constant number of statements, and leaves Activity.

    `ask` heads the choices (none: there is nothing to choose), `many` lets several be taken. `reverse` is the key of
    the action that undoes it; empty where it cannot be undone.
    """

    key: str
    title: StrPromise | str
    icon: str
    apply: Callable[[Chunk], Touched]
    roles: frozenset[Role] = frozenset({AGENT, MARKETER, OWNER})
    ask: StrPromise | str = ""
    choices: Callable[[], Sequence[Choice]] | None = None
    many: bool = False
    reverse: str = ""
    order: int = 50


_actions: dict[str, BulkAction] = {}


def register_bulk_action(*actions: BulkAction) -> None:
    """Add actions to the bulk bar; registering a key again replaces it."""
    _actions.update({action.key: action for action in actions})


def bulk_actions(roles: frozenset[Role]) -> list[BulkAction]:
    """What people of these roles may do, in the order of the bar."""
    return sorted((one for one in _actions.values() if one.roles & roles), key=lambda one: one.order)


def bulk_action(key: str) -> BulkAction | None:
    """The action of that key, if any."""
    return _actions.get(key)


def _labels_in_use() -> list[Choice]:
    return [Choice(label.pk, label.name, label.colour) for label in Label.objects.filter(archived=False)]


def _labels() -> list[Choice]:
    return [Choice(label.pk, label.name, label.colour) for label in Label.objects.all()]


OWN_ACTIONS = (
    BulkAction(
        "label_add", _("Add label"), "tag", labels_add,
        ask=_("Labels to add"), choices=_labels_in_use, many=True, reverse="label_remove", order=10,
    ),
    BulkAction(
        "label_remove", _("Remove label"), "tag", labels_remove,
        ask=_("Labels to remove"), choices=_labels, many=True, reverse="label_add", order=20,
    ),
    BulkAction("vip_set", _("Set VIP"), "star", vip_set, reverse="vip_unset", order=30),
    BulkAction("vip_unset", _("Remove VIP"), "star", vip_unset, reverse="vip_set", order=40),
)  # fmt: skip
