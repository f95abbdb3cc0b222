"""The floor of batches: pgbench, one client, one event a transaction, on the product's own two tables."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from django.db import connection

from saifa_crm.stack.demo import libpq_url

from .bodies import PEOPLE
from .psql import program
from .servers import scratch_url

SECONDS = 3
# Upsert the person, insert the message. :person and :message are drawn by pgbench.
SCRIPT = """
\\set person random(1, {people})
\\set message random(1, 9000000000000000000)
BEGIN;
INSERT INTO contacts_identity AS i (contact_id, channel_id, external_id, scope, first_seen_at, last_seen_at)
VALUES ({contact}, {channel}, 'pgbench' || :person, 'pgbench', now(), now())
ON CONFLICT (channel_id, external_id) DO UPDATE SET last_seen_at = greatest(i.last_seen_at, excluded.last_seen_at);
INSERT INTO inbox_message (conversation_id, platform_id, direction, kind, text, sent_at, platform_at)
VALUES ({conversation} + :person, 'm_' || :message, 'in', 'text', 'สวัสดีค่ะ สนใจสินค้า ' || :message, now(), now());
COMMIT;
"""


def _people(channel_id: int) -> dict[str, int]:
    """Everybody the script writes to, known already, as nearly everybody is to the deliveries it is compared with."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO contacts_contact (name, sort_name, search_text) VALUES ('', '', '') RETURNING id")
        (contact_id,) = cursor.fetchone()
        cursor.execute(
            """
            INSERT INTO contacts_identity (contact_id, channel_id, external_id, scope)
            SELECT %s, %s, 'pgbench' || n, 'pgbench' FROM generate_series(1, %s) n RETURNING id
            """,
            [contact_id, channel_id, PEOPLE],
        )
        identities = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO inbox_conversation (identity_id) SELECT unnest(%s::integer[]) RETURNING id", [identities]
        )
        first = min(row[0] for row in cursor.fetchall())
    return {"people": PEOPLE, "contact": contact_id, "channel": channel_id, "conversation": first - 1}


class PgBench:
    """pgbench of the embedded server's wheel, ready to run."""

    def __init__(self, channel_id: int) -> None:
        self.program = program("pgbench")
        self.script = SCRIPT.format(**_people(channel_id))

    def rate(self) -> float:
        """Transactions, that is events, a second."""
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, "event.sql")
            script.write_text(self.script)
            done = subprocess.run(
                [self.program, "-n", "-c", "1", "-T", str(SECONDS), "-f", script, libpq_url(scratch_url())],
                capture_output=True,
                text=True,
                env={**os.environ, "PGOPTIONS": ""},
            )
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        assert found, done.stderr
        return float(found[1])
