"""Indexes of the search in messages, made while the table goes on being written to: its order, and the words."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

SEARCHED = models.Q(("text__gt", ""), ("unsent_at__isnull", True))
FOLDED_TEXT = models.Func(models.F("text"), template="upper(normalize(%(expressions)s, NFKC))")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inbox", "0005_ingest_functions")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(fields=["-sent_at", "-id"], condition=SEARCHED, name="message_sent"),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=GinIndex(OpClass(FOLDED_TEXT, name="gin_trgm_ops"), condition=SEARCHED, name="message_words"),
        ),
    ]
