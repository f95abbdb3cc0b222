"""Housekeeping of the shell."""

from celery import shared_task

from .services import sign_in_purge


@shared_task
def sweep_sign_in() -> None:
    """Old failed sign-ins, sessions and invitations."""
    sign_in_purge()
