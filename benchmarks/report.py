"""The report against COPY: of the same query, and of the whole contacts table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.http import QueryDict

from contacts.models import Contact
from contacts.report import report_sql, report_stream
from contacts.selectors.listing import contact_listing

from .timing import beside

CONTACTS = 100_000


def seed() -> None:
    """Contacts with a channel and two labels each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_channel (platform, external_id, name, scope)
            SELECT 'facebook', 'bench' || n, 'Page ' || n, 'bench' || n FROM generate_series(1, 5) n;
            INSERT INTO labels_label (name, name_key) SELECT 'Label ' || n, 'label ' || n FROM generate_series(1, 9) n;
            INSERT INTO contacts_contact (name, sort_name, search_text, phone, phone_display, latest_contact_at,
                                          label_ids, channel_ids, platforms)
            SELECT 'Customer ' || n, 'customer ' || n, 'customer ' || n, '+6681' || lpad(n::text, 7, '0'),
                   '081-' || lpad(n::text, 7, '0'), now() - n * interval '1 minute',
                   ARRAY(SELECT id FROM labels_label ORDER BY id OFFSET n %% 8 LIMIT 2),
                   ARRAY(SELECT id FROM contacts_channel ORDER BY id OFFSET n %% 5 LIMIT 1), ARRAY['facebook']
            FROM generate_series(1, %s) n
            """,
            [CONTACTS],
        )
        cursor.execute("ANALYZE contacts_contact")


def measure() -> Iterator[str]:
    """Lines of the report's figures."""
    Contact.objects.all().delete()
    seed()
    listing = contact_listing(QueryDict(""))
    sql, params = report_sql(listing.queryset)

    def copy(statement: str, bound: Any = None) -> int:
        command = f"COPY ({statement}) TO STDOUT (FORMAT csv)"
        with connection.cursor() as cursor, cursor.cursor.copy(command, bound) as rows:
            return sum(len(row) for row in rows)

    def stream() -> int:
        return sum(len(piece) for piece in report_stream(listing.queryset, finished=lambda rows: None))

    name = f"report of {CONTACTS:,} rows"
    yield beside(name, stream, "COPY of the same query", lambda: copy(sql, params))
    yield beside(name, stream, "COPY contacts_contact", lambda: copy("SELECT * FROM contacts_contact"))
