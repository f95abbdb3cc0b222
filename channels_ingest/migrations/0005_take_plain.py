"""The common delivery in one round trip: messages of known people, about whom nothing waits.

It only puts together what the apps' own functions do; whatever is not plain is left to the general path, which calls
the same functions one by one.
"""

from django.db import migrations

SQL = """
-- Takes messages of one account; answers the channel's id. Null, and nothing written, where the account is not
-- connected, a person or a conversation is new, or something was told of one of the messages before it came.
CREATE FUNCTION channels_ingest_take_plain(
    of_platform text, by_channel integer, of_account text, received timestamptz, events jsonb,
    preview_length integer, unread_cap integer
) RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    channel integer; people text[]; persons text[]; ids text[]; known text[]; identities integer[];
    messages jsonb; fresh text[]; whose integer[]; times timestamptz[];
BEGIN
    SELECT c.id INTO channel FROM contacts_channel c JOIN channels_ingest_connection l ON l.channel_id = c.id
    WHERE l.state <> 'disconnected' AND CASE WHEN by_channel IS NULL
        THEN c.platform = of_platform AND c.external_id = of_account
        ELSE c.id = by_channel AND of_account IN ('', c.external_id) END;
    IF channel IS NULL THEN RETURN NULL; END IF;

    SELECT array_agg(e.person_id), array_agg(e.platform_id), array_agg(DISTINCT e.person_id) INTO people, ids, persons
    FROM jsonb_to_recordset(events) AS e(person_id text, platform_id text);
    SELECT array_agg(p.external_id), array_agg(p.identity_id) INTO known, identities
    FROM contacts_people_lock(array_fill(channel, ARRAY[cardinality(persons)]), persons, true) p;
    IF known IS NULL THEN RETURN NULL; END IF;
    IF (SELECT count(*) FROM inbox_conversation WHERE identity_id = ANY(identities)) < cardinality(identities)
        THEN RETURN NULL; END IF;
    PERFORM FROM unnest(people, ids) AS k(person_id, platform_id)
    JOIN channels_ingest_mark m ON m.channel_id = channel AND m.person_id = k.person_id
                               AND m.platform_id = k.platform_id;
    IF FOUND THEN RETURN NULL; END IF;

    SELECT jsonb_agg((e.body - 'raw') || jsonb_build_object('identity_id', k.identity_id)) INTO messages
    FROM jsonb_array_elements(events) AS e(body)
    JOIN unnest(known, identities) AS k(person_id, identity_id) ON k.person_id = e.body ->> 'person_id';
    SELECT array_agg(n.identity_id), array_agg(n.platform_id), array_agg(n.sent_at) INTO whose, fresh, times
    FROM inbox_store(messages, preview_length, unread_cap) n;
    IF fresh IS NULL THEN RETURN channel; END IF;
    PERFORM contacts_roll_up(whose, times, times);
    INSERT INTO channels_ingest_rawevent (channel_id, person_id, platform_id, body, received_at)
    SELECT channel, e.person_id, e.platform_id, e.raw, received
    FROM jsonb_to_recordset(events) AS e(person_id text, platform_id text, raw text)
    JOIN unnest(known, identities) AS k(person_id, identity_id) ON k.person_id = e.person_id
    JOIN unnest(whose, fresh) AS n(identity_id, platform_id)
      ON n.identity_id = k.identity_id AND n.platform_id = e.platform_id;
    RETURN channel;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("channels_ingest", "0004_marks_taken_over"),
        ("contacts", "0006_ingest_functions"),
        ("inbox", "0005_ingest_functions"),
    ]

    operations = [migrations.RunSQL(SQL, "DROP FUNCTION channels_ingest_take_plain")]
