"""Forms of the channels page; secrets are write-only: a form never shows what is kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Platform
from saifa_crm.lib.dates import format_day

from .accounts import account_of_token
from .models import KEYED, Connection, MetaCredential
from .platforms.base import PlatformError, TokenDead
from .services_check import WRONG_TOKEN
from .services_connect import MAX_PROVIDER, TELEGRAM_SECRET, provider_of

TOKEN_REFUSED = _("The platform refused this token. Make a new one and paste it here.")
OTHER_ACCOUNT = _("This token belongs to another account: %(id)s.")
NO_NUMBER = _("This token sees no such phone number id. Copy both from the same WhatsApp account.")


def _text(label: Any, help_text: Any = "", *, required: bool = False, limit: int = 255) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=limit, widget=widget)


def _secret(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password", "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=1000, widget=widget)


def _provider() -> forms.CharField:
    return _text(
        _("Provider name"),
        _("Accounts of one LINE provider share their customers: give them the same name. Empty: this one alone."),
        limit=MAX_PROVIDER,
    )


# What a platform's form calls a field, and the fields it has no use for.
LABELS: dict[str, dict[str, Any]] = {
    Platform.FACEBOOK: {
        "token": _("Page access token"),
        "secret": _("App secret"),
        "external_id": _("Page id"),
    },
    Platform.INSTAGRAM: {
        "token": _("Instagram access token"),
        "secret": _("App secret"),
        "external_id": _("Professional account id (user_id)"),
    },
    Platform.LINE: {
        "token": _("Channel access token"),
        "secret": _("Channel secret"),
        "external_id": _("Bot user id (starts with U)"),
    },
    Platform.WHATSAPP: {
        "token": _("Access token"),
        "secret": _("App secret"),
        "external_id": _("Phone number id"),
    },
    Platform.TELEGRAM: {
        "token": _("Bot token"),
        "external_id": _("Bot id (the digits before the colon)"),
    },
}
WITHOUT: dict[str, tuple[str, ...]] = {
    Platform.FACEBOOK: ("provider",),
    Platform.INSTAGRAM: ("provider",),
    Platform.LINE: ("verify_token",),
    Platform.WHATSAPP: ("provider",),
    Platform.TELEGRAM: ("provider", "verify_token", "secret"),
}


def _bot_of(token: str) -> str:
    """The bot's id, which its token begins with; empty where it is no bot token."""
    number = token.partition(":")[0]
    return number if number.isascii() and number.isdigit() and len(number) <= 20 and ":" in token else ""


class ConnectForm(forms.Form):
    """What is needed to connect an account of one platform; the token tells the account's id and name."""

    token = _secret(_("Access token"))
    secret = _secret(_("Secret"))
    verify_token = _secret(_("Verify token"), _("A word of your choice: type the same one in Meta's dashboard."))
    provider = _provider()
    external_id = _text(_("Account id"), _("Only needed where the platform does not answer."))
    name = _text(_("Name shown to the staff"), _("Empty: the name the platform tells."))

    def __init__(self, *args: Any, platform: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform = platform
        for name in WITHOUT[platform]:
            del self.fields[name]
        for name, label in LABELS[platform].items():
            self.fields[name].label = label
        if platform == Platform.INSTAGRAM:
            self.fields["token"].help_text = _("The account's own, or that of the Facebook page it is linked to.")
        if platform == Platform.WHATSAPP:
            self.fields["external_id"].help_text = _("In Meta's dashboard, under WhatsApp, API Setup.")

    @property
    def asks_account(self) -> bool:
        """Whether a token of this platform does not tell its account, so that the id is always typed."""
        return self.platform == Platform.WHATSAPP

    def clean(self) -> dict[str, Any]:
        """Ask the platform whose token it is; where it does not answer, the typed id has to do."""
        data = super().clean() or {}
        if self.errors:
            return data
        if self.platform == Platform.LINE and not data.get("secret"):
            self.add_error(
                "secret", _("LINE signs every message with the channel secret. Copy it from Basic settings.")
            )
        if self.platform == Platform.TELEGRAM and not data.get("external_id"):
            data["external_id"] = _bot_of(data.get("token", ""))
        if self.asks_account and not data.get("external_id"):
            self.add_error("external_id", _("Type the phone number id: a token does not tell it."))
        elif data.get("token"):
            self._ask(data)
        elif not data.get("external_id"):
            self.add_error("token", _("Paste the token, or type the account id below."))
        return data

    def _ask(self, data: dict[str, Any]) -> None:
        try:
            account = account_of_token(
                platform=self.platform, token=data["token"], external_id=data.get("external_id", "")
            )
        except TokenDead:
            self.add_error("token", TOKEN_REFUSED)
        except PlatformError as error:
            if error.code == "no_number":
                self.add_error("external_id", NO_NUMBER)
            elif error.code in WRONG_TOKEN:
                self.add_error("token", TOKEN_REFUSED)
            elif not data.get("external_id"):
                message = _("The platform did not answer (%(code)s). Try again, or type the account id below.")
                self.add_error("token", forms.ValidationError(message, params={"code": error.code or "-"}))
        else:
            typed = data.get("external_id")
            if typed and typed != account.external_id:
                other = forms.ValidationError(OTHER_ACCOUNT, params={"id": account.external_id})
                self.add_error("external_id", other)
            data["external_id"] = account.external_id
            data["name"] = data.get("name") or account.name


class EditForm(forms.Form):
    """Name and new secrets of a connection; an empty secret keeps the one that is kept."""

    name = _text(_("Name shown to the staff"), required=True)
    follow_makes_contact = forms.BooleanField(
        label=_("Friend-adds become contacts"),
        help_text=_("Off: a person becomes a contact with the first message."),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "check"}),
    )
    secret = _secret(_("New secret"), _("Empty keeps the present one. The one before stays valid while you change it."))
    verify_token = _secret(_("New verify token"), _("Empty keeps the present ones."))
    token = _secret(_("New access token"), _("Empty keeps the present one."))
    provider = _provider()

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        channel = connection.channel
        kwargs["initial"] = {
            "name": channel.name,
            "follow_makes_contact": channel.follow_makes_contact,
            "provider": provider_of(channel),
        }
        super().__init__(*args, **kwargs)
        self.connection = connection
        if channel.platform in KEYED:
            del self.fields["verify_token"]
        if channel.platform != Platform.LINE:
            del self.fields["follow_makes_contact"], self.fields["provider"]
        for name, at in self._set_at().items():
            self.fields[name].widget.attrs["placeholder"] = f"•••• {format_day(timezone.localdate(at))}"

    def _set_at(self) -> dict[str, dt.datetime]:
        """When what is kept was given, by field; Meta's secrets are the deployment's."""
        connection, kind = self.connection, MetaCredential.Kind
        given = {"token": connection.token_set_at, "secret": connection.secret_set_at}
        if connection.channel.platform not in KEYED:
            newest = dict(MetaCredential.objects.order_by("created_at").values_list("kind", "created_at"))
            given |= {"secret": newest.get(kind.APP_SECRET), "verify_token": newest.get(kind.VERIFY_TOKEN)}
        return {name: at for name, at in given.items() if at}

    def clean_provider(self) -> str | None:
        """None where the form had no such field: then it stays as it is."""
        return self.cleaned_data["provider"] if "provider" in self.data else None

    def clean_secret(self) -> str:
        """Telegram takes letters, digits, _ and - only."""
        secret: str = self.cleaned_data["secret"]
        if secret and self.connection.channel.platform == Platform.TELEGRAM and not TELEGRAM_SECRET.fullmatch(secret):
            raise forms.ValidationError(_("Letters, digits, _ and - only."))
        return secret

    def clean_token(self) -> str:
        """Refuse a dead token or another account's before it replaces one that works; out of reach, it is kept."""
        token: str = self.cleaned_data["token"]
        channel = self.connection.channel
        if not token:
            return token
        try:
            account = account_of_token(
                platform=channel.platform,
                token=token,
                external_id=channel.external_id,
                sandbox=self.connection.is_sandbox,
            )
        except TokenDead as error:
            raise forms.ValidationError(TOKEN_REFUSED) from error
        except PlatformError as error:
            if error.code in WRONG_TOKEN:
                raise forms.ValidationError(TOKEN_REFUSED) from error
            return token
        if account.external_id != channel.external_id:
            raise forms.ValidationError(OTHER_ACCOUNT, params={"id": account.external_id})
        return token
