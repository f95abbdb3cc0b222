"""What the list looks at in a narrow table, a tally of every kind of contact, and indexes that hold what they are for.

The triggers are there before the rows: both under one lock that stops writers of contacts for the seconds it takes to
copy them, readers go on. Indexes are built and dropped beside the work that goes on.
"""

from __future__ import annotations

import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models, transaction

from contacts.covered import VIP

BITS = ("traits", "label_mask", "channel_mask")
COVERED = (*BITS, "first_contact_at")

TRIGGERS = """
CREATE OR REPLACE FUNCTION contacts_tally_fold() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time: two would wait for each other's rows. The next statement sees what the one before committed.
    IF NOT pg_try_advisory_xact_lock(hashtext('contacts.tally')) THEN RETURN; END IF;
    WITH gone AS (
        DELETE FROM contacts_tally
        WHERE id = ANY(ARRAY(SELECT id FROM contacts_tally WHERE NOT folded ORDER BY id LIMIT 2000))
        RETURNING change, traits, label_mask, channel_mask
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
    WITH gone AS (DELETE FROM contacts_tally RETURNING 1)
    INSERT INTO contacts_tally (change, traits, label_mask, channel_mask, folded)
    SELECT count(*), traits, label_mask, channel_mask, true FROM contacts_contact
    WHERE (SELECT count(*) FROM gone) >= 0 -- deleted before anything is inserted
    GROUP BY 2, 3, 4;
END $$;

CREATE OR REPLACE FUNCTION contacts_contact_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Who was changed within the same statement has an entry by now, a newer one.
    INSERT INTO contacts_listentry (contact_id, traits, label_mask, channel_mask, first_contact_at, latest_contact_at,
                                    search_text, usernames, value)
    SELECT id, traits, label_mask, channel_mask, first_contact_at, latest_contact_at, search_text, usernames, value
    FROM fresh
    ON CONFLICT DO NOTHING;
    INSERT INTO contacts_tally (change, traits, label_mask, channel_mask)
    SELECT count(*), traits, label_mask, channel_mask FROM fresh GROUP BY 2, 3, 4;
    IF random() < 0.01 THEN PERFORM contacts_tally_fold(); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION contacts_contact_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_listentry (contact_id, traits, label_mask, channel_mask, first_contact_at, latest_contact_at,
                                    search_text, usernames, value)
    VALUES (NEW.id, NEW.traits, NEW.label_mask, NEW.channel_mask, NEW.first_contact_at, NEW.latest_contact_at,
            NEW.search_text, NEW.usernames, NEW.value)
    ON CONFLICT (contact_id) DO UPDATE
    SET traits = excluded.traits, label_mask = excluded.label_mask, channel_mask = excluded.channel_mask,
        first_contact_at = excluded.first_contact_at, latest_contact_at = excluded.latest_contact_at,
        search_text = excluded.search_text, usernames = excluded.usernames, value = excluded.value;
    IF (OLD.traits, OLD.label_mask, OLD.channel_mask) <> (NEW.traits, NEW.label_mask, NEW.channel_mask) THEN
        INSERT INTO contacts_tally (change, traits, label_mask, channel_mask)
        VALUES (-1, OLD.traits, OLD.label_mask, OLD.channel_mask), (1, NEW.traits, NEW.label_mask, NEW.channel_mask);
        IF random() < 0.01 THEN PERFORM contacts_tally_fold(); END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_changed AFTER UPDATE ON contacts_contact FOR EACH ROW
    WHEN ((OLD.traits, OLD.label_mask, OLD.channel_mask, OLD.first_contact_at, OLD.latest_contact_at,
           OLD.search_text, OLD.usernames, OLD.value)
        IS DISTINCT FROM (NEW.traits, NEW.label_mask, NEW.channel_mask, NEW.first_contact_at, NEW.latest_contact_at,
                          NEW.search_text, NEW.usernames, NEW.value))
    EXECUTE FUNCTION contacts_contact_changed();

CREATE OR REPLACE FUNCTION contacts_contact_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contacts_listentry WHERE contact_id = ANY(ARRAY(SELECT id FROM stale));
    INSERT INTO contacts_tally (change, traits, label_mask, channel_mask)
    SELECT -count(*), traits, label_mask, channel_mask FROM stale GROUP BY 2, 3, 4;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION contacts_contact_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contacts_tally;
    IF EXISTS (SELECT FROM contacts_listentry) THEN TRUNCATE contacts_listentry; END IF;
    RETURN NULL;
END $$;
"""
# Room on the page for an entry's next version: an update then touches no index.
ROOM = "ALTER TABLE contacts_listentry SET (fillfactor = 85)"
ENTRIES = """
INSERT INTO contacts_listentry (contact_id, traits, label_mask, channel_mask, first_contact_at, latest_contact_at,
                                search_text, usernames, value)
SELECT id, traits, label_mask, channel_mask, first_contact_at, latest_contact_at, search_text, usernames, value
FROM contacts_contact ORDER BY id
"""


def fill(apps, schema_editor):
    """Triggers, and what they would have written; nobody writes contacts meanwhile."""
    with transaction.atomic(using=schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contacts_contact IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(ROOM)
        cursor.execute(TRIGGERS)
        cursor.execute(ENTRIES)
        cursor.execute("SELECT contacts_tally_recount()")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_listentry, contacts_tally")


class Migration(migrations.Migration):
    # Indexes are made without stopping writers; `fill` has a transaction of its own.
    atomic = False

    dependencies = [("contacts", "0013_bulk_jobs")]

    operations = [
        migrations.CreateModel(
            name="ListEntry",
            fields=[
                (
                    "contact",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
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
                ("search_text", models.TextField()),
                ("usernames", models.TextField()),
                ("value", models.DecimalField(decimal_places=2, max_digits=14)),
            ],
            options={"verbose_name_plural": "list entries"},
        ),
        migrations.AddField("tally", "traits", models.SmallIntegerField(db_default=0)),
        migrations.AddField("tally", "label_mask", models.BigIntegerField(db_default=0)),
        migrations.AddField("tally", "channel_mask", models.BigIntegerField(db_default=0)),
        migrations.AddField("tally", "folded", models.BooleanField(db_default=False)),
        migrations.AddConstraint(
            "tally",
            models.UniqueConstraint(
                condition=models.Q(("folded", True)),
                fields=("channel_mask", "label_mask", "traits"),
                name="tally_folded_once",
            ),
        ),
        migrations.AddIndex(
            "tally", models.Index(condition=models.Q(("folded", False)), fields=["id"], name="tally_loose")
        ),
        migrations.RunPython(fill),  # no way back: the triggers before knew neither the table nor the columns
        AddIndexConcurrently("listentry", GinIndex(OpClass("search_text", "gin_trgm_ops"), name="entry_search")),
        AddIndexConcurrently("listentry", GinIndex(OpClass("usernames", "gin_trgm_ops"), name="entry_usernames")),
        AddIndexConcurrently(
            "contact",
            models.Index(
                fields=("first_contact_at", "id"),
                include=(*BITS, "latest_contact_at", "value"),
                name="contact_first_covered",
            ),
        ),
        AddIndexConcurrently(
            "contact", models.Index(fields=("sort_name", "id"), include=COVERED, name="contact_name_covered")
        ),
        AddIndexConcurrently(
            "contact",
            models.Index(
                models.F("latest_contact_at").desc(nulls_last=True),
                models.F("id").desc(),
                include=(*COVERED, "value"),
                condition=models.Q(("traits__every_bit", VIP)),
                name="contact_vip_covered",
            ),
        ),
        RemoveIndexConcurrently("contact", "contact_vip"),
        RemoveIndexConcurrently("contact", "contact_id_covered"),
        RemoveIndexConcurrently("contact", "contact_sort_name"),
        RemoveIndexConcurrently("contact", "contact_search"),
        RemoveIndexConcurrently("contact", "contact_usernames"),
    ]
