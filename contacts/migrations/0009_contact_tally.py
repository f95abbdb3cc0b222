"""The number of contacts as a sum of changes, kept by triggers; now and then a writer folds them into one."""

from __future__ import annotations

from django.db import migrations, models

TALLY = """
CREATE FUNCTION contacts_tally_fold() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time: two would each write the sum. The next statement sees what the one before committed.
    IF NOT pg_try_advisory_xact_lock(hashtext('contacts.tally')) THEN RETURN; END IF;
    WITH gone AS (DELETE FROM contacts_tally RETURNING change)
    INSERT INTO contacts_tally (change) SELECT sum(change) FROM gone HAVING count(*) > 0;
END $$;

CREATE FUNCTION contacts_tally_recount() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('contacts.tally'));
    -- One statement and so one snapshot: a contact that is added meanwhile brings its own change.
    WITH gone AS (DELETE FROM contacts_tally)
    INSERT INTO contacts_tally (change) SELECT count(*) FROM contacts_contact;
END $$;

CREATE FUNCTION contacts_contact_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_tally (change) SELECT count(*) FROM fresh HAVING count(*) > 0;
    IF random() < 0.01 THEN PERFORM contacts_tally_fold(); END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION contacts_contact_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_tally (change) SELECT -count(*) FROM stale HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION contacts_contact_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contacts_tally;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_inserted AFTER INSERT ON contacts_contact REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_contact_inserted();
CREATE TRIGGER contact_deleted AFTER DELETE ON contacts_contact REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_contact_deleted();
CREATE TRIGGER contact_truncated AFTER TRUNCATE ON contacts_contact
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_contact_truncated();

INSERT INTO contacts_tally (change) SELECT count(*) FROM contacts_contact;
"""

DROP = """
DROP FUNCTION contacts_contact_inserted, contacts_contact_deleted, contacts_contact_truncated CASCADE;
DROP FUNCTION contacts_tally_recount, contacts_tally_fold;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0008_list_columns")]

    operations = [
        migrations.CreateModel(
            "Tally",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("change", models.IntegerField()),
            ],
            options={"verbose_name_plural": "tallies"},
        ),
        migrations.RunSQL(TALLY, DROP),
    ]
