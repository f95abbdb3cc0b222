"""Forms of the shell; Django's own do the checking of passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm, UsernameField
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saifa_crm.access import AGENT, MARKETER, OWNER, Role

from .selectors import email_taken, username_for
from .services import sign_in_serialise
from .throttle import address_of

ROLES = (
    (AGENT.value, _("Agent")),
    (MARKETER.value, _("Marketer")),
    (OWNER.value, _("Owner")),
)
ROLE_HINTS = {
    AGENT.value: _("Chats, contacts, labels on contacts, orders."),
    MARKETER.value: _("Contacts, segments, reports, labels. Reads chats."),
    OWNER.value: _("Everything, with channels and the team."),
}


class StyledMixin:
    """Gives every text control the class the style sheet knows."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "check")
            elif isinstance(field.widget, forms.Select):
                field.widget.attrs.setdefault("class", "select")
            else:
                field.widget.attrs.setdefault("class", "input")


class SignInForm(StyledMixin, AuthenticationForm):
    """Takes a username or an email address; `is_valid` wants a transaction (see `sign_in_serialise`)."""

    remember = forms.BooleanField(label=_("Keep me signed in on this computer"), required=False, initial=True)
    error_messages = {
        "invalid_login": _("This email and password do not match. Check both and try again."),
        "inactive": _("This email and password do not match. Check both and try again."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"] = UsernameField(label=_("User name or email"), max_length=254)

    def clean_username(self) -> str:
        username = username_for(self.cleaned_data["username"])
        if self.request is not None:
            sign_in_serialise(username=username, address=address_of(self.request))
        return username


class NameField(forms.CharField):
    """A person's name in one field: Thai names do not split into first and last alike."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Name"), max_length=150, **kwargs)


class RoleField(forms.ChoiceField):
    """One of the three roles."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Role"), choices=ROLES, widget=forms.RadioSelect, **kwargs)

    def clean(self, value: Any) -> Role:
        return Role(super().clean(value))


class PersonForm(StyledMixin, forms.Form):
    """A new member of the team."""

    name = NameField()
    email = forms.EmailField(
        label=_("Email"), max_length=254, help_text=_("They sign in with it. Nothing is sent there.")
    )
    role = RoleField(initial=AGENT.value)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email_taken(email):
            raise forms.ValidationError(_("Somebody on the team has this email address already."))
        return email


class RoleForm(StyledMixin, forms.Form):
    """Another role for a person."""

    role = RoleField()


class AccountForm(StyledMixin, forms.Form):
    """A person's own name, address and language."""

    name = NameField()
    email = forms.EmailField(label=_("Email"), max_length=254, required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As my browser says")), *settings.LANGUAGES], required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        unchanged = email.casefold() == self.user.email.casefold()
        if email and not unchanged and email_taken(email, besides=self.user):
            raise forms.ValidationError(_("Somebody on the team has this email address already."))
        return email


class ShopForm(StyledMixin, forms.Form):
    """The shop's name."""

    name = forms.CharField(
        label=_("Name of the shop"), max_length=80, help_text=_("Your team sees it; customers do not.")
    )


PASSWORD_HINT = _("10 characters or more. Three words that do not belong together are easy to remember.")


class NewPasswordForm(StyledMixin, SetPasswordForm):
    """The password of somebody who follows a one-time link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HINT


class ChangePasswordForm(NewPasswordForm, PasswordChangeForm):
    """Asks for the old password first."""
