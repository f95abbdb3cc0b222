"""What has to work before traffic may come: database, Redis, migrations, and a demo that is complete."""

from __future__ import annotations

import logging
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis.backoff import NoBackoff
from redis.retry import Retry

from .models import Shop

logger = logging.getLogger(__name__)
SECONDS = 2


def readiness() -> dict[str, str]:
    """Each check with "ok" or a word on what is wrong; never raises."""
    return {**_database_checks(), "redis": _redis()}


def _database_checks() -> dict[str, str]:
    checks = dict.fromkeys(("database", "migrations", "demo"), "unknown")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{SECONDS}s"])
            checks["database"] = "ok"
            missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
            checks["migrations"] = "pending" if missing else "ok"
            loading = not missing and Shop.objects.filter(is_demo=True, demo_complete=False).exists()
            checks["demo"] = "loading" if loading else "ok"
    except DatabaseError as error:
        logger.warning("not ready: %s", type(error).__name__)
        checks["database"] = "unavailable"
    return checks


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration of the code on disk."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _redis() -> str:
    client = redis.Redis.from_url(
        str(settings.CACHES["default"]["LOCATION"]),
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except redis.RedisError as error:
        logger.warning("not ready: redis %s", type(error).__name__)
        return "unavailable"
    finally:
        client.close()
    return "ok"
