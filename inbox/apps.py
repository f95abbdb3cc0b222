"""Inbox app: its section of the customer panel is the contact's chat history."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    name = "inbox"

    def ready(self) -> None:
        from contacts.bulk_actions import register_bulk_action
        from contacts.columns import register_list_column
        from contacts.registry import (
            PanelSection,
            SearchElsewhere,
            register_auditor,
            register_panel_section,
            register_search,
        )

        from .audit import CHECKS
        from .bulk import ASSIGN_ACTION
        from .list_column import ASSIGNEE
        from .pages import history_context
        from .views_search import search_url, search_words

        register_panel_section(
            PanelSection(
                key="chat",
                title=_("Chat"),
                icon="chat",
                action=_("View Chat History"),
                template="inbox/_history.html",
                context=history_context,
                order=20,
            )
        )
        register_search(SearchElsewhere(key="messages", words=search_words, url=search_url))
        register_auditor(*CHECKS)
        register_list_column(ASSIGNEE)
        register_bulk_action(ASSIGN_ACTION)
