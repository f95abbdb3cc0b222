"""The sandbox's Telegram Bot API: bot, webhook, chats, sending (PROTOCOLS 5)."""

from __future__ import annotations

import re
from typing import Any

from .answers import TELEGRAM_ERRORS, Reply, as_json, telegram_error
from .directory import Call, Directory
from .pictures import picture

PATH = re.compile(r"/bot([^/]+)(/.*)")
FILE = re.compile(r"/file/bot[^/]+/photos/([^/]+)\.png")
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


def answer(directory: Directory, call: Call) -> Reply:
    """`call.token` is what stood in the path, `call.path` the method."""
    payload = call.payload if isinstance(call.payload, dict) else {}
    if "dead" in call.token:
        return TELEGRAM_ERRORS["dead"]
    if "limited" in call.token:
        return TELEGRAM_ERRORS["429"]
    match call.path:
        case "/getMe":
            account = directory.account("telegram", call.token)
            return _result({"id": int(account["id"]), "is_bot": True, "first_name": account["name"]})
        case "/setWebhook":
            return _set_webhook(directory, call.token, payload)
        case "/getWebhookInfo":
            return _webhook_info(directory, call.token)
        case "/getChat":
            return _chat(directory, str(payload.get("chat_id", "")))
        case "/getFile":
            return _file(str(payload.get("file_id", "")))
        case "/sendMessage":
            return _send(directory, payload)
    return telegram_error(404, "Not Found")


def _result(result: Any) -> Reply:
    return as_json({"ok": True, "result": result})


def _set_webhook(directory: Directory, token: str, payload: dict[str, Any]) -> Reply:
    if not str(payload.get("url", "")).startswith("https://"):
        return telegram_error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if not _SECRET.fullmatch(str(payload.get("secret_token", ""))):
        return telegram_error(400, "Bad Request: secret token contains unallowed characters")
    directory.telegram_webhooks[token] = payload
    return _result(True)


def _webhook_info(directory: Directory, token: str) -> Reply:
    """A token that holds `webhook-failing` has updates waiting that could not be delivered."""
    given = directory.telegram_webhooks.get(token, {})
    info = {"url": given.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}
    info |= {"allowed_updates": given.get("allowed_updates", []), "max_connections": given.get("max_connections", 40)}
    if "webhook-failing" in token:
        info |= {"pending_update_count": 3, "last_error_message": "Wrong response from the webhook: 502 Bad Gateway"}
    return _result(info)


def _chat(directory: Directory, chat_id: str) -> Reply:
    if trigger := directory.trigger("telegram", chat_id):
        return TELEGRAM_ERRORS.get(trigger, TELEGRAM_ERRORS["500"])
    person = directory.person("telegram", chat_id)
    if person is None:
        return TELEGRAM_ERRORS["404"]
    first, _, last = str(person.get("name", "")).partition(" ")
    known = {"first_name": first, "last_name": last, "username": person.get("username")}
    chat = {"id": int(chat_id) if chat_id.isdigit() else chat_id, "type": "private"}
    return _result(chat | {key: value for key, value in known.items() if value})


def _file(file_id: str) -> Reply:
    """Ids that begin with 404 are unknown, those with 400 too large for a bot."""
    if file_id.startswith("400"):
        return telegram_error(400, "Bad Request: file is too big")
    if not file_id or file_id.startswith("404"):
        return telegram_error(400, "Bad Request: invalid file_id")
    return _result({"file_id": file_id, "file_unique_id": file_id, "file_path": f"photos/{file_id}.png"})


def content(path: str) -> Reply | None:
    """A file by the path that getFile told; the token stands in it."""
    found = FILE.fullmatch(path)
    return Reply(200, picture("content", found[1]), "image/png") if found else None


def _send(directory: Directory, payload: dict[str, Any]) -> Reply:
    chat_id, text = str(payload.get("chat_id", "")), payload.get("text")
    if not chat_id or not isinstance(text, str) or not text:
        return telegram_error(400, "Bad Request: message text is empty")
    if len(text) > 4096:
        return telegram_error(400, "Bad Request: message is too long")
    if trigger := directory.trigger("telegram", chat_id):
        return TELEGRAM_ERRORS.get(trigger, TELEGRAM_ERRORS["500"])
    chat = {"id": int(chat_id) if chat_id.isdigit() else chat_id, "type": "private"}
    return _result({"message_id": directory.next_number(), "chat": chat, "date": 1, "text": text})
