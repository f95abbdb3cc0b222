"""What the customer panel shows, the same in the drawer, on the contact page and in the inbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts.activity import ActivityLine, describe
from contacts.forms import ContactForm
from contacts.models import Activity, Contact, ContactLabel
from contacts.origins import came_from
from contacts.registry import PanelSection, panel_sections
from labels.forms import LabelForm
from labels.models import Label
from saifa_crm.access import MARKETER, OWNER, has_role
from saifa_crm.lib.money import satang

ACTIVITY_PAGE = 20
OVERVIEW_ACTIVITY = 3
OWN_TABS = ("overview", "activity", "edit", "labels")


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the panel; `count` is None where counting would say nothing."""

    key: str
    title: Any
    count: int | None = None


def tab_known(asked: str | None) -> str:
    """The tab itself where there is such a one, else overview."""
    known = {*OWN_TABS, *(section.key for section in panel_sections())}
    return asked if asked in known else "overview"


def panel_context(
    contact: Contact,
    request: HttpRequest,
    tab: str | None = None,
    form: ContactForm | None = None,
    label_form: LabelForm | None = None,
) -> dict[str, Any]:
    """Context of contacts/_panel.html: a constant number of queries whatever the contact has.

    `tab`: overview, activity, edit, labels or a registered section's key; None is what the URL asks for (`tab`, or
    `open`); anything else is overview. `form`, `label_form`: bound forms to show instead of fresh ones.
    """
    sections = {section.key: section for section in panel_sections()}
    current = tab_known(tab or request.GET.get("tab") or request.GET.get("open"))
    identities = list(contact.identities.select_related("channel").order_by("id"))
    labels = [
        link.label for link in ContactLabel.objects.filter(contact=contact).select_related("label").order_by("id")
    ]
    panel: dict[str, Any] = {
        "tab": current,
        "tabs": _tabs(contact, sections.values()),
        "sections": list(sections.values()),
        "identities": identities,
        "labels": labels,
        "average": satang(contact.value / contact.order_count) if contact.order_count else Decimal(0),
    }
    if current in sections:
        section = sections[current]
        panel["body"] = _render(section.template, contact, request, section.context(contact, request))
    elif current == "overview":
        panel["summaries"] = [_summary(section, contact, request) for section in sections.values() if section.summary]
        panel["activity"] = activity_lines(contact, limit=OVERVIEW_ACTIVITY)[0]
        panel["came_from"] = came_from(identities)
    elif current == "edit":
        panel["form"] = form or ContactForm.fresh(contact)
    elif current == "labels":
        panel["picker"] = _picker({label.pk for label in labels}, request, label_form)
    elif current == "activity":
        panel["activity"], panel["older"] = activity_lines(contact, before=request.GET.get("before", ""))
    return {"contact": contact, "panel": panel}


def _picker(has: set[int], request: HttpRequest, form: LabelForm | None) -> dict[str, Any]:
    """Labels to tick: all in use, and archived ones that the contact still has."""
    labels = [label for label in Label.objects.order_by("name_key", "id") if not label.archived or label.pk in has]
    can_create = has_role(request.user, MARKETER, OWNER)
    return {"labels": labels, "has": has, "ticked": has, "form": (form or LabelForm()) if can_create else None}


def _tabs(contact: Contact, sections: Iterable[PanelSection]) -> list[Tab]:
    own = [Tab(section.key, section.title, section.count(contact) if section.count else None) for section in sections]
    return [Tab("overview", _("Overview")), *own, Tab("activity", _("Activity"))]


def _render(template: str, contact: Contact, request: HttpRequest, context: dict[str, Any]) -> SafeString:
    return render_to_string(template, {"contact": contact, **context}, request)


def _summary(section: PanelSection, contact: Contact, request: HttpRequest) -> dict[str, Any]:
    context = section.summary(contact, request) if section.summary else {}
    return {"section": section, "html": _render(section.summary_template, contact, request, context)}


def activity_lines(contact: Contact, *, before: str = "", limit: int = ACTIVITY_PAGE) -> tuple[list[ActivityLine], int]:
    """The newest changes, and the id to ask older ones by (0: there are none)."""
    rows = Activity.objects.filter(contact=contact).select_related("actor").order_by("-id")
    if before.isdecimal() and len(before) < 10:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: limit + 1])
    older = found[limit - 1].pk if len(found) > limit else 0
    return [describe(row) for row in found[:limit]], older
