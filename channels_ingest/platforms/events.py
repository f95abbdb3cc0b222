"""What adapters make of a platform's posts: normalised events, the same for every platform."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment as sent: `kind` is image, video, audio, file, sticker, location, link or unsupported."""

    kind: str
    url: str = ""
    title: str = ""
    platform_ref: str = ""  # sticker id; LINE message, WhatsApp media or Telegram file id to fetch content by
    size: int | None = None  # bytes
    duration: int | None = None  # milliseconds
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""  # LINE location: the street address, as sent


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's public profile as the platform tells it."""

    name: str
    picture_url: str = ""
    language: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a customer came from. `source`: ad, link, post, optin or other; `ref` the platform's own reference."""

    source: str
    ref: str = ""
    ad_id: str = ""
    title: str = ""  # the ad's headline or the product's name, where told


@dataclass(frozen=True, slots=True)
class Event:
    """Common to all events: `account_id` is the channel's external id, empty where the body names none.

    `raw` is a whole body that holds this one event only, so that it can be replayed alone: `parse(event.raw)`
    yields this event again. It shares its parts with the parsed body and may hold anything JSON can.
    """

    account_id: str
    raw: Any


@dataclass(frozen=True, slots=True)
class MessageEvent(Event):
    """Something said in a one-to-one chat, either way.

    `kind`: text, image, video, audio, file, sticker, location, story_reply, story_mention, share, postback,
    order (a cart), contact (a contact card) or unsupported. `direction`: in or out (echo). `platform_id`: the
    platform's message id, a `webhookEventId`, or a digest where neither exists. `sent_at`: platform time, aware
    UTC with milliseconds, None if missing.
    """

    person_id: str
    platform_id: str
    kind: str
    direction: str
    sent_at: dt.datetime | None
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""  # platform id of the quoted message
    app_id: str = ""  # echo: the app that sent it
    metadata: str = ""  # echo: our nonce, where this product sent it
    payload: str = ""  # postback or quick reply
    origin: Origin | None = None  # the ad or link the person came by with this message
    profile: Profile | None = None  # WhatsApp, Telegram: the name comes with the message
    phone: str = ""  # WhatsApp, Telegram: the person's own number with country code, digits only


@dataclass(frozen=True, slots=True)
class UnsendEvent(Event):
    """The sender took a message back: its content must go everywhere."""

    person_id: str
    platform_id: str
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class EditEvent(Event):
    """The sender changed the words of a message; `number` counts the changes, 0 where the platform does not."""

    person_id: str
    platform_id: str
    text: str
    number: int
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ReactionEvent(Event):
    """The customer reacted to a message with `emoji`; an empty one takes the reaction back."""

    person_id: str
    platform_id: str
    emoji: str
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptEvent(Event):
    """What the shop sent has arrived or was read: all up to `upto`, or one message by `platform_id`.

    `state`: sent, delivered, read or failed (with `error`, the platform's code); exactly one of `upto` and
    `platform_id` is set.
    """

    person_id: str
    state: str
    sent_at: dt.datetime | None
    upto: dt.datetime | None = None
    platform_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class OriginEvent(Event):
    """A person came by an ad, a link or an opt-in without saying anything yet."""

    person_id: str
    origin: Origin
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ControlEvent(Event):
    """Another app took the thread (`ours` false: this one is on standby) or gave it back (true)."""

    person_id: str
    ours: bool
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class HappeningEvent(Event):
    """Something worth a line in the contact's activity; `platform_id` makes it once.

    `kind`: account_linked, account_unlinked, membership_joined, membership_left, membership_renewed,
    video_played, beacon, feedback, control_requested, called, called_by_us, call_ended, chat_opened,
    identity_changed, marketing_preference or number_changed; `detail` is the platform's own word for which.
    """

    person_id: str
    platform_id: str
    kind: str
    sent_at: dt.datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NoticeEvent(Event):
    """What the platform tells of the account itself: a policy warning, a block, a change of roles.

    `kind`: the platform's name of it, at most 64 storable characters; `serious`: the owner must act.
    """

    platform_id: str
    kind: str
    sent_at: dt.datetime | None
    detail: str = ""
    serious: bool = False


@dataclass(frozen=True, slots=True)
class FollowEvent(Event):
    """A person added (`following` true) or blocked (false) the account."""

    person_id: str
    following: bool
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class IgnoredEvent(Event):
    """A console's test or verification: makes nothing at all."""

    reason: str = "verification"


@dataclass(frozen=True, slots=True)
class StrayEvent(Event):
    """Readable but not applied (unknown kind, group chat), or *unreadable*: kept for replay.

    `person_id` and `platform_id` (the message it is or is about) are filled where they can be read, so that
    an unsend or an erasure finds what was kept.
    """

    reason: str = "unknown_kind"  # unknown_kind, unreadable, group, no_person
    kind: str = ""  # at most 64 storable characters
    person_id: str = ""
    platform_id: str = ""


PersonEvent = (
    MessageEvent
    | UnsendEvent
    | EditEvent
    | ReactionEvent
    | ReceiptEvent
    | OriginEvent
    | ControlEvent
    | HappeningEvent
    | FollowEvent
)
AnyEvent = PersonEvent | NoticeEvent | IgnoredEvent | StrayEvent
