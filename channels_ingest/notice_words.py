"""What platforms tell of an account, in words; a kind nobody has worded is shown by the platform's name of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "app_roles": _("Meta changed what this app may do for the page"),
    "botResumed": _("LINE lets the account work again"),
    "botSuspended": _("LINE has suspended the account"),
    "deauthorised": _("Somebody who had connected accounts removed the app: check that every token still works"),
    "module_attached": _("A module was attached to the LINE account"),
    "module_detached": _("A module was detached from the LINE account"),
    "policy_block": _("Meta has blocked the page from sending"),
    "policy_unblock": _("Meta lets the page send again"),
    "policy_warning": _("Meta warns that the page breaks a policy"),
}


def notice_words(kind: str) -> Any:
    """The words for a notice's kind."""
    return WORDS.get(kind, kind)
