"""The sandbox's LINE Messaging API: profile, bot, webhook, push, quota, content (PROTOCOLS 3.6 to 3.8)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from .answers import LINE_ERRORS, Reply, as_json
from .content import content
from .directory import Call, Directory

ENDPOINT = "/v2/bot/channel/webhook/endpoint"


def answer(directory: Directory, call: Call, origin: str) -> Reply:
    """`origin` is where the pictures are served."""
    if not call.token or "dead" in call.token:
        return LINE_ERRORS["dead"]
    route = (call.method, call.path)
    if call.method == "GET" and call.path.startswith("/v2/bot/profile/"):
        return _profile(directory, unquote(call.path.removeprefix("/v2/bot/profile/")), origin)
    if route == ("GET", "/v2/bot/info"):
        return _info(directory.account("line", call.token), origin)
    if call.path == ENDPOINT:
        return _endpoint(directory, call)
    if route == ("POST", "/v2/bot/channel/webhook/test"):
        return as_json({"success": True, "statusCode": 200, "reason": "OK", "detail": "200"})
    if route in (("POST", "/v2/bot/message/push"), ("POST", "/v2/bot/message/reply")):
        return _send(directory, call)
    if route == ("GET", "/v2/bot/message/quota"):
        return as_json({"type": "limited", "value": 1000})
    if route == ("GET", "/v2/bot/message/quota/consumption"):
        return as_json({"totalUsage": len(directory.sent)})
    if call.method == "GET" and call.path.startswith("/v2/bot/message/"):
        return _content(call.path)
    return LINE_ERRORS["404"]


def _profile(directory: Directory, external_id: str, origin: str) -> Reply:
    if trigger := directory.trigger("line", external_id):
        return LINE_ERRORS.get(trigger, LINE_ERRORS["500"])
    person = directory.person("line", external_id)
    if person is None:
        return LINE_ERRORS["404"]
    known: dict[str, Any] = {
        "userId": external_id,
        "displayName": person.get("name"),
        "pictureUrl": person.get("picture", f"{origin}/pictures/line/{external_id}.png"),
        "language": person.get("language"),
    }
    return as_json({key: value for key, value in known.items() if value})  # empty properties are left out


def _info(account: dict[str, str], origin: str) -> Reply:
    return as_json(
        {
            "userId": account["id"],
            "basicId": "@sandbox",
            "displayName": account["name"],
            "pictureUrl": f"{origin}/pictures/line/{account['id']}.png",
            "chatMode": "bot",
            "markAsReadMode": "auto",
        }
    )


def _endpoint(directory: Directory, call: Call) -> Reply:
    """A token that holds `webhook-off` has its "Use webhook" switch off."""
    if call.method == "PUT":
        url = call.payload.get("endpoint") if isinstance(call.payload, dict) else None
        if not isinstance(url, str) or not url.startswith("https://") or len(url) > 500:
            return as_json({"message": "Invalid webhook endpoint URL"}, 400)
        directory.webhooks[call.token] = url
        return as_json({})
    if call.method != "GET" or call.token not in directory.webhooks:
        return LINE_ERRORS["404"]
    return as_json({"endpoint": directory.webhooks[call.token], "active": "webhook-off" not in call.token})


def _send(directory: Directory, call: Call) -> Reply:
    payload = call.payload if isinstance(call.payload, dict) else {}
    is_push = call.path.endswith("push")
    recipient, key = str(payload.get("to", "")), call.headers.get("x-line-retry-key", "")
    messages = payload.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5 or (is_push and not recipient):
        details = [{"message": "must not be empty", "property": "messages"}]
        return as_json({"message": "The request body has 1 error(s)", "details": details}, 400)
    if not is_push and key:
        return as_json({"message": "The retry key is not supported"}, 400)
    if "limited" in call.token:
        return LINE_ERRORS["limited"]
    if trigger := directory.trigger("line", recipient):
        return LINE_ERRORS.get(trigger, LINE_ERRORS["500"])
    with directory.lock:
        if key in directory.sent:
            request_id, message_id = directory.sent[key]
            body = {"message": "The retry key is already accepted", "sentMessages": [{"id": message_id}]}
            return as_json(body, 409, X_Line_Accepted_Request_Id=request_id)
        request_id, message_id = (
            f"sandbox-{directory.next_number()}",
            f"{590000000000000000 + directory.next_number()}",
        )
        directory.sent[key or request_id] = (request_id, message_id)
    return as_json({"sentMessages": [{"id": message_id}]}, X_Line_Request_Id=request_id)


def _content(path: str) -> Reply:
    """A photo, a voice note or a file by what the id holds; ids that start with 410 are gone, with 202 not ready."""
    message_id, _, rest = path.removeprefix("/v2/bot/message/").partition("/")
    if rest == "content/transcoding":
        return as_json({"status": "processing" if message_id.startswith("202") else "succeeded"})
    if rest not in ("content", "content/preview") or message_id.startswith("404"):
        return LINE_ERRORS["404"]
    if message_id.startswith("410"):
        return as_json({"message": "Gone"}, 410)
    if message_id.startswith("202"):
        return Reply(202, b"")
    return Reply(200, *content(unquote(message_id)))
