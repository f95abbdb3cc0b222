"""Parses every body of the shared payload folder and compares with the table of expected outcomes."""

from __future__ import annotations

import json

import pytest

from channels_ingest.platforms import adapter_for

from .corpus import Body, bodies, expected, folder
from .outcomes import outcome, text_digest

CASES = list(bodies()) if folder() else []


def parsed(body: Body) -> dict[str, object]:
    return outcome(adapter_for(body.platform).parse(json.loads(body.content)), text_digest, full=False)


@pytest.mark.parametrize("body", CASES, ids=lambda body: body.name)
def test_outcome(body: Body) -> None:
    assert parsed(body) == expected()[body.name]


def test_every_body_has_an_expectation_and_every_expectation_a_body() -> None:
    assert {body.name for body in bodies()} == set(expected())


@pytest.mark.parametrize("body", CASES, ids=lambda body: body.name)
def test_each_event_replayed_alone_is_the_same_event(body: Body) -> None:
    adapter = adapter_for(body.platform)
    for event in adapter.parse(json.loads(body.content)):
        assert list(adapter.parse(json.loads(json.dumps(event.raw)))) == [event]
