"""What each kind of event does to a chat that is there: the project's own bodies through the real endpoints.

A chat is one message of the customer's and one echo of the shop's; then the event of a fixture is posted.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from channels_ingest.models import Mark, Notice, RawEvent, StrayEvent
from contacts.models import Activity, Channel, Contact, Identity
from inbox.models import Conversation, Message, ThreadControl
from inbox.receipts import delivery_state

from .posts import connect, line_event, post_line, post_meta
from .test_fixtures import load

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 10, 4, 3, 12, 45, 678_000, tzinfo=dt.UTC)  # of every fixture's event
BEFORE = 1_791_083_000_000  # ms, nine minutes earlier
ACCOUNTS = {
    "facebook": ("104857600112233", "6012345678901234", "m_liv0001"),
    "instagram": ("17841409876543210", "926000111222333", "aWdfZAG0015"),
    "line": ("U7a3c9f0e5b1d48c2a6e9f4b07d152c83", "U1f6e2d8c4b9a47035e8d1c6f2a907b34", "581000000000000001"),
}
OBJECTS = {"facebook": "page", "instagram": "instagram"}


def post(platform: str, body: Any) -> None:
    channel = Channel.objects.get(platform=platform)
    answer = post_line(channel, body) if platform == "line" else post_meta(platform, body)
    assert answer.status_code == 200


def item(platform: str, message: dict[str, Any], *, at: int, echo: bool = False) -> dict[str, Any]:
    account, person, _ = ACCOUNTS[platform]
    sender, recipient = (account, person) if echo else (person, account)
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": at, "message": message}


def chat(platform: str) -> Conversation:
    """The customer's message, under the id that fixtures are about, and (Meta) an echo a minute later."""
    account, person, mid = ACCOUNTS[platform]
    connect(platform, account)
    if platform == "line":
        post("line", {"destination": account, "events": [line_event(person, mid, "มีของไหมคะ", at=BEFORE)]})
    else:
        said = item(platform, {"mid": mid, "text": "มีของไหมคะ"}, at=BEFORE)
        answered = item(
            platform, {"mid": f"{mid}-answer", "text": "มีค่ะ", "is_echo": True}, at=BEFORE + 60_000, echo=True
        )
        post(platform, {"object": OBJECTS[platform], "entry": [{"id": account, "messaging": [said, answered]}]})
    return Conversation.objects.get()


def told(name: str) -> Conversation:
    """The chat of a fixture's platform after its event."""
    platform = name.split("/")[0]
    conversation = chat(platform)
    post(platform, load(name))
    conversation.refresh_from_db()
    assert Contact.objects.count() == 1
    return conversation


def first() -> Message:
    return Message.objects.order_by("sent_at")[0]


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("facebook/message_edit__second", "แก้ไข สองตัวค่ะ", 2),
        ("instagram/message_edit__once", "ขอไซซ์ L ค่ะ", 1),
        ("instagram/message_edit__placeholder_number", "ขอไซซ์ L ค่ะ", 0),
        ("line/messageEdited__user", "ขอเปลี่ยนเป็นสองชิ้นค่ะ", 0),
    ],
)
def test_edits(name: str, text: str, number: int) -> None:
    told(name)
    assert (first().text, first().edit_number, first().edited_at) == (text, number, AT)


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("facebook/reaction__love", "❤️"),
        ("facebook/reaction__no_emoji", "😮"),
        ("facebook/reaction__other", "💬"),
        ("instagram/reaction__love", "❤"),
    ],
)
def test_reactions_count_as_contact(name: str, emoji: str) -> None:
    told(name)
    assert (first().reaction, first().reacted_at) == (emoji, AT)
    assert Contact.objects.get().latest_contact_at == AT


@pytest.mark.parametrize("platform", ["facebook", "instagram"])
def test_reaction_taken_back_and_the_shops_own(platform: str) -> None:
    told(f"{platform}/reaction__unreact")
    assert (first().reaction, first().reacted_at) == ("", AT)
    own = "by_page" if platform == "facebook" else "by_account"
    post(platform, load(f"{platform}/reaction__{own}"))
    assert first().reaction == ""


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("facebook/read__watermark", "read"),
        ("facebook/delivery__watermark_and_mids", "delivered"),
        ("facebook/delivery__no_timestamp", "delivered"),
        ("facebook/read__by_page", "sent"),
        ("instagram/read__mid", "read"),
        ("facebook/standby__read_and_reaction", "read"),
    ],
)
def test_receipts(name: str, state: str) -> None:
    conversation = told(name)
    answer = Message.objects.get(direction="out")
    assert delivery_state(answer, conversation) == state
    reacted = AT if "reaction" in name else answer.sent_at  # a reading is no contact
    assert Contact.objects.get().latest_contact_at == reacted


@pytest.mark.parametrize(
    ("name", "source", "ref", "title"),
    [
        ("facebook/referral__ad", "ad", "rainy-season", "รองเท้าหน้าฝน"),
        ("facebook/referral__link", "link", "line-card-qr", ""),
        ("facebook/referral__chat_plugin", "other", "home", ""),
        ("facebook/message__referral_ad", "ad", "rainy-season", "รองเท้าหน้าฝน"),
        ("facebook/postback__referral", "link", "line-card-qr", ""),
        ("facebook/optin__plugin", "optin", "checkout-page", ""),
        ("facebook/optin__notification", "optin", "back-in-stock", "แจ้งเมื่อมีของ"),
        ("instagram/referral__igme_link", "link", "bio-link", ""),
        ("instagram/message__referral_product", "post", "5566778899", ""),
        ("instagram/optin__notification", "optin", "", "ข่าวของร้าน"),
    ],
)
def test_origins(name: str, source: str, ref: str, title: str) -> None:
    told(name)
    identity = Identity.objects.get()
    assert (identity.origin_source, identity.origin_ref, identity.origin_title) == (source, ref, title)
    assert identity.origin_at == AT
    assert Activity.objects.get().verb == "platform_came"
    assert "token" not in str(list(Activity.objects.values())) + str(list(Mark.objects.values()))


def test_origin_waits_for_the_first_message() -> None:
    account, person, _ = ACCOUNTS["facebook"]
    connect("facebook", account)
    post("facebook", load("facebook/referral__ad"))
    assert not Contact.objects.exists()
    post("facebook", {"object": "page", "entry": [{"id": account, "messaging": [
        item("facebook", {"mid": "m_late", "text": "สวัสดีค่ะ"}, at=BEFORE)
    ]}]})  # fmt: skip
    assert Identity.objects.get(external_id=person).origin_title == "รองเท้าหน้าฝน"


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("facebook/pass_thread_control__from_app", True),
        ("facebook/take_thread_control__by_inbox", False),
        ("instagram/pass_thread_control__idle", True),
        ("instagram/take_thread_control__by_app", False),
        ("line/activated__user", True),
        ("line/deactivated__user", False),
    ],
)
def test_control(name: str, ours: bool) -> None:
    told(name)
    assert ThreadControl.objects.values_list("at", "ours").get() == (AT, ours)


@pytest.mark.parametrize(
    ("name", "verb", "detail"),
    [
        ("facebook/account_linking__linked", "account_linked", ""),
        ("facebook/account_linking__unlinked", "account_unlinked", ""),
        ("facebook/request_thread_control__by_app", "control_requested", "772"),
        ("facebook/response_feedback__positive", "feedback", "Positive feedback"),
        ("line/accountLink__ok", "account_linked", ""),
        ("line/membership__joined", "membership_joined", "3189"),
        ("line/membership__left", "membership_left", "3189"),
        ("line/membership__renewed", "membership_renewed", "3189"),
        ("line/videoPlayComplete__user", "video_played", "autumn-film"),
        ("line/beacon__enter", "beacon", "enter 374591320a"),
        ("line/beacon__banner", "beacon", "banner 374591320a"),
    ],
)
def test_activities_are_noted_once(name: str, verb: str, detail: str) -> None:
    told(name)
    post(name.split("/")[0], load(name))
    assert Activity.objects.values_list("verb", "after", "at", "actor").get() == (f"platform_{verb}", detail, AT, None)
    kept = str(list(RawEvent.objects.values())) + str(list(StrayEvent.objects.values()))
    assert "code-of-no-use" not in kept and "bm9uY2Ux" not in kept


@pytest.mark.parametrize(
    ("name", "kind", "serious"),
    [
        ("facebook/app_roles__no_sender", "app_roles", False),
        ("facebook/policy_enforcement__block", "policy_block", True),
        ("facebook/policy_enforcement__warning", "policy_warning", False),
        ("facebook/policy_enforcement__unblock_old_spelling", "policy_unblock", False),
        ("line/botSuspended__no_source", "botSuspended", True),
        ("line/botResumed__no_source", "botResumed", False),
        ("line/module__attached", "module_attached", False),
        ("line/module__detached", "module_detached", False),
    ],
)
def test_notices_are_kept_once(name: str, kind: str, serious: bool) -> None:
    platform = name.split("/")[0]
    connect(platform, ACCOUNTS[platform][0])
    for _ in range(2):
        post(platform, load(name))
    assert Notice.objects.values_list("kind", "serious", "at").get() == (kind, serious, AT)
    assert not Contact.objects.exists()


def test_notice_without_a_time_is_known_by_its_words() -> None:
    connect("facebook", ACCOUNTS["facebook"][0])
    for _ in range(2):
        post("facebook", load("facebook/policy_enforcement__no_time"))
    assert abs(Notice.objects.get().at - timezone.now()) < dt.timedelta(minutes=1)


def test_order_is_a_message_to_read() -> None:
    told("facebook/order__two_products")
    cart = Message.objects.get(kind="order")
    assert (cart.text.splitlines(), cart.direction) == (
        ["2 × กระเป๋าผ้าลินิน", "1 × MUG-07", "ส่งก่อนวันศุกร์ค่ะ"],
        "in",
    )


def test_what_comes_in_both_lists_is_one() -> None:
    told("facebook/standby__copies_of_messaging")
    post("facebook", load("facebook/standby__message_and_postback"))
    ids = list(Message.objects.filter(kind="postback").values_list("text", "sent_at"))
    assert ids == [("เมนู", AT)]
    assert Message.objects.filter(platform_id="m_liv0055").count() == 1


def test_messages_of_another_app_are_the_shops() -> None:
    told("facebook/standby__echo_of_another_app")
    assert Message.objects.get(platform_id="m_liv0054").direction == "out"


def test_unsend_on_standby_takes_the_message_back() -> None:
    conversation = chat("instagram")
    post("instagram", load("instagram/standby__message"))
    post("instagram", load("instagram/standby__echo_and_unsend"))
    gone = conversation.messages.get(platform_id="aWdfZAG0021")
    assert (gone.text, gone.unsent_at) == ("", AT)


@pytest.mark.parametrize(
    "name",
    [
        "facebook/game_play__any",
        "facebook/optin__stopped",
        "line/beacon__stay",
        "line/accountLink__failed_with_source",
        "line/delivery__notification",
    ],
)
def test_ignored_leave_nothing(name: str) -> None:
    conversation = told(name)
    counts = [model.objects.count() for model in (Activity, Mark, StrayEvent, Notice)]
    assert (counts, conversation.unread) == ([0, 0, 0, 0], 1)


@pytest.mark.parametrize("name", ["facebook/optin__user_ref", "line/accountLink__failed", "line/messageEdited__group"])
def test_strays_make_nothing_else(name: str) -> None:
    told(name)
    assert StrayEvent.objects.get().reason in ("no_person", "group")
    assert not Activity.objects.exists()
