"""What happened to a contact, put into words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saifa_crm.lib.people import full_name
from saifa_crm.lib.phones import format_phone

from . import origins
from .models import Activity, UserType

# Each sentence may use {who}, {before} and {after}; values are escaped and set in bold.
SENTENCES: dict[str, Any] = {
    "name": gettext_lazy("{who} changed the name from {before} to {after}"),
    "phone": gettext_lazy("{who} changed the phone from {before} to {after}"),
    "email": gettext_lazy("{who} changed the email from {before} to {after}"),
    "address": gettext_lazy("{who} changed the address from {before} to {after}"),
    "user_type": gettext_lazy("{who} changed the type from {before} to {after}"),
    "label_added": gettext_lazy("{who} added the label {after}"),
    "label_removed": gettext_lazy("{who} removed the label {before}"),
    "assigned": gettext_lazy("{who} assigned the chats to {after}"),
    "unassigned": gettext_lazy("{who} left the chats without an assignee"),
    "phone_told": gettext_lazy("The phone number came with a message: {after}"),
    "profile_name": gettext_lazy("The profile name changed from {before} to {after}"),
    "linked": gettext_lazy("{who} joined {before} into this contact"),
    "order_added": gettext_lazy("{who} added the order {after}"),
    "order_changed": gettext_lazy("{who} changed the order {before} to {after}"),
    "order_cancelled": gettext_lazy("{who} cancelled the order {after}"),
    "order_refunded": gettext_lazy("{who} refunded the order {before}: {after}"),
    # What a platform told (verb: "platform_" and its kind).
    "platform_came": gettext_lazy("Came from {after}"),
    "platform_account_linked": gettext_lazy("The customer linked an account of the shop’s site"),
    "platform_account_unlinked": gettext_lazy("The customer unlinked an account of the shop’s site"),
    "platform_membership_joined": gettext_lazy("The customer joined the membership {after}"),
    "platform_membership_left": gettext_lazy("The customer left the membership {after}"),
    "platform_membership_renewed": gettext_lazy("The customer renewed the membership {after}"),
    "platform_video_played": gettext_lazy("The customer watched the video {after} to its end"),
    "platform_beacon": gettext_lazy("The customer was near the beacon {after}"),
    "platform_feedback": gettext_lazy("The customer rated an automatic answer: {after}"),
    "platform_control_requested": gettext_lazy("Another app asked to take over the chat"),
    "platform_number_changed": gettext_lazy("The customer changed the number to {after}"),
    "platform_identity_changed": gettext_lazy("The customer set up the app anew, on this or another phone"),
    "platform_chat_opened": gettext_lazy("The customer opened the chat for the first time"),
    "platform_called": gettext_lazy("The customer called"),
    "platform_called_by_us": gettext_lazy("The shop called the customer"),
    "platform_call_ended": gettext_lazy("The call ended: {after}"),
    "platform_marketing_preference": gettext_lazy("The customer chose about marketing messages: {after}"),
}
EMPTY = "–"


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One line of the log: safe HTML and its moment."""

    text: SafeString
    at: dt.datetime


def _shown(verb: str, value: str) -> str:
    if not value:
        return EMPTY
    if verb in ("phone", "phone_told"):
        return format_phone(value)
    if verb == "user_type" and value in UserType.values:  # kept as a key: readers differ in language
        return str(UserType(value).label)
    if verb == "platform_beacon":  # "enter 374591320", "banner 374591320": its number is enough
        return value.rpartition(" ")[2]
    if verb == "platform_came":
        return origins.source_name(value) or value
    return value


def describe(activity: Activity) -> ActivityLine:
    """A sentence in the reader's language; an unknown verb shows its values."""
    actor = activity.actor
    who = full_name(actor) or _("The system")
    sentence = str(SENTENCES.get(activity.verb, "{who}: {before} → {after}"))
    text = format_html(
        sentence.replace("{before}", "<b>{before}</b>").replace("{after}", "<b>{after}</b>"),
        who=who,
        before=_shown(activity.verb, activity.before),
        after=_shown(activity.verb, activity.after),
    )
    return ActivityLine(text, activity.at)
