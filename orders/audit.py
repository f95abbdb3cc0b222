"""What the audit checks of value (DESIGN section 3, rule 4): the sum over the contact's counted orders."""

from __future__ import annotations

from contacts.registry import AuditCheck

from .services import orders_lock

COUNTED = """
    SELECT contact_id, sum(total - refunded) AS value, count(*)::integer AS n FROM orders_order
    WHERE contact_id IS NOT NULL AND orders_is_counted(status, is_cod)
"""
VALUE = AuditCheck(
    key="contact-value",
    find=f"""
        SELECT c.id, 'contact ' || c.id, c.value || ' of ' || c.order_count,
               coalesce(o.value, 0)::numeric(14, 2) || ' of ' || coalesce(o.n, 0)
        FROM contacts_contact c LEFT JOIN ({COUNTED} GROUP BY contact_id) o ON o.contact_id = c.id
        WHERE (c.value, c.order_count) IS DISTINCT FROM (coalesce(o.value, 0), coalesce(o.n, 0))
    """,
    repair=(
        f"""
        UPDATE contacts_contact c SET value = coalesce(o.value, 0), order_count = coalesce(o.n, 0)
        FROM unnest(%(contacts)s) k(id)
        LEFT JOIN ({COUNTED} AND contact_id = ANY(%(contacts)s) GROUP BY contact_id) o ON o.contact_id = k.id
        WHERE c.id = k.id
        """,
    ),
    lock=orders_lock,
)
CHECKS = (VALUE,)
