"""List entries begin with how a name sorts, and all contacts are a sum that is kept, not added up from every kind.

Triggers first, then the rows, under one lock that stops writers of contacts and searches for the seconds it takes; the
list without a search goes on. Searches are slow, and right, until their indexes are built beside the work.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models, transaction

COPIED = (
    "traits", "label_mask", "channel_mask", "first_contact_at", "latest_contact_at", "search_text", "usernames",
    "value", "sort_name",
)  # fmt: skip
NAMES = ", ".join(name.replace("sort_name", "sort_start") for name in COPIED)


def copied(row: str) -> str:
    """What an entry holds of a row."""
    return ", ".join(f"left({row}{name}, 9)" if name == "sort_name" else f"{row}{name}" for name in COPIED)


def told(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in COPIED)


TRIGGERS = f"""
CREATE OR REPLACE FUNCTION contacts_tally_fold() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time: two would wait for each other's rows. The next statement sees what the one before committed.
    IF NOT pg_try_advisory_xact_lock(hashtext('contacts.tally')) THEN RETURN; END IF;
    WITH gone AS (
        DELETE FROM contacts_tally
        WHERE id = ANY(ARRAY(SELECT id FROM contacts_tally WHERE NOT folded ORDER BY id LIMIT 2000))
        RETURNING change, traits, label_mask, channel_mask
    ), total AS (
        INSERT INTO contacts_tallytotal (id, folded) SELECT 1, sum(change) FROM gone HAVING sum(change) <> 0
        ON CONFLICT (id) DO UPDATE SET folded = contacts_tallytotal.folded + excluded.folded
    )
    INSERT INTO contacts_tally (change, traits, label_mask, channel_mask, folded)
    SELECT sum(change), traits, label_mask, channel_mask, true FROM gone GROUP BY 2, 3, 4 HAVING sum(change) <> 0
    ON CONFLICT (channel_mask, label_mask, traits) WHERE folded
    DO UPDATE SET change = contacts_tally.change + excluded.change;
END $$;

CREATE OR REPLACE FUNCTION contacts_tally_recount() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('contacts.tally'));
    -- One statement and so one snapshot: a contact that is added meanwhile brings its own change.
    WITH gone AS (DELETE FROM contacts_tally RETURNING 1), kinds AS (
        INSERT INTO contacts_tally (change, traits, label_mask, channel_mask, folded)
        SELECT count(*), traits, label_mask, channel_mask, true FROM contacts_contact
        WHERE (SELECT count(*) FROM gone) >= 0 -- deleted before anything is inserted
        GROUP BY 2, 3, 4
        RETURNING change
    )
    INSERT INTO contacts_tallytotal (id, folded) SELECT 1, coalesce(sum(change), 0) FROM kinds
    ON CONFLICT (id) DO UPDATE SET folded = excluded.folded;
END $$;

CREATE OR REPLACE FUNCTION contacts_contact_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contacts_tally;
    DELETE FROM contacts_tallytotal;
    IF EXISTS (SELECT FROM contacts_listentry) THEN TRUNCATE contacts_listentry; END IF;
    RETURN NULL;
END $$;

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
    SET ({NAMES}) = ROW({", ".join(f"excluded.{name}" for name in NAMES.split(", "))});
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
# Written anew: an update would leave a table of twice the size, and searches read all of it.
ENTRIES = f"""
TRUNCATE contacts_listentry;
INSERT INTO contacts_listentry (contact_id, {NAMES}) SELECT id, {copied("")} FROM contacts_contact ORDER BY id;
"""
TOTAL = "INSERT INTO contacts_tallytotal (id, folded) SELECT 1, coalesce(sum(change), 0) FROM contacts_tally WHERE folded"


def fill(apps, schema_editor):
    """Triggers, and what they would have written; nobody writes contacts meanwhile."""
    with transaction.atomic(using=schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contacts_contact IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('contacts.tally'))")
        cursor.execute(TRIGGERS)
        cursor.execute(ENTRIES)
        cursor.execute(TOTAL)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE contacts_listentry")


class Migration(migrations.Migration):
    # Indexes are dropped and built without stopping anybody; `fill` has a transaction of its own.
    atomic = False

    dependencies = [("contacts", "0015_exports")]

    operations = [
        RemoveIndexConcurrently("listentry", "entry_search"),
        RemoveIndexConcurrently("listentry", "entry_usernames"),
        migrations.AddField(
            "listentry",
            "sort_start",
            models.TextField(db_collation="C", default=""),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="TallyTotal",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("folded", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="tally_total_is_one")],
            },
        ),
        migrations.RunPython(fill),  # no way back: the triggers before knew neither the table nor the column
        AddIndexConcurrently("listentry", GinIndex(OpClass("search_text", "gin_trgm_ops"), name="entry_search")),
        AddIndexConcurrently("listentry", GinIndex(OpClass("usernames", "gin_trgm_ops"), name="entry_usernames")),
    ]
