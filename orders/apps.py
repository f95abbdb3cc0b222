"""Orders app: its section of the customer panel is the contact's order history."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from contacts.columns import register_list_column
        from contacts.registry import PanelSection, register_absorber, register_auditor, register_panel_section

        from .audit import CHECKS
        from .list_column import LAST_ORDER
        from .panel import section_context, summary_context
        from .selectors import order_count
        from .services import orders_absorb, orders_lock

        register_panel_section(
            PanelSection(
                key="orders",
                title=_("Orders"),
                icon="bag",
                action=_("View Order History"),
                template="orders/_section.html",
                context=section_context,
                order=30,
                count=order_count,
                summary_template="orders/_summary.html",
                summary=summary_context,
            )
        )
        register_absorber(orders_absorb, lock=orders_lock)
        register_auditor(*CHECKS)
        register_list_column(LAST_ORDER)
