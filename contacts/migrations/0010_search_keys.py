"""User names on the contact's row for the search, and search_text anew: tone-insensitive, with how Thai names sound.

Usernames by row triggers that name their columns: the ingest path, which updates other columns of an identity and
inserts it without a username, never fires them. The contact is locked first; the next statement of a READ COMMITTED
function then sees what the transaction it waited for committed, so a recompute cannot be stale.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from contacts.models.contact import _search_text

BATCH = 2000

USERNAMES = """
CREATE FUNCTION contacts_refresh_usernames(ids integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts_contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE contacts_contact c SET usernames = fresh.usernames
    FROM (
        SELECT k.id, coalesce(string_agg(DISTINCT E'\\n' || lower(i.username), ''), '') AS usernames
        FROM unnest(ids) AS k(id) LEFT JOIN contacts_identity i ON i.contact_id = k.id AND i.username <> ''
        GROUP BY k.id
    ) fresh
    WHERE c.id = fresh.id AND c.usernames <> fresh.usernames;
END $$;

CREATE FUNCTION contacts_username_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_usernames(CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.contact_id]
        WHEN 'DELETE' THEN ARRAY[OLD.contact_id]
        ELSE ARRAY[OLD.contact_id, NEW.contact_id] END);
    RETURN NULL;
END $$;
CREATE TRIGGER identity_username_inserted AFTER INSERT ON contacts_identity
    FOR EACH ROW WHEN (NEW.username <> '') EXECUTE FUNCTION contacts_username_changed();
CREATE TRIGGER identity_username_updated AFTER UPDATE OF username, contact_id ON contacts_identity
    FOR EACH ROW WHEN (OLD.username <> NEW.username OR (OLD.contact_id <> NEW.contact_id AND NEW.username <> ''))
    EXECUTE FUNCTION contacts_username_changed();
CREATE TRIGGER identity_username_deleted AFTER DELETE ON contacts_identity
    FOR EACH ROW WHEN (OLD.username <> '') EXECUTE FUNCTION contacts_username_changed();
"""
DROP = """
DROP FUNCTION contacts_username_changed CASCADE;
DROP FUNCTION contacts_refresh_usernames;
"""


def fill(apps, schema_editor):
    """Keys of all contacts, a batch at a time in the order of ids: constant memory, short locks, no reader waits."""
    Contact = apps.get_model("contacts", "Contact")
    rows = Contact.objects.order_by("id").only("id", "name", "phone", "email", "search_text")
    last = 0
    while batch := list(rows.filter(id__gt=last)[:BATCH]):
        last = batch[-1].id
        keys = {row.id: key for row in batch if (key := _search_text(row)) != row.search_text}
        with schema_editor.connection.cursor() as cursor:
            if keys:
                # Who was renamed meanwhile has fresh keys already.
                known = {row.id: row.search_text for row in batch}
                cursor.execute(
                    """
                    UPDATE contacts_contact c SET search_text = v.fresh
                    FROM unnest(%s::integer[], %s::text[], %s::text[]) AS v(id, known, fresh)
                    WHERE c.id = v.id AND c.search_text = v.known
                    """,
                    [list(keys), [known[pk] for pk in keys], list(keys.values())],
                )
            cursor.execute(
                """
                SELECT contacts_refresh_usernames(array_agg(DISTINCT contact_id ORDER BY contact_id))
                FROM contacts_identity WHERE contact_id = ANY(%s) AND username <> ''
                HAVING count(*) > 0
                """,
                [[row.id for row in batch]],
            )


class Migration(migrations.Migration):
    # Rows are filled in batches after the (instant) new column, not under its table lock.
    atomic = False

    dependencies = [("contacts", "0009_contact_tally")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="usernames",
            field=models.TextField(db_default="", default="", editable=False),
        ),
        migrations.RunSQL(USERNAMES, DROP),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently(
            model_name="contact",
            index=GinIndex(OpClass("usernames", "gin_trgm_ops"), name="contact_usernames"),
        ),
    ]
