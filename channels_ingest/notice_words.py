"""What platforms tell of an account, in words; a kind nobody has worded is shown by the platform's name of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "policy_block": _("The platform blocked messaging"),
    "policy_warning": _("The platform warned of a policy"),
    "policy_unblock": _("The platform lifted a block"),
    "app_roles": _("The roles of apps changed"),
    "botSuspended": _("The account is suspended"),
    "botResumed": _("The account is back"),
    "module_attached": _("A module was attached to the account"),
    "module_detached": _("A module was detached from the account"),
    "deauthorised": _("Somebody removed the app: check that the token still works"),
}


def notice_words(kind: str) -> Any:
    """The words for a notice's kind."""
    return WORDS.get(kind, kind)
