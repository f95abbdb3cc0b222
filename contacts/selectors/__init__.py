"""Every read of contacts; import from here."""

from .panel import panel_context
from .profiles import profile_queue, profiles_due

__all__ = ["panel_context", "profile_queue", "profiles_due"]
