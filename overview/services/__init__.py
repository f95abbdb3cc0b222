"""Writes of the shell, one file a concern."""

from .account import account_update, language_choose
from .invitations import InvitationInvalid, invitation_accept
from .setup import shop_finish_setup, shop_rename
from .sign_in import sign_in_purge, sign_in_serialise
from .team import (
    LastOwner,
    TeamError,
    person_add,
    person_deactivate,
    person_make_link,
    person_reactivate,
    person_set_role,
)

__all__ = [
    "InvitationInvalid",
    "LastOwner",
    "TeamError",
    "account_update",
    "invitation_accept",
    "language_choose",
    "person_add",
    "person_deactivate",
    "person_make_link",
    "person_reactivate",
    "person_set_role",
    "shop_finish_setup",
    "shop_rename",
    "sign_in_purge",
    "sign_in_serialise",
]
