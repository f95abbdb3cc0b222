"""Loads the demo: connects three channels, posts the chats through the server's webhooks, then labels and orders."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from channels_ingest.models import Connection
from channels_ingest.secret_store import store
from channels_ingest.services_check import connection_check
from channels_ingest.services_connect import connection_connect
from contacts.models import Channel, Contact, ContactLabel, Identity, ProfileState, UserType
from contacts.services import contact_absorb
from inbox.models import Conversation, ConversationStatus
from labels.models import Label
from orders.models import Order
from overview.models import Shop
from saifa_crm.access import Role

from .bodies import BATCH, line_body, line_signature, meta_body, meta_signature
from .catalogue import LABELS, is_vip, labels_of, orders_of
from .chats import Line, lines_of
from .people import Customer, customers

ACCOUNTS = {
    "facebook": ("104000000000001", "LIV"),
    "instagram": ("17841400000000777", "LightMe"),
    "line": ("U5a1fa00000000000000000000000c0de", "Saifa Shop"),
}
OWNER = "owner"
READ_AFTER = dt.timedelta(days=1)
NAMES_WITHIN = 300.0  # seconds


class DemoFailed(Exception):
    """The demo could not be completed; loading it again goes on where it stopped."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in, told once."""

    username: str
    password: str


def people_file() -> Path:
    """Where the sandbox reads the demo's people from."""
    return Path(settings.DATA_DIR) / "demo-people.json"


def _token(platform: str) -> str:
    """No secret: only the sandbox knows it."""
    return f"sandbox-{platform}"


def _write_people() -> None:
    """Names by platform and person id, for `platform_sandbox --people`."""
    people: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for customer in customers():
        for account in customer.accounts:
            person = {"name": account.name, "username": account.username}
            if customer.number % 5 in (1, 4):
                person["picture"] = ""  # many people have none
            people[account.platform][account.person_id] = person
    people_file().parent.mkdir(parents=True, exist_ok=True)
    accounts = {_token(platform): {"id": account, "name": name} for platform, (account, name) in ACCOUNTS.items()}
    text = json.dumps({"people": people, "accounts": accounts}, ensure_ascii=False)
    people_file().write_text(text, encoding="utf-8")


def demo_begin() -> None:
    """Before the server takes traffic: it is not ready until the demo is complete, and the sandbox knows its people."""
    Shop.objects.update_or_create(pk=1, defaults={"name": "LIV & LightMe", "is_demo": True, "setup_done": True})
    _write_people()


def demo_load(*, base_url: str, say: Callable[[str], None]) -> SignIn:
    """Everything, idempotently: what is there already is left as it is. Raises DemoFailed."""
    sign_in = _owner()
    connections = _connect()
    everybody = customers()
    say("Posting the demo shop's chats…")
    _post(base_url, connections, everybody)
    _link(everybody)
    say("Adding labels and orders…")
    _labels(everybody)
    _orders(everybody)
    _read()
    say("Fetching names and pictures…")
    _wait_for_names()
    Shop.objects.filter(pk=1).update(demo_complete=True)
    return sign_in


def _owner() -> SignIn:
    password = secrets.token_urlsafe(9)
    owner, _ = User.objects.get_or_create(username=OWNER, defaults={"first_name": "Fern", "email": "fern@saifa.test"})
    owner.set_password(password)
    owner.save()
    owner.groups.add(Group.objects.get(name=Role.OWNER.value))
    return SignIn(OWNER, password)


def _connect() -> dict[str, Connection]:
    connections = {}
    app_secret, verify_token = secrets.token_hex(16), secrets.token_urlsafe(12)  # one Meta app for both
    for platform, (external_id, name) in ACCOUNTS.items():
        known = Connection.objects.filter(channel__platform=platform, channel__external_id=external_id).first()
        connections[platform] = known or connection_connect(
            platform=platform,
            external_id=external_id,
            name=name,
            secret=secrets.token_hex(16) if platform == "line" else app_secret,
            token=_token(platform),
            verify_token="" if platform == "line" else verify_token,
            sandbox=True,
        )
        connection_check(connection_id=connections[platform].pk)
    return connections


def _batches(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    for start in range(0, len(lines), BATCH):
        yield lines[start : start + BATCH]


def _post(base_url: str, connections: dict[str, Connection], everybody: Iterable[Customer]) -> None:
    now = timezone.now()
    by_platform: dict[str, list[Line]] = defaultdict(list)
    for customer in everybody:
        for line in lines_of(customer, now):
            by_platform[line.account.platform].append(line)
    known = store.fresh()
    with requests.Session() as session:
        for platform, lines in by_platform.items():
            # LINE never tells of the shop's own answers.
            lines = sorted((one for one in lines if platform != "line" or one.kind != "out"), key=lambda one: one.at)
            account_id = ACCOUNTS[platform][0]
            for batch in _batches(lines):
                if platform == "line":
                    key = connections[platform].webhook_key
                    body = line_body(batch, account_id=account_id)
                    path, headers = f"line/{key}", line_signature(body, known.keyed["line", key].secrets[0])
                else:
                    body = meta_body(batch, platform=platform, account_id=account_id)
                    path, headers = platform, meta_signature(body, known.app_secrets[0])
                answer = session.post(
                    f"{base_url}/webhooks/{path}/",
                    data=body,
                    headers={"Content-Type": "application/json", **headers},
                    timeout=30,
                )
                if answer.status_code != 200:
                    raise DemoFailed(f"the server answered {answer.status_code} to a webhook of {platform}")


def _contacts(everybody: Iterable[Customer]) -> dict[int, int]:
    """Contact id by customer number."""
    found = dict(
        Identity.objects.filter(
            channel__external_id__in=[external_id for external_id, _ in ACCOUNTS.values()]
        ).values_list("external_id", "contact_id")
    )
    return {
        customer.number: found[customer.accounts[0].person_id]
        for customer in everybody
        if customer.accounts[0].person_id in found
    }


def _link(everybody: Iterable[Customer]) -> None:
    """Make one contact of a customer's two accounts, as staff would."""
    for customer in everybody:
        if len(customer.accounts) < 2:
            continue
        ids = {account.person_id for account in customer.accounts}
        contact_ids = sorted(set(Identity.objects.filter(external_id__in=ids).values_list("contact_id", flat=True)))
        for other_id in contact_ids[1:]:
            contact_absorb(contact_id=contact_ids[0], other_id=other_id)


@transaction.atomic
def _labels(everybody: Iterable[Customer]) -> None:
    labels = {}
    for name, colour, description, _ in LABELS:
        label = Label.objects.filter(name=name).first()
        labels[name] = label or Label.objects.create(name=name, colour=colour, description=description)
    rows, vips = [], []
    for number, contact_id in _contacts(everybody).items():
        rows += [ContactLabel(contact_id=contact_id, label=labels[name]) for name in labels_of(number)]
        if is_vip(number):
            vips.append(contact_id)
    ContactLabel.objects.bulk_create(rows, ignore_conflicts=True)
    Contact.objects.filter(pk__in=vips).update(user_type=UserType.VIP)


@transaction.atomic
def _orders(everybody: Iterable[Customer]) -> None:
    contacts = _contacts(everybody)
    latest = dict(Contact.objects.filter(pk__in=contacts.values()).values_list("pk", "latest_contact_at"))
    orders = [
        Order(
            contact_id=contact_id,
            source="demo",
            external_id=one.external_id,
            number=one.number,
            status=one.status,
            is_cod=one.is_cod,
            total=one.total,
            refunded=one.refunded,
            placed_at=one.placed_at,
            lines=one.lines,
        )
        for number, contact_id in contacts.items()
        for one in orders_of(number, latest[contact_id] or timezone.now())
    ]
    Order.objects.bulk_create(orders, ignore_conflicts=True)
    numbers = {contact_id: number for number, contact_id in contacts.items() if number % 5 < 3}
    # Locked: saving writes the search key too, and the worker may be naming the same people.
    for contact in Contact.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk"):
        _details(contact, numbers[contact.pk])


def _details(contact: Contact, number: int) -> None:
    """Phone, email and address, as staff would have typed them."""
    if contact.phone:
        return
    contact.phone = f"+668{10_000_000 + (number * 245_489) % 89_999_999}"
    contact.email = f"customer{number}@example.com" if number % 2 else ""
    contact.address = "88/12 ซอยลาดพร้าว 71 วังทองหลาง กรุงเทพฯ 10310" if number % 4 == 0 else ""
    contact.save(update_fields=["phone", "email", "address"])


def _read() -> None:
    """What is older than a day has been read, and half of it is closed."""
    old = Conversation.objects.filter(last_message_at__lt=timezone.now() - READ_AFTER)
    old.update(read_at=F("last_message_at"), unread=0)
    old.annotate(half=F("id") % 2).filter(half=0).update(status=ConversationStatus.CLOSED)


def _wait_for_names() -> None:
    channels = Channel.objects.filter(external_id__in=[external_id for external_id, _ in ACCOUNTS.values()])
    end = time.monotonic() + NAMES_WITHIN
    while True:
        left = Identity.objects.filter(channel__in=channels, profile_state=ProfileState.PENDING).count()
        if not left:
            return
        if time.monotonic() > end:
            raise DemoFailed(f"{left} names were not fetched")
        time.sleep(0.5)
