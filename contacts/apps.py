"""Contacts app: the core that the others register with."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
