"""The sandbox's WhatsApp Cloud API: number, health, subscription, sending (PROTOCOLS 4). It shares Graph's host."""

from __future__ import annotations

import re

from .answers import GRAPH_ERRORS, Reply, as_json, graph_error
from .directory import Call, Directory
from .pictures import picture

# Media ids of the sandbox; one that begins with 404 is gone.
MEDIA = re.compile(r"(?:/v\d+\.\d+)?/((?:404)?555\d+)|/sandbox-media/(555\d+)")
OWN_FIELDS = ("display_phone_number", "health_status")


def is_for(call: Call) -> bool:
    """Whether a Graph call is WhatsApp's, by what only WhatsApp is asked."""
    if call.method == "GET" and MEDIA.fullmatch(call.path) and not call.query.get("fields"):
        return True
    payload = call.payload if isinstance(call.payload, dict) else {}
    asked = call.query.get("fields", "").split(",")
    return payload.get("messaging_product") == "whatsapp" or any(name in asked for name in OWN_FIELDS)


def answer(directory: Directory, call: Call, parts: list[str], origin: str) -> Reply:
    """`parts`: the path without version. The account's `waba` is its WhatsApp account; a token that holds
    `no-health` may not read it."""
    account = directory.account("whatsapp", call.token)
    if call.method == "GET" and (found := MEDIA.fullmatch(call.path)):
        return _media(found, origin)
    if call.method == "POST" and parts[1:] == ["messages"]:
        return _send(directory, call) if parts[0] == account["id"] else graph_error(100, "Unsupported post", sub=33)
    if call.method != "GET" or parts != [account["id"]]:
        return graph_error(100, "Unsupported get request", sub=33)
    if call.query.get("fields") == "health_status":
        return _health(account, call)
    known = {"display_phone_number": account.get("phone", "+66 2 123 4567"), "verified_name": account["name"]}
    asked = call.query["fields"].split(",")
    return as_json({key: value for key, value in known.items() if key in asked} | {"id": account["id"]})


def _health(account: dict[str, str], call: Call) -> Reply:
    if "no-health" in call.token:
        return graph_error(10, "Application does not have permission for this action", status=403)
    entities = [
        {"entity_type": "PHONE_NUMBER", "id": account["id"], "can_send_message": "AVAILABLE"},
        {"entity_type": "WABA", "id": account.get("waba", "104900000000001"), "can_send_message": "AVAILABLE"},
    ]
    return as_json({"health_status": {"can_send_message": "AVAILABLE", "entities": entities}, "id": account["id"]})


def _send(directory: Directory, call: Call) -> Reply:
    payload = call.payload
    recipient = str(payload.get("to") or payload.get("recipient") or "")
    text = (payload.get("text") or {}).get("body")
    if not recipient or payload.get("type") != "text" or not isinstance(text, str) or not 0 < len(text) <= 4096:
        return graph_error(100, "Invalid parameter")
    if trigger := directory.trigger("whatsapp", recipient):
        return GRAPH_ERRORS.get(trigger, GRAPH_ERRORS["500"])
    wamid = f"wamid.SANDBOX{directory.next_number():08d}"
    return as_json(
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": recipient, "wa_id": recipient}],
            "messages": [{"id": wamid}],
        }
    )


def _media(found: re.Match[str], origin: str) -> Reply:
    """The address of a file, and the file itself, a picture; both want the token."""
    if found[2]:
        return Reply(200, picture("content", found[2]), "image/png")
    if found[1].startswith("404"):
        return graph_error(100, "Unsupported get request. Object does not exist", sub=33)
    return as_json(
        {
            "id": found[1],
            "messaging_product": "whatsapp",
            "mime_type": "image/png",
            "url": f"{origin}/sandbox-media/{found[1]}",
        }
    )
