"""How many days there are among the latest contacts, for PostgreSQL's plans of counts by the day."""

from django.db import migrations

# The very expression that contacts/selectors/days.py groups by.
MAKE = """
CREATE STATISTICS contacts_entry_day ON (date_bin('1 day', latest_contact_at, 'epoch')) FROM contacts_listentry;
ANALYZE contacts_listentry;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0018_export_kinds")]

    operations = [migrations.RunSQL(MAKE, "DROP STATISTICS contacts_entry_day")]
