"""Triggers that keep Contact.value and order_count the sum over counted orders (DESIGN rule 4), by deltas.

Deltas, because a recompute races under READ COMMITTED. Every writing statement takes one advisory transaction
lock first, so that statements which touch the same contacts in another order cannot deadlock.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION orders_is_counted(status text, is_cod boolean) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT status = 'completed' OR (status IN ('paid', 'shipped') AND NOT is_cod)
$$;

CREATE FUNCTION orders_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('orders.value'));
    RETURN NULL;
END $$;

CREATE FUNCTION orders_apply_deltas(ids integer[], amounts numeric[], counts integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts_contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE contacts_contact c SET value = c.value + d.amount, order_count = c.order_count + d.n
    FROM unnest(ids, amounts, counts) AS d(id, amount, n) WHERE c.id = d.id AND (d.amount <> 0 OR d.n <> 0);
END $$;

CREATE FUNCTION orders_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids integer[]; amounts numeric[]; counts integer[];
BEGIN
    SELECT array_agg(contact_id), array_agg(amount), array_agg(n) INTO ids, amounts, counts FROM (
        SELECT contact_id, sum(total - refunded) AS amount, count(*)::integer AS n FROM fresh
        WHERE contact_id IS NOT NULL AND orders_is_counted(status, is_cod) GROUP BY contact_id) d;
    IF ids IS NOT NULL THEN PERFORM orders_apply_deltas(ids, amounts, counts); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION orders_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids integer[]; amounts numeric[]; counts integer[];
BEGIN
    SELECT array_agg(contact_id), array_agg(amount), array_agg(n) INTO ids, amounts, counts FROM (
        SELECT contact_id, sum(amount) AS amount, sum(n)::integer AS n FROM (
            SELECT contact_id, total - refunded AS amount, 1 AS n FROM fresh
            WHERE contact_id IS NOT NULL AND orders_is_counted(status, is_cod)
            UNION ALL
            SELECT contact_id, refunded - total, -1 FROM stale
            WHERE contact_id IS NOT NULL AND orders_is_counted(status, is_cod)) signed
        GROUP BY contact_id) d;
    IF ids IS NOT NULL THEN PERFORM orders_apply_deltas(ids, amounts, counts); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION orders_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids integer[]; amounts numeric[]; counts integer[];
BEGIN
    SELECT array_agg(contact_id), array_agg(amount), array_agg(n) INTO ids, amounts, counts FROM (
        SELECT contact_id, sum(refunded - total) AS amount, -count(*)::integer AS n FROM stale
        WHERE contact_id IS NOT NULL AND orders_is_counted(status, is_cod) GROUP BY contact_id) d;
    IF ids IS NOT NULL THEN PERFORM orders_apply_deltas(ids, amounts, counts); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION orders_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE contacts_contact SET value = 0, order_count = 0 WHERE value <> 0 OR order_count <> 0;
    RETURN NULL;
END $$;

CREATE TRIGGER order_lock BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON orders_order
    FOR EACH STATEMENT EXECUTE FUNCTION orders_lock();
CREATE TRIGGER order_inserted AFTER INSERT ON orders_order REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION orders_inserted();
CREATE TRIGGER order_updated AFTER UPDATE ON orders_order REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION orders_updated();
CREATE TRIGGER order_deleted AFTER DELETE ON orders_order REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION orders_deleted();
CREATE TRIGGER order_truncated AFTER TRUNCATE ON orders_order
    FOR EACH STATEMENT EXECUTE FUNCTION orders_truncated();
"""

DROP = """
DROP FUNCTION orders_inserted, orders_updated, orders_deleted, orders_truncated, orders_lock CASCADE;
DROP FUNCTION orders_apply_deltas, orders_is_counted;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("contacts", "0002_filter_arrays")]

    operations = [migrations.RunSQL(SQL, DROP)]
