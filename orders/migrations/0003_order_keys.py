"""The index by which an order is looked for, made while the table goes on being written to."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

SEARCHED_KEYS = models.Func(
    models.F("number"),
    models.F("external_id"),
    template="upper(%(expressions)s)",
    arg_joiner=r" || E'\n' || ",
    output_field=models.TextField(),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0002_value_triggers")]

    operations = [
        AddIndexConcurrently(
            model_name="order", index=GinIndex(OpClass(SEARCHED_KEYS, name="gin_trgm_ops"), name="order_keys")
        ),
    ]
