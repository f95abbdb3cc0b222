"""The phone number as people read it, kept beside the stored one."""

from django.db import migrations

import contacts.fields
from saifa_crm.lib.phones import format_phone


def fill(apps, schema_editor):
    Contact = apps.get_model("contacts", "Contact")
    batch = []
    for contact in Contact.objects.exclude(phone="").only("phone").iterator(chunk_size=2000):
        contact.phone_display = format_phone(contact.phone)
        batch.append(contact)
        if len(batch) == 2000:
            Contact.objects.bulk_update(batch, ["phone_display"])
            batch.clear()
    Contact.objects.bulk_update(batch, ["phone_display"])


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_filter_arrays")]
    # Rows are filled in batches after the (instant) new column, not under its table lock.
    atomic = False

    operations = [
        migrations.AddField(
            model_name="contact",
            name="phone_display",
            field=contacts.fields.DerivedTextField(db_default="", default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
