"""List entries hold all that is searched in one text, with a space before every word: one index, one look at each row.

The table is made anew, with its triggers and rows, under one lock that stops writers of contacts and searches for the
seconds it takes; the list without a search goes on. Searches are slow, and right, until the index is built beside the
work; those of processes that still run the code before fail until they are started anew. It can be run again after a
failure at any point.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models, transaction

# What an entry holds, and how it is had of a contact's row.
COPIED = {
    "traits": "{row}traits",
    "label_mask": "{row}label_mask",
    "channel_mask": "{row}channel_mask",
    "first_contact_at": "{row}first_contact_at",
    "latest_contact_at": "{row}latest_contact_at",
    "searched": "contacts_searched({row}search_text, {row}usernames)",
    "value": "{row}value",
    "sort_start": "left({row}sort_name, 9)",
}
NAMES = ", ".join(COPIED)
# Of which it is had: only a change of these is a change of the entry.
TOLD = (
    "traits", "label_mask", "channel_mask", "first_contact_at", "latest_contact_at", "search_text", "usernames",
    "value", "sort_name",
)  # fmt: skip


def copied(row: str) -> str:
    return ", ".join(how.format(row=row) for how in COPIED.values())


def told(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in TOLD)


TRIGGERS = f"""
CREATE OR REPLACE FUNCTION contacts_searched(search_text text, usernames text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ' ' || replace(search_text, E'\\n', E'\\n ') || replace(usernames, E'\\n', E'\\n @ ')
$$;

CREATE OR REPLACE FUNCTION contacts_contact_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Who was changed within the same statement has an entry by now, a newer one.
    INSERT INTO contacts_listentry (contact_id, {NAMES})
    SELECT id, {copied("")}
    FROM fresh
    ON CONFLICT DO NOTHING;
    INSERT INTO contacts_tally (change, traits, label_mask, channel_mask)
    SELECT count(*), traits, label_mask, channel_mask FROM fresh GROUP BY 2, 3, 4;
    IF random() < 0.01 THEN PERFORM contacts_tally_fold(); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION contacts_contact_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_listentry (contact_id, {NAMES})
    VALUES (NEW.id, {copied("NEW.")})
    ON CONFLICT (contact_id) DO UPDATE
    SET ({NAMES}) = ROW({", ".join(f"excluded.{name}" for name in COPIED)});
    IF (OLD.traits, OLD.label_mask, OLD.channel_mask) <> (NEW.traits, NEW.label_mask, NEW.channel_mask) THEN
        INSERT INTO contacts_tally (change, traits, label_mask, channel_mask)
        VALUES (-1, OLD.traits, OLD.label_mask, OLD.channel_mask), (1, NEW.traits, NEW.label_mask, NEW.channel_mask);
        IF random() < 0.01 THEN PERFORM contacts_tally_fold(); END IF;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER contact_changed ON contacts_contact;
CREATE TRIGGER contact_changed AFTER UPDATE ON contacts_contact FOR EACH ROW
    WHEN (({told("OLD")}) IS DISTINCT FROM ({told("NEW")}))
    EXECUTE FUNCTION contacts_contact_changed();
"""
# Room on the page for an entry's next version: 99 of 100 updates then touch no index, and a search reads few pages.
ROOM = "ALTER TABLE contacts_listentry SET (fillfactor = 95)"
ENTRIES = (
    f"INSERT INTO contacts_listentry (contact_id, {NAMES}) SELECT id, {copied('')} FROM contacts_contact ORDER BY id"
)


def rebuild(apps, schema_editor):
    """The table as it is from here on, what keeps it, and its rows; nobody writes contacts meanwhile."""
    ListEntry = apps.get_model("contacts", "ListEntry")
    with transaction.atomic(using=schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contacts_contact IN SHARE ROW EXCLUSIVE MODE")
        schema_editor.delete_model(ListEntry)
        schema_editor.create_model(ListEntry)
        cursor.execute(ROOM)
        cursor.execute(TRIGGERS)
        cursor.execute(ENTRIES)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE contacts_listentry")


class Migration(migrations.Migration):
    # The index is built without stopping anybody; `rebuild` has a transaction of its own.
    atomic = False

    dependencies = [("contacts", "0016_name_starts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("ListEntry"),
                migrations.CreateModel(
                    name="ListEntry",
                    fields=[
                        (
                            "contact",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="entry",
                                serialize=False,
                                to="contacts.contact",
                            ),
                        ),
                        ("traits", models.SmallIntegerField()),
                        ("label_mask", models.BigIntegerField()),
                        ("channel_mask", models.BigIntegerField()),
                        ("first_contact_at", models.DateTimeField(null=True)),
                        ("latest_contact_at", models.DateTimeField(null=True)),
                        ("searched", models.TextField()),
                        ("value", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("sort_start", models.TextField(db_collation="C")),
                    ],
                    options={"verbose_name_plural": "list entries"},
                ),
            ]
        ),
        migrations.RunPython(rebuild),  # no way back: the triggers before knew neither the text nor the index
        AddIndexConcurrently("listentry", GinIndex(OpClass("searched", "gin_trgm_ops"), name="entry_searched")),
    ]
