"""The sandbox's Graph API: profiles, accounts, tokens, subscription, sending (PROTOCOLS 1.6, 1.8, 2.1, 2.6, 2.7)."""

from __future__ import annotations

import re
from typing import Any

from . import whatsapp_api
from .answers import GRAPH_ERRORS, Reply, as_json, graph_error
from .directory import RENEWED, Call, Directory

REFRESH = "/refresh_access_token"
LIFE = 60 * 24 * 3600  # seconds
_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")


def answer(directory: Directory, call: Call, platform: str, origin: str) -> Reply:
    """`platform` is facebook or instagram; `origin` is where the pictures are served."""
    if not call.token:
        return graph_error(104, "An access token is required to request this resource.", status=401)
    for trigger in ("dead", "limited"):
        if trigger in call.token:
            return GRAPH_ERRORS[trigger]
    parts = _VERSION.sub("", call.path).strip("/").split("/")
    if whatsapp_api.is_for(call):
        return whatsapp_api.answer(directory, call, parts, origin)
    account = directory.account(platform, call.token)
    if call.method == "POST" and parts[1:] == ["messages"]:
        return _send(directory, call, platform)
    if parts[1:] == ["subscribed_apps"]:
        return _subscription(directory, call, parts[0])
    if call.method == "GET" and call.path == REFRESH:
        return _refresh(directory, call)
    if call.method == "GET" and parts == ["me"]:
        return _me(account, platform, call.query.get("fields", ""))
    if call.method == "GET" and len(parts) == 1:
        return _profile(directory, call, platform, parts[0], origin)
    return graph_error(100, "Unsupported request", sub=33)


def _me(account: dict[str, str], platform: str, fields: str) -> Reply:
    if platform == "facebook":
        page: dict[str, Any] = {"id": account["id"], "name": account["name"]}
        if "instagram_business_account" in fields and "instagram_id" in account:
            behind = {"id": account["instagram_id"], "username": account.get("instagram_name", "")}
            page["instagram_business_account"] = behind
        return as_json(page)
    if "instagram_id" in account:  # a page's token is none of Instagram Login's
        return GRAPH_ERRORS["dead"]
    app_scoped = account.get("app_scoped_id", "2" + account["id"][1:])  # the id that webhooks never carry
    return as_json({"id": app_scoped, "user_id": account["id"], "username": account["name"]})


def _subscription(directory: Directory, call: Call, account_id: str) -> Reply:
    key = (call.token, account_id)
    if call.method == "POST":
        fields = call.query.get("subscribed_fields", "")
        with directory.lock:
            directory.subscribed[key] = fields
        whole = account_id == directory.account("whatsapp", call.token).get("waba")  # WhatsApp names no fields
        return as_json({"success": whole or bool(fields)})
    fields = directory.subscribed.get(key, "")
    return as_json({"data": [{"id": "100001", "subscribed_fields": fields.split(",")}] if fields else []})


def _refresh(directory: Directory, call: Call) -> Reply:
    """A token that holds `young` is less than a day old; the old one goes on working, as with Instagram."""
    if call.query.get("grant_type") != "ig_refresh_token":
        return graph_error(100, "Invalid parameter: grant_type")
    if "young" in call.token:
        return graph_error(10, "Application does not have permission for this action")
    renewed = f"{call.token.partition(RENEWED)[0]}{RENEWED}{directory.next_number()}"
    return as_json({"access_token": renewed, "token_type": "bearer", "expires_in": LIFE})


def _profile(directory: Directory, call: Call, platform: str, external_id: str, origin: str) -> Reply:
    trigger = directory.trigger(platform, external_id)
    if trigger:
        return GRAPH_ERRORS.get(trigger, GRAPH_ERRORS["500"])
    person = directory.person(platform, external_id)
    if person is None:
        return GRAPH_ERRORS["9010" if platform == "instagram" else "404"]
    name = str(person.get("name", ""))
    first, _, last = name.partition(" ")
    known: dict[str, Any] = {
        "name": name,
        "first_name": first,
        "last_name": last,
        "username": person.get("username"),
        "profile_pic": person.get("picture", f"{origin}/pictures/{platform}/{external_id}.png"),
    }
    wanted = call.query.get("fields", "").split(",")
    return as_json({key: known[key] for key in wanted if known.get(key)} | {"id": external_id})


def _send(directory: Directory, call: Call, platform: str) -> Reply:
    payload = call.payload if isinstance(call.payload, dict) else {}
    recipient = str((payload.get("recipient") or {}).get("id", ""))
    text = (payload.get("message") or {}).get("text")
    if not recipient or not isinstance(text, str) or not text:
        return graph_error(100, "Param recipient[id] and message are required")
    too_long = len(text) > 2000 if platform == "facebook" else len(text.encode()) > 1000
    if too_long:
        return graph_error(100, "Length of param message[text] exceeds the limit", sub=2018000)
    if trigger := directory.trigger(platform, recipient):
        return GRAPH_ERRORS.get(trigger, GRAPH_ERRORS["500"])
    return as_json({"recipient_id": recipient, "message_id": f"m_sandbox_{directory.next_number():08d}"})
