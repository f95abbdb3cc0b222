"""What every platform adapter speaks: normalised events, messages and errors, no ORM and no HttpResponse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from saifa_crm.lib.text_length import Unit, text_length


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


@dataclass(frozen=True, slots=True)
class Connected:
    """Answer of `account` and `connect`: the account behind a token, and plain steps (as keys) still missing.

    `via_page`: an Instagram account that is reached with the token of its Facebook page. `was_off`: the webhook's
    subscription was gone and has been made anew; what was written meanwhile may not have come.
    """

    external_id: str
    name: str
    missing: tuple[str, ...] = field(default=())
    via_page: bool = False
    was_off: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A token in place of an older one, which works on until its own end; `expires_in` seconds."""

    token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply to deliver: `retry_key` is a UUID that stays the same over retries."""

    person_id: str
    text: str
    retry_key: str
    reply_to: str = ""  # platform id of the message answered, where the platform can show it


@dataclass(frozen=True, slots=True)
class MediaSource:
    """Where the bytes of an attachment are fetched now; asked anew for every try, so that it may be short-lived.

    `headers` go to the URL's own origin only and are dropped on a redirect elsewhere. `hosts`: where the download
    and its redirects may lead (exact, or a suffix that starts with a dot). `origins`: configured by us ("scheme://
    host[:port]" of a base URL), trusted as they are. Neither URL nor headers are printed: both may hold a token.
    """

    url: str = field(repr=False)
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class PlatformError(Exception):
    """Base of what a platform's API can answer; `code` is the platform's own code for the log."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Unavailable(PlatformError):
    """A profile that cannot be had (consent, blocked, phone-only account), a file that is gone: do not retry."""


class RetryLater(PlatformError):
    """Temporary: rate limit, 5xx, time-out. `after` is the wait in seconds where the platform names one.

    `limited`: the account as a whole has called too often, whoever the call was about.
    """

    def __init__(self, message: str, *, code: str = "", after: float | None = None, limited: bool = False) -> None:
        super().__init__(message, code=code)
        self.after = after
        self.limited = limited


class TokenDead(PlatformError):
    """The token is refused: stop and ask the owner to reconnect."""


class Rejected(PlatformError):
    """The platform refused for good; retrying the same call cannot help."""


class Uncertain(PlatformError):
    """A reply may or may not have gone out and the platform has no idempotency key: wait for its echo."""


@dataclass(frozen=True, slots=True)
class Client:
    """What a network call needs: base URLs from settings, the channel's token and its external id."""

    base_url: str
    token: str
    account_id: str
    data_url: str = ""  # LINE content host
    app_secret: str = ""  # Meta: for appsecret_proof
    via_page: bool = False  # Instagram: the token is that of its Facebook page
    webhook_secret: str = ""  # Telegram: what its posts are to carry
    timeout: tuple[float, float] = (3.05, 10.0)  # connect, read (seconds)


@dataclass(frozen=True, slots=True)
class Quota:
    """Messages paid for this month: how many are `used`, and of how many (None: no limit)."""

    used: int
    total: int | None


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """What a platform takes as a reply. `reasons`: its error codes → why, as keys of inbox.carriers.Reason.

    `window`: how long after the person's last message replies are taken; None: always. `repeatable`: how long the
    retry key makes a repeated call harmless; None: there is none, a call without an answer is not repeated.
    `quota`: asks what is left of the month where each reply is paid from it.
    """

    max_length: int
    unit: Unit = "characters"
    window: dt.timedelta | None = None
    repeatable: dt.timedelta | None = None
    quota: Callable[[Client], Quota] | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def fits(self, text: str) -> bool:
        return text_length(text, self.unit) <= self.max_length


class Adapter(Protocol):
    """One platform behind one small interface; implemented by the modules beside this one."""

    @property
    def REPLIES(self) -> ReplyRules: ...

    def handshake(self, params: Mapping[str, str], verify_tokens: Sequence[str]) -> str | None: ...

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool: ...

    def parse(self, body: Any) -> Iterator[AnyEvent]: ...

    def profile(self, client: Client, external_id: str) -> Profile: ...

    def account(self, client: Client) -> Connected:
        """Whose token it is, and nothing else: nothing is subscribed."""
        ...

    def connect(self, client: Client, webhook_url: str, *, repoint: bool = True) -> Connected:
        """The account, with its webhook subscribed where that is not done already.

        `repoint` false, as in the daily check: a webhook that somebody pointed elsewhere stays there.
        """
        ...

    def send(self, client: Client, message: Outgoing) -> str: ...

    def media(self, client: Client, attachment: Attachment) -> MediaSource:
        """Where to fetch an attachment that came in a message of this platform.

        Raises Unavailable (gone), RetryLater, TokenDead, or Rejected: nothing that may be copied, or with code
        `too_large` more than the platform hands out.
        """
        ...
