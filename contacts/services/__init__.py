"""Every write to contacts; import from here."""

from .ingest import (
    FollowChange,
    Person,
    PersonKey,
    Seen,
    follows_apply,
    interactions_roll_up,
    people_upsert,
    placeholder_name,
)
from .link import contact_absorb
from .profile import (
    ProfileFacts,
    contact_name_refresh,
    profile_postpone,
    profile_save,
    profile_unavailable,
)

__all__ = [
    "FollowChange",
    "Person",
    "PersonKey",
    "ProfileFacts",
    "Seen",
    "contact_absorb",
    "contact_name_refresh",
    "follows_apply",
    "interactions_roll_up",
    "people_upsert",
    "placeholder_name",
    "profile_postpone",
    "profile_save",
    "profile_unavailable",
]
