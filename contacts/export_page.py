"""What the export dialog, the history and the manifest's page show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from saifa_crm.access import OWNER, has_role
from saifa_crm.lib.people import full_name

from .export_words import COLUMN_TITLES, problem_words, sort_words
from .exports.choice import ExportChoice
from .models import ExportJob, ExportState, ExportWay
from .report import columns_known
from .selectors.export import columns_before
from .services.export import approval_limit

BACKGROUND_ABOVE = 50_000  # contacts: above it a file in the background is offered first
PILLS = {
    ExportState.WAITING: "pill-warn", ExportState.QUEUED: "pill-info", ExportState.RUNNING: "pill-info",
    ExportState.DONE: "pill-ok", ExportState.FAILED: "pill-bad", ExportState.DECLINED: "pill-bad",
}  # fmt: skip


@dataclass
class ExportDialog:
    """Context of templates/contacts/_export_form.html."""

    choice: ExportChoice
    user: User
    error: str = ""

    @cached_property
    def total(self) -> int:
        return self.choice.counted

    @property
    def title(self) -> str:
        counts = {"count": intcomma(self.total)}
        if self.choice.ids is not None:
            return (
                ngettext("Export %(count)s selected contact", "Export %(count)s selected contacts", self.total) % counts
            )
        return ngettext("Export %(count)s contact", "Export all %(count)s contacts", self.total) % counts

    @cached_property
    def chips(self) -> list[tuple[str, str]]:
        """(name, value) of the list's filters, in the reader's language."""
        return self.choice.filters_shown() if self.choice.ids is None else []

    @cached_property
    def columns(self) -> list[tuple[str, str, bool]]:
        """(key, title, ticked)."""
        ticked = set(self.choice.columns or columns_before(self.user))
        return [(key, str(title), key in ticked) for key, title in COLUMN_TITLES.items()]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Hidden fields: which contacts, in which order."""
        ids = [] if self.choice.ids is None else [("ids", ",".join(map(str, self.choice.ids)))]
        return [*self.choice.url.pairs, *ids]

    @cached_property
    def with_email(self) -> int:
        """Contacts the mailing preset has."""
        return ExportChoice(self.choice.params, self.choice.ids, with_email=True).counted

    @property
    def is_big(self) -> bool:
        return self.total > BACKGROUND_ABOVE

    @property
    def in_background(self) -> bool:
        """Whether there is nothing to choose: a selection is never streamed, nor what waits for an Owner."""
        return self.choice.ids is not None or self.needs_approval

    @cached_property
    def approval_above(self) -> int | None:
        return approval_limit(self.user)

    @property
    def needs_approval(self) -> bool:
        return self.approval_above is not None and self.total > self.approval_above


@dataclass
class ExportView:
    """One export, as the dialog, the history and the manifest's page show it."""

    export: ExportJob
    user: User

    @property
    def what(self) -> str:
        """ "363 contacts"."""
        rows = self.export.rows if self.export.state == ExportState.DONE else self.export.counted
        if rows is None:
            return _("Contacts")
        return ngettext("%(count)s contact", "%(count)s contacts", rows) % {"count": intcomma(rows)}

    @property
    def who(self) -> str:
        return full_name(self.export.actor) or _("A person who is gone")

    @property
    def decided_by(self) -> str:
        return full_name(self.export.decided_by)

    @property
    def headers(self) -> list[str]:
        return [str(COLUMN_TITLES[key]) for key in columns_known(self.export.columns)]

    @property
    def filters(self) -> list[tuple[str, str]]:
        return [(_(name), value) for name, value in self.export.filters]

    @property
    def sort(self) -> str | Promise:
        return sort_words(self.export)

    @property
    def pill(self) -> str:
        return PILLS.get(self.export.state_now, "")

    @property
    def state(self) -> str:
        """A stream that is complete has been downloaded and is kept nowhere."""
        if self.export.is_stream and self.export.state == ExportState.DONE:
            return _("Downloaded")
        if self.export.is_stream and self.export.state == ExportState.RUNNING:
            return _("Downloading")
        return str(self.export.state_now.label)

    @property
    def problem(self) -> str:
        return str(problem_words(self.export))

    @property
    def can_decide(self) -> bool:
        return self.export.state == ExportState.WAITING and has_role(self.user, OWNER)

    @property
    def can_cancel(self) -> bool:
        return self.export.is_live and self.export.way == ExportWay.JOB

    @property
    def is_moving(self) -> bool:
        """Whether it is worth asking again soon."""
        return self.export.is_live and not self.export.is_stream

    @property
    def list_url(self) -> str:
        """The list it came from."""
        query = QueryDict(self.export.query).urlencode()
        return f"{reverse('contacts:list')}{f'?{query}' if query else ''}"
