"""Indexes of the unread and spam boxes: small partial ones, built without locking the table."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("inbox", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "conversation",
            models.Index(
                fields=("-last_message_at", "-id"),
                condition=models.Q(is_spam=False, unread__gt=0),
                name="conversation_unread_latest",
            ),
        ),
        AddIndexConcurrently(
            "conversation",
            models.Index(
                fields=("-last_message_at", "-id"),
                condition=models.Q(is_spam=True),
                name="conversation_spam_latest",
            ),
        ),
    ]
