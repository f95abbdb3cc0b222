"""Each of the project's own webhook bodies against its expected outcome; a body without an expectation fails.

Files are `fixtures/<platform>/<event>__<variant>.json`, written after PROTOCOLS.md, with ids and names of
this project's own; `fixtures/expected*.json` hold every outcome.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from channels_ingest.platforms import adapter_for
from channels_ingest.platforms.events import StrayEvent

from .outcomes import outcome

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED: dict[str, Any] = {
    name: wanted
    for path in sorted(FIXTURES.glob("expected*.json"))
    for name, wanted in json.loads(path.read_text("utf-8")).items()
}
NAMES = sorted(path.relative_to(FIXTURES).with_suffix("").as_posix() for path in FIXTURES.glob("*/*.json"))


def load(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_outcome(name: str) -> None:
    assert name in EXPECTED, f"{name} has no expected outcome in fixtures/expected*.json"
    events = adapter_for(name.split("/")[0]).parse(load(name))
    assert outcome(events, str, full=True) == EXPECTED[name]


@pytest.mark.parametrize("name", NAMES)
def test_each_event_replayed_alone_is_the_same_event(name: str) -> None:
    adapter = adapter_for(name.split("/")[0])
    for event in adapter.parse(load(name)):
        assert list(adapter.parse(json.loads(json.dumps(event.raw)))) == [event]


def test_every_expectation_has_a_body() -> None:
    assert set(EXPECTED) == set(NAMES)


def test_strays_tell_person_and_message_where_they_can_be_read() -> None:
    names = (
        "line/message__group",
        "line/unsend__group",
        "facebook/message_edit__no_text",
    )
    strays = {}
    for name in names:
        (event,) = adapter_for(name.split("/")[0]).parse(load(name))
        assert isinstance(event, StrayEvent)
        strays[name] = [(event.person_id, event.platform_id)]
    fon, mali = "U1f6e2d8c4b9a47035e8d1c6f2a907b34", "6012345678901234"
    assert strays == {
        "line/message__group": [(fon, "581000000000000018")],
        "line/unsend__group": [(fon, "581000000000000018")],
        "facebook/message_edit__no_text": [(mali, "m_liv0001")],
    }
