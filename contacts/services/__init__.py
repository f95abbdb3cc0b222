"""Every write to contacts; import from here."""

from .channel import channel_rescope
from .edit import FIELDS, Conflict, EditConflict, contact_edit, contact_set_vip
from .ingest import (
    FollowChange,
    Person,
    PersonKey,
    Seen,
    follows_apply,
    interactions_roll_up,
    people_upsert,
)
from .labels import contact_labels_change
from .link import contact_absorb
from .profile import (
    ProfileFacts,
    contact_name_refresh,
    profile_claim,
    profile_postpone,
    profile_save,
    profile_unavailable,
    profiles_due_now,
    profiles_renew,
)
from .profile_told import ToldProfile, profiles_told
from .told import CameBy, Happened, happenings_note, origins_keep

__all__ = [
    "FIELDS",
    "CameBy",
    "Conflict",
    "EditConflict",
    "FollowChange",
    "Happened",
    "Person",
    "PersonKey",
    "ProfileFacts",
    "Seen",
    "ToldProfile",
    "channel_rescope",
    "contact_absorb",
    "contact_edit",
    "contact_labels_change",
    "contact_name_refresh",
    "contact_set_vip",
    "follows_apply",
    "happenings_note",
    "interactions_roll_up",
    "origins_keep",
    "people_upsert",
    "profile_claim",
    "profile_postpone",
    "profile_save",
    "profile_unavailable",
    "profiles_due_now",
    "profiles_renew",
    "profiles_told",
]
