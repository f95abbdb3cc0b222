"""The audit of DESIGN section 3: every rule the apps registered, over the whole database; found, and mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from contacts.registry import AuditCheck, audit_checks

BATCH = 1_000  # contacts locked at a time


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as its rule says."""

    check: str
    contact_id: int
    subject: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.check}: {self.subject} is {self.found or 'empty'}, should be {self.expected or 'empty'}"


def audit_find(check: AuditCheck) -> list[Finding]:
    """What differs, ordered by contact. One statement: what is written meanwhile cannot look wrong."""
    with connection.cursor() as cursor:
        cursor.execute(check.find)
        return [Finding(check.key, *row) for row in sorted(cursor.fetchall(), key=lambda row: (row[0], row[1]))]


def audit_repair(check: AuditCheck, findings: Sequence[Finding]) -> None:
    """Mend it under the contacts' locks, recomputed there: a delivery that comes meanwhile is neither lost nor late."""
    ids = sorted({finding.contact_id for finding in findings})
    for start in range(0, len(ids), BATCH):
        contacts = ids[start : start + BATCH]
        with transaction.atomic():
            if check.lock:
                check.lock()
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT FROM contacts_contact WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [contacts]
                )
                for statement in check.repair:
                    cursor.execute(statement, {"contacts": contacts})


def audit(*, repair: bool = False) -> Iterator[tuple[AuditCheck, list[Finding], bool]]:
    """Each rule, what differs from it, and whether that was mended."""
    for check in audit_checks():
        findings = audit_find(check)
        mended = False
        if findings and repair and check.repair:
            audit_repair(check, findings)
            mended = not audit_find(check)
        yield check, findings, mended
