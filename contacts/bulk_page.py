"""What the bulk dialog and the line of progress say of a job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .bulk_actions import BulkAction, Choice, bulk_action
from .models import BulkJob, BulkState
from .services.bulk import AT_ONCE, UNDO_HOURS, can_undo


@dataclass
class BulkPage:
    """Context of templates/contacts/_bulk_*.html."""

    job: BulkJob
    error: str = ""

    @cached_property
    def action(self) -> BulkAction | None:
        return bulk_action(self.job.action)

    @cached_property
    def choices(self) -> Iterable[Choice]:
        return self.action.choices() if self.action and self.action.choices else ()

    @property
    def title(self) -> str:
        if self.job.undo_of_id:
            return _("Undo")
        return str(self.action.title) if self.action else self.job.action

    @property
    def contacts(self) -> str:
        """ "12 contacts"."""
        return _contacts(self.job.counted)

    @property
    def button(self) -> str:
        return ngettext("Change %(count)s contact", "Change %(count)s contacts", self.job.counted) % {
            "count": intcomma(self.job.counted)
        }

    @property
    def hints(self) -> list[str]:
        """What a person should know before the button."""
        back = self.action.reverse if self.action else ""
        hints = [_("Exactly these are changed, even if others match by then.")]
        if self.job.counted > AT_ONCE:
            hints.append(_("It runs in the background. You can go on working."))
        hints.append(
            _("You can undo it for %(hours)s hours.") % {"hours": UNDO_HOURS} if back else _("It cannot be undone.")
        )
        return hints

    @property
    def outcome(self) -> str:
        """ "Set VIP: 12 contacts changed. 3 were so already."."""
        job = self.job
        said = [_("%(title)s: %(contacts)s changed.") % {"title": self.title, "contacts": _contacts(job.changed)}]
        same = job.done - job.changed - job.missing
        if job.state == BulkState.CANCELLED:
            counts = {"done": intcomma(job.done), "all": intcomma(job.counted)}
            said.append(_("Stopped after %(done)s of %(all)s.") % counts)
        if same and job.undo_of_id:
            said.append(
                ngettext(
                    "%(count)s was changed by somebody since and stays.",
                    "%(count)s were changed by somebody since and stay.",
                    same,
                )
                % {"count": intcomma(same)}
            )
        elif same:
            said.append(
                ngettext("%(count)s stays as it was.", "%(count)s stay as they were.", same) % {"count": intcomma(same)}
            )
        if job.missing:
            said.append(
                ngettext("%(count)s no longer exists.", "%(count)s no longer exist.", job.missing)
                % {"count": intcomma(job.missing)}
            )
        return " ".join(said)

    @property
    def is_undone(self) -> bool:
        """Whether it was, or is just being; one that was cancelled leaves the rest as it is."""
        undo: BulkJob | None = getattr(self.job, "undo", None)
        return undo is not None and undo.state != BulkState.CANCELLED

    @property
    def is_cut_short(self) -> bool:
        """An undo that was cancelled."""
        return self.job.undo_of is not None and self.job.state == BulkState.CANCELLED

    @property
    def undoable(self) -> BulkJob | None:
        """The job whose undo is offered: this one, or, where this is an undo that was cancelled, the one it is of."""
        job = self.job.undo_of if self.job.undo_of and self.is_cut_short else self.job
        return job if can_undo(job) and not BulkPage(job).is_undone else None

    @property
    def undo_hint(self) -> str:
        return _("Possible for %(hours)s hours") % {"hours": UNDO_HOURS}


def _contacts(count: int) -> str:
    return ngettext("%(count)s contact", "%(count)s contacts", count) % {"count": intcomma(count)}
