"""What an export is of: the list at its parameters or the ticked rows, in the list's order, with the columns wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.export_words import SELECTED
from contacts.list_bar import FilterBar
from contacts.list_urls import ListUrl
from contacts.models import Contact, ExportJob
from contacts.report import columns_known
from contacts.selection import ticked_ids
from contacts.selectors.listing import Listing, contact_listing
from saifa_crm.lib.safe_text import storable

MOST_IDS = 10_000
MAILING = ("customer_name", "phone_number", "email")
# Ticked in the dialog where a person has chosen nothing before.
USUAL = (
    "customer_name", "channel", "user_type", "label", "phone_number", "latest_contact", "value", "orders",
)  # fmt: skip


@dataclass(frozen=True)
class ExportChoice:
    """`params` are the list's, as they were sent: what is wrong with them is refused, not left out.

    `columns` empty: all twelve, the contract of report.csv. `ids` None: all that the parameters show.
    """

    params: QueryDict
    ids: tuple[int, ...] | None = None
    with_email: bool = False
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, params: QueryDict, *, ticked: bool = True) -> ExportChoice:
        """From the list's parameters, `col` (repeated), `mailing`, and where `ticked` from `ids` (with commas)."""
        mailing = bool(params.get("mailing"))
        columns = MAILING if mailing else tuple(params.getlist("col"))
        return cls(
            params,
            tuple(ticked_ids(params)) if ticked and "ids" in params else None,
            mailing,
            tuple(columns_known(columns)) if columns else (),
        )

    @classmethod
    def of_selection(cls, data: QueryDict) -> ExportChoice:
        """From the list's selection: with `all` every contact that matches `query`, else the ticked ones; by `sort`."""
        params = QueryDict(data.get("query", ""), mutable=True)
        params["sort"] = data.get("sort", "")
        return cls(params, None if data.get("all") else tuple(ticked_ids(data)))

    @classmethod
    def of_job(cls, job: ExportJob) -> ExportChoice:
        return cls(QueryDict(job.query), tuple(job.ids) or None, job.with_email, tuple(job.columns))

    @cached_property
    def url(self) -> ListUrl:
        return ListUrl.of(self.params).without("page", "per_page")

    @property
    def query(self) -> str:
        """The list's filters and order, as in its URL."""
        return self.url.query

    @cached_property
    def listing(self) -> Listing:
        return contact_listing(self.params)

    @cached_property
    def errors(self) -> Sequence[str]:
        """What is wrong with it, a sentence each."""
        if self.ids is not None and len(self.ids) > MOST_IDS:
            return [_("At most 10,000 ticked contacts can be exported at once. Filter the list instead.")]
        return self.listing.errors

    @cached_property
    def queryset(self) -> QuerySet[Contact]:
        """The rows, in order."""
        found = self.listing.queryset
        if self.ids is not None:
            found = Contact.objects.filter(pk__in=self.ids).order_by(*self.listing.order)
        return found.exclude(email="") if self.with_email else found

    @cached_property
    def counted(self) -> int:
        """How many rows, by the list's own quick count where it is the list."""
        if self.ids is not None:
            return self.queryset.count()
        if not self.with_email:
            return self.listing.count
        asked = dict(self.url.pairs).get("has_email")
        if asked == "no":
            return 0
        return contact_listing(QueryDict(self.url.with_values(has_email="yes").query)).count

    @property
    def stream_query(self) -> str:
        """Parameters of report.csv that stream the same; ticked rows are never streamed, their ids fill no URL."""
        params = QueryDict(self.query, mutable=True)
        if self.with_email:
            params["mailing"] = "1"
        elif self.columns:
            params.setlist("col", list(self.columns))
        return params.urlencode()

    def filters_shown(self) -> list[tuple[str, str]]:
        """(name, value) of each filter in the person's language."""
        if self.ids is not None:
            words = [(str(SELECTED), f"{len(self.ids):,}")]
        else:
            words = [(str(chip.title), storable(str(chip.value))) for chip in FilterBar(self.listing, self.url).chips]
        return [*words, (_("Email"), _("Yes"))] if self.with_email else words

    def filters_in_words(self) -> list[list[str]]:
        """The same for the record, as it reads now and in English: labels are renamed, the record is not."""
        with translation.override("en"):
            return [list(pair) for pair in self.filters_shown()]
