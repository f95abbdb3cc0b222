"""Models of the core: who writes (Contact), where (Channel), under which id (Identity), what happened (Activity)."""

from .activity import Activity
from .bulk import BulkItem, BulkJob, BulkState
from .channel import Channel, Platform
from .contact import Contact, ContactLabel, UserType
from .entry import ListEntry
from .export import EXPORT_LIVE, ExportFormat, ExportJob, ExportPolicy, ExportState, ExportWay
from .identity import FollowState, Identity, ProfileState
from .preference import Density, ListPreference
from .segment import Segment
from .tally import EVERYBODY, Tally, TallyTotal

__all__ = [
    "EVERYBODY",
    "EXPORT_LIVE",
    "Activity",
    "BulkItem",
    "BulkJob",
    "BulkState",
    "Channel",
    "Contact",
    "ContactLabel",
    "Density",
    "ExportFormat",
    "ExportJob",
    "ExportPolicy",
    "ExportState",
    "ExportWay",
    "FollowState",
    "Identity",
    "ListEntry",
    "ListPreference",
    "Platform",
    "ProfileState",
    "Segment",
    "Tally",
    "TallyTotal",
    "UserType",
]
