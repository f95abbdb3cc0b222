"""Every read of contacts; import from here."""

from .panel import panel_context

__all__ = ["panel_context"]
