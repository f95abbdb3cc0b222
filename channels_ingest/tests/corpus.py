"""The shared folder of real-shaped webhook bodies: finds it and wraps its fragments into whole bodies.

The folder is read in place. `PAYLOAD_CORPUS` names it; without it, `../shared/payloads` beside the
repository. Where it is absent, tests say so in one line and are skipped; in CI (`CI` set) that is a failure.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).parent
FOLDERS = {
    "messenger": "facebook",
    "instagram": "instagram",
    "line": "line",
    "whatsapp": "whatsapp",
    "telegram": "telegram",
}
OBJECTS = {"facebook": "page", "instagram": "instagram"}
PAGE_PLACEHOLDERS = ("PAGE_ID", "<PAGE_ID>")  # where a fragment has its parties the wrong way round
BOT = "6100000001"  # Telegram's bodies never name one
DESTINATION = "U5a1fa000000000000000000000000000"  # for LINE bodies that name none


@dataclass(frozen=True, slots=True)
class Body:
    """One body to post: `accounts` are the external ids to connect before it is posted."""

    name: str  # path below the folder, the key of the table
    platform: str
    accounts: tuple[str, ...]
    content: bytes
    event_kind: str


def folder() -> Path | None:
    path = Path(os.environ.get("PAYLOAD_CORPUS") or REPOSITORY.parent / "shared" / "payloads")
    return path if (path / "INDEX.csv").is_file() else None


def require_folder() -> Path:
    """The folder; else skips with one line, or fails where CI demands it."""
    found = folder()
    if found is None:
        message = "payload corpus not found: set PAYLOAD_CORPUS (default ../shared/payloads)"
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    return found


def expected() -> dict[str, Any]:
    """Expected outcomes by file name."""
    table: dict[str, Any] = {}
    for path in sorted(EXPECTED.glob("corpus_expected*.json")):
        table |= json.loads(path.read_text("utf-8"))
    return table


def bodies() -> Iterator[Body]:
    """Every webhook body of the folder, in the order of its index."""
    root = require_folder()
    with (root / "INDEX.csv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index):
            platform = FOLDERS.get(row["platform"])
            if platform is None:
                continue
            content = (root / row["file"]).read_bytes()
            if "/fragments/" in row["file"]:
                content = json.dumps(wrap(platform, json.loads(content)), ensure_ascii=platform != "line").encode()
            yield Body(row["file"], platform, accounts_of(platform, json.loads(content)), content, row["event_kind"])


def wrap(platform: str, item: dict[str, Any]) -> dict[str, Any]:
    """One LINE event, Meta `messaging[]` item or Meta entry as a whole body."""
    if platform == "line":
        return {"destination": DESTINATION, "events": [item]}
    if "messaging" in item:
        return {"object": OBJECTS[platform], "entry": [item]}
    account = _account_of_item(item)
    return {
        "object": OBJECTS[platform],
        "entry": [{"id": account, "time": 1700000000000, "messaging": [item]}],
    }


def _account_of_item(item: dict[str, Any]) -> str:
    """The account is the recipient; of an echo the sender, unless the recipient says that it is the page."""
    sender, recipient = (str(item.get(name, {}).get("id", "")) for name in ("sender", "recipient"))
    echo = item.get("message", {}).get("is_echo") is True
    return sender if echo and recipient not in PAGE_PLACEHOLDERS else recipient


def accounts_of(platform: str, body: Any) -> tuple[str, ...]:
    """External ids of the accounts a body names; a stand-in where bodies of the platform need not name one."""
    if platform == "telegram":
        return (BOT,)
    if platform == "whatsapp":
        return numbers_of(body)
    if platform == "line":
        return (str(body.get("destination") or DESTINATION),)
    ids = [str(entry["id"]) for entry in body.get("entry", []) if "id" in entry]
    return tuple(dict.fromkeys(ids))


def numbers_of(body: Any) -> tuple[str, ...]:
    """The phone number ids of a WhatsApp body; what it tells of a whole account names none."""
    values = [change["value"] for entry in body["entry"] for change in entry["changes"]]
    return tuple(dict.fromkeys(value["metadata"]["phone_number_id"] for value in values if "metadata" in value))


def first_of_each(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a database keeps of a body's messages: some bodies repeat one id, and the first one wins."""
    kept: dict[tuple[str, str, str], dict[str, Any]] = {}
    for message in messages:
        kept.setdefault((message["account"], message["person"], message["platform_id"]), message)
    return list(kept.values())
