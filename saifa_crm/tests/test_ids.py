"""Row ids as they come in addresses and forms."""

from __future__ import annotations

import pytest

from saifa_crm.lib.ids import read_id


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("007", 7), ("0", 0), ("2147483647", 2147483647)])
def test_read(text: str, number: int) -> None:
    assert read_id(text) == number


@pytest.mark.parametrize("text", ["", " 7", "-7", "7.0", "๗", "²", "x", "2147483648", "9" * 11, "0" * 5000])
def test_none_where_no_row_can_have_it(text: str) -> None:
    assert read_id(text) is None
