"""Label names can be read, and the page counts all labels whatever is searched for."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.tests.factories import make_label
from labels.models import Label

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["\u200b", "\u200b\u2060", "\u2800", "\u3164", "\u0e49"])
def test_names_nobody_can_see_are_refused_in_place(marketer_client: Client, name: str) -> None:
    response = marketer_client.post("/labels/", {"name": name, "colour": "teal", "description": ""})
    assert response.status_code == 422
    assert "Type a name that can be read." in response.content.decode()
    assert not Label.objects.exists()


@pytest.mark.parametrize("name", ["👩\u200d👧 น้ำ", "ก", "★", "100%", "-"])
def test_signs_emoji_and_thai_marks_are_kept_as_typed(marketer_client: Client, name: str) -> None:
    assert marketer_client.post("/labels/", {"name": name, "colour": "teal"}).status_code == 302
    assert Label.objects.get().name == name


def test_totals_are_of_all_labels(marketer_client: Client) -> None:
    for name in ("COD", "Wholesale"):
        make_label(name)
    make_label("Old", archived=True)
    for query in ("", "cod", "zzz"):
        text = marketer_client.get("/labels/", {"q": query}).content.decode()
        assert '<b class="num">2</b> in use, <b class="num">1</b> archived' in text
