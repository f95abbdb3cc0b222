"""Brings facts to what they are about, and keeps those whose message or person is not here yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from contacts.models import Channel
from contacts.services import (
    CameBy,
    FollowChange,
    Happened,
    Person,
    PersonKey,
    Seen,
    follows_apply,
    happenings_note,
    interactions_roll_up,
    origins_keep,
    people_upsert,
)
from inbox.ingest import Unsent, messages_unsend
from inbox.ingest_facts import (
    Controlled,
    Edited,
    Reacted,
    Received,
    Upto,
    controls_add,
    conversations_present,
    conversations_receive,
    messages_edit,
    messages_present,
    messages_react,
    messages_receive,
)

from .facts import ABOUT_CONVERSATIONS, ABOUT_MESSAGES, PERMANENT, Fact, FactKey, Kind, greatest
from .marks import marks_drop, marks_read, marks_write

People = Mapping[PersonKey, Person]


def settle(*, told: Mapping[FactKey, Fact], kept: Collection[Fact], people: People) -> dict[int, Seen]:
    """Apply the facts of a delivery (`told`) and the marks that waited for it (`kept`); the rest is kept as marks.

    Messages of the delivery are stored already, its contacts are locked. Answers when identities reacted, which
    counts as contact. A constant number of statements.
    """
    facts = greatest([*told.values(), *kept])
    if not facts:
        return {}
    here = _here(facts.values(), people)
    _apply([fact for key, fact in facts.items() if key in here], people)
    void = {(*fact.key[:3], str(Kind.EDIT)) for fact in facts.values() if fact.kind == Kind.UNSEND}  # words taken back
    waiting = [fact for key, fact in told.items() if fact.kind in PERMANENT or (key not in here and key not in void)]
    if waiting:
        marks_write(facts=waiting)
    done = {key for key in here | void if key[3] not in PERMANENT}
    if dropped := [fact.key for fact in kept if fact.key in done]:
        marks_drop(keys=dropped)
    return _interactions(facts.values(), people)


@transaction.atomic
def message_catch_up(*, channel: Channel, person_id: str, platform_id: str) -> None:
    """Apply what was told about a message before its row had this id: a receipt may overtake the answer of a send."""
    people, _ = people_upsert(channels={channel.pk: channel}, keys=(), known_only=[(channel.pk, person_id)])
    kept = marks_read(messages=[(channel.pk, person_id, platform_id)], people=())
    if seen := settle(told={}, kept=kept, people=people):
        interactions_roll_up(seen=seen)


def _here(facts: Collection[Fact], people: People) -> set[FactKey]:
    """Keys of the facts whose message, conversation or person is in the database."""
    known = [fact for fact in facts if fact.key[:2] in people]
    refs = {(people[f.key[:2]].identity_id, f.platform_id) for f in known if f.kind in ABOUT_MESSAGES}
    messages = messages_present(refs=refs) if refs else set()
    chats = {people[fact.key[:2]].identity_id for fact in known if fact.kind in ABOUT_CONVERSATIONS}
    conversations = conversations_present(identity_ids=chats) if chats else set()
    found = set()
    for fact in known:
        identity_id = people[fact.key[:2]].identity_id
        if fact.kind in ABOUT_MESSAGES:
            there = (identity_id, fact.platform_id) in messages
        else:
            there = fact.kind not in ABOUT_CONVERSATIONS or identity_id in conversations
        if there:
            found.add(fact.key)
    return found


def _apply(facts: Iterable[Fact], people: People) -> None:
    """Unsends go first: an edit or a reaction told in one delivery with them must find the message empty."""
    by_kind: dict[str, list[tuple[int, Fact]]] = {}
    for fact in facts:
        by_kind.setdefault(fact.kind, []).append((people[fact.key[:2]].identity_id, fact))
    if some := by_kind.get(Kind.UNSEND):
        messages_unsend(unsent=[Unsent(i, f.platform_id, f.at) for i, f in some])
    if some := by_kind.get(Kind.EDIT):
        messages_edit(edited=[Edited(i, f.platform_id, f.value["text"], f.rank, f.at) for i, f in some])
    if some := by_kind.get(Kind.REACTION):
        messages_react(reacted=[Reacted(i, f.platform_id, f.value["emoji"], f.at) for i, f in some])
    if some := by_kind.get(Kind.RECEIPT):
        messages_receive(received=[Received(i, f.platform_id, f.value["state"], f.value["error"]) for i, f in some])
    if some := [*by_kind.get(Kind.DELIVERED, ()), *by_kind.get(Kind.SEEN, ())]:
        conversations_receive(uptos=[Upto(i, f.at, f.kind == Kind.SEEN) for i, f in some])
    if some := by_kind.get(Kind.CONTROL):
        controls_add(controlled=[Controlled(i, f.at, f.value["ours"]) for i, f in some])
    if some := by_kind.get(Kind.FOLLOW):
        follows_apply(changes={i: FollowChange(f.value["following"], f.at) for i, f in some})
    if some := by_kind.get(Kind.ORIGIN):
        origins_keep(came=[CameBy(i, f.value["source"], f.value["ref"], f.value["title"], f.at) for i, f in some])
    if some := by_kind.get(Kind.HAPPENING):
        happenings_note(happened=[_happened(fact, people) for _, fact in some])


def _happened(fact: Fact, people: People) -> Happened:
    return Happened(
        contact_id=people[fact.key[:2]].contact_id,
        key=f"{fact.channel_id}:{fact.platform_id}",
        verb=fact.value["verb"],
        detail=fact.value["detail"],
        at=fact.at,
    )


def _interactions(facts: Iterable[Fact], people: People) -> dict[int, Seen]:
    """Newest reaction by identity: it counts as contact (rule 3), but nobody first appears by one."""
    seen: dict[int, Seen] = {}
    for fact in facts:
        person = people.get(fact.key[:2])
        if fact.kind == Kind.REACTION and person is not None:
            span = Seen(None, fact.at)
            seen[person.identity_id] = span | seen.get(person.identity_id, span)
    return seen
