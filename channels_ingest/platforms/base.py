"""What every platform adapter offers: its calls, what they take, answer and raise; no ORM and no HttpResponse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from saifa_crm.lib.text_length import Unit, text_length

from .events import AnyEvent, Attachment, Profile


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
