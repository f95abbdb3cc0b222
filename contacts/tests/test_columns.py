"""Columns of the list: what a person chose is what they see, in one statement a column, and bad choices do no harm."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from contacts.columns import columns_shown, columns_usual, list_columns
from contacts.models import Density, FollowState, ListPreference, Platform, UserType
from contacts.services.preference import list_preference_set
from contacts.views_columns import moved
from inbox.models import Conversation
from orders.models import Order

from .factories import make_channel, make_contact, make_identity, make_label
from .pages import fewest_statements, ids_of

pytestmark = pytest.mark.django_db
USUAL = ["name", "channel", "user_type", "label", "phone", "latest_contact", "value"]
OPTIONAL = ["email", "first_contact", "orders", "last_order", "assignee", "follow"]
HTMX = {"HX-Request": "true", "HX-Target": "contact-list", "HX-Current-URL": "http://testserver/contacts/"}


def headings(response: Any) -> list[str]:
    html = response.content.decode()
    head = html[html.index("<thead") : html.index("</thead")]
    return [re.sub(r"<[^>]+>", "", text).strip() for text in re.findall(r"<th.*?</th>", head, re.S)][1:-1]


def cell(response: Any, css: str) -> str:
    """Words of the first row's cell."""
    html = response.content.decode()
    found = re.search(rf'<td role="cell" class="[^"]*\b{css}\b[^"]*".*?</td>', html[html.index("<tbody") :], re.S)
    assert found
    return re.sub(r"<[^>]+>", "", found.group()).strip()


def test_everybody_starts_with_the_seven() -> None:
    assert [column.key for column in columns_usual()] == USUAL
    assert [column.key for column in list_columns()] == USUAL + OPTIONAL


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ([], USUAL),
        (["name"], ["name"]),
        (["value", "email"], ["name", "value", "email"]),
        (["email", "gone", "email", 7, None, ["x"], "name"], ["name", "email"]),
    ],
)
def test_the_name_is_first_and_unknown_keys_are_passed_over(kept: list[object], shown: list[str]) -> None:
    assert [column.key for column in columns_shown(kept)] == shown


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ("up:b", ["b", "a", "c"]),
        ("down:b", ["a", "c", "b"]),
        ("up:a", ["a", "b", "c"]),
        ("down:c", ["a", "b", "c"]),
        ("up:zz", ["a", "b", "c"]),
        ("sideways:b", ["a", "b", "c"]),
        ("", ["a", "b", "c"]),
    ],
)
def test_moving_a_column(move: str, order: list[str]) -> None:
    assert moved(["a", "b", "c"], move) == order


def test_what_was_chosen_is_remembered_for_that_person_alone(agent_client: Client, owner_client: Client) -> None:
    make_contact("Ann")
    chosen = {"column": ["value", "email"], "density": "compact", "list": "q=an&sort=name&next=//evil.example"}
    answer = agent_client.post("/contacts/columns/", chosen)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/contacts/?q=an&sort=name")
    page = agent_client.get("/contacts/")
    assert headings(page) == ["Customer Name", "Value", "Email"]
    assert 'data-density="compact"' in page.content.decode()
    other = owner_client.get("/contacts/")
    assert len(headings(other)) == 7
    assert 'data-density="comfortable"' in other.content.decode()


def test_reset_and_moving_without_javascript(agent: User, agent_client: Client) -> None:
    make_contact("Ann")
    agent_client.post("/contacts/columns/", {"column": ["channel", "value"], "move": "up:value"})
    assert headings(agent_client.get("/contacts/")) == ["Customer Name", "Value", "Channel"]
    sent = {"column": ["value", "channel"], "move": "down:value", "list": "sort=name"}
    assert agent_client.post("/contacts/columns/", sent).headers["Location"] == "/contacts/columns/?list=sort%3Dname"
    agent_client.post("/contacts/columns/", {"column": ["channel"], "reset": "1"})
    assert len(headings(agent_client.get("/contacts/"))) == 7
    assert not ListPreference.objects.filter(user=agent).exists()


def test_a_bad_choice_is_the_usual_one(agent: User, agent_client: Client) -> None:
    agent_client.post("/contacts/columns/", {"column": ["<script>", "value"], "density": "huge", "list": "page=%00"})
    kept = ListPreference.objects.get(user=agent)
    assert (kept.columns, kept.density) == (["name", "value"], Density.COMFORTABLE)


def test_htmx_gets_the_list_and_the_menu_at_the_same_place(agent_client: Client) -> None:
    for number in range(25):
        make_contact(f"Ann {number}")
    answer = agent_client.post("/contacts/columns/", {"column": ["email"], "list": "page=2&q=ann"}, headers=HTMX)
    html = answer.content.decode()
    assert html.strip().startswith("<section")
    assert headings(answer) == ["Customer Name", "Email"]
    assert len(ids_of(answer)) == 5
    assert answer.headers["HX-Push-Url"] == "false"
    assert 'id="filter-columns" hx-swap-oob="true"' in html


def test_the_menu_comes_when_it_is_opened(agent: User, agent_client: Client) -> None:
    list_preference_set(user=agent, columns=["value"], density="compact")
    assert 'name="column"' not in agent_client.get("/contacts/").content.decode()
    menu = agent_client.get("/contacts/columns/", headers=HTMX).content.decode()
    assert menu.strip().startswith('<form class="pop" id="columns-form"')
    assert re.findall(r'value="(\w+)" checked', menu) == ["value", "compact"]
    assert agent_client.put("/contacts/columns/").status_code == 405


def test_the_menu_as_a_page_comes_back_to_the_same_list(agent_client: Client) -> None:
    make_contact("Ann")
    page = agent_client.get("/contacts/?q=an&sort=name").content.decode()
    link = re.search(r'href="(/contacts/columns/[^"]*)"', page)
    assert link
    menu = agent_client.get(link[1]).content.decode()
    assert 'name="list" value="q=an&amp;sort=name"' in menu
    assert 'href="/contacts/?q=an&amp;sort=name"' in menu
    odd = agent_client.get("/contacts/columns/", {"list": "next=//evil.example&page=%00"}).content.decode()
    back = re.search(r'<a class="btn btn-quiet" href="([^"]*)"', odd)
    assert back
    assert back[1].startswith("/contacts/")
    assert "evil" not in back[1]


def test_what_the_optional_columns_say(agent: User, agent_client: Client) -> None:
    list_preference_set(user=agent, columns=OPTIONAL, density="comfortable")
    line, page = make_channel(), make_channel(Platform.FACEBOOK, "LIV")
    ann = make_contact("Ann <b>", email="ann@example.com", first_contact_at=timezone.now() - timedelta(days=400))
    follower = make_identity(ann, line, follow_state=FollowState.FOLLOWING)
    make_identity(ann, page, follow_state=FollowState.BLOCKED)
    colleague = User.objects.create_user("mod", first_name="<i>Moddy</i>", last_name="Mint")
    Conversation.objects.create(identity=follower, assignee=colleague)
    for days in (9, 40):
        Order.objects.create(
            contact=ann,
            external_id=f"o{days}",
            status="paid",
            total=Decimal(9),
            placed_at=timezone.now() - timedelta(days),
        )
    shown = agent_client.get("/contacts/")
    assert headings(shown)[1:] == ["Email", "First Contact", "Orders", "Last Order", "Assignee", "Follow State"]
    assert cell(shown, "c-email") == "ann@example.com"
    assert cell(shown, "c-orders") == "2"
    assert str((timezone.now() - timedelta(9)).year) in cell(shown, "c-last-order")
    assert cell(shown, "c-assignee") == "&lt;i&gt;Moddy&lt;/i&gt; Mint"
    assert cell(shown, "c-follow") == "Following, Blocked"
    assert str((timezone.now() - timedelta(400)).year) in cell(shown, "c-first")


def test_what_is_missing_is_a_dash_that_is_spoken(agent: User, agent_client: Client) -> None:
    list_preference_set(user=agent, columns=OPTIONAL, density="comfortable")
    make_contact("Bo")
    shown = agent_client.get("/contacts/")
    said = {"email": "No email", "first": "No messages", "orders": "No orders", "last-order": "No orders"}
    for css, words in {**said, "assignee": "Nobody", "follow": "Not told by the platform"}.items():
        assert cell(shown, f"c-{css}") == f"–{words}"


@pytest.mark.parametrize("per_page", [20, 100])
def test_one_statement_a_column_however_many_rows(agent: User, agent_client: Client, per_page: int) -> None:
    line = make_channel()
    for _ in range(101):
        make_contact(channels=[line])
    query = f"/contacts/?per_page={per_page}"
    list_preference_set(user=agent, columns=["name", "email", "first_contact", "orders"], density="compact")
    # 1 session, 2 person, 3 channels, 4 labels, 5 choice of columns, 6 count, 7 rows, 8 views
    assert fewest_statements(agent_client, query) == 8
    list_preference_set(user=agent, columns=OPTIONAL, density="compact")
    # and one each of last order, assignee, follow state
    assert fewest_statements(agent_client, query) == 11
    assert len(ids_of(agent_client.get(query))) == per_page


def test_a_page_of_twenty_is_light(owner_client: Client) -> None:
    """Rows as a shop has them: Thai names, pictures, several channels, labels, phones, orders."""
    channels = [make_channel(p, f"ร้านสายฟ้า {p}") for p in Platform.values for _ in range(2)]
    labels = [make_label(name) for name in ("ลูกค้าประจำ", "รอโอนเงิน", "COD", "ขายส่ง", "สนใจโปรโมชั่น", "VIP 2026")]
    now = timezone.now()
    for number in range(60):
        make_contact(
            f"ณัฐธยาน์ พงศ์ประเสริฐ {number}",
            channels=channels[number % 9 : number % 9 + 1 + (number % 3 == 0)],
            labels=labels[number % 3 : number % 3 + number % 4],
            phone=f"+6681{number:07}", email=f"natthaya{number}@example.com",
            value=Decimal(12450 + number), order_count=3, user_type=UserType.VIP if number % 4 == 0 else UserType.USER,
            latest_contact_at=now - timedelta(hours=number),
            picture_url=f"/contacts/pictures/{number}-0123456789ab.webp" if number % 2 else "",
        )  # fmt: skip
    page = owner_client.get("/contacts/?user_type=&platform=line&platform=facebook&sort=-value").content
    assert page.count(b"<tr") == 21
    assert len(page) < 60_000
    assert len(gzip.compress(page, 6)) < 12_000
