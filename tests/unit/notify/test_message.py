"""Messages: an alert as a person reads it."""

from typing import Any

import pytest

from connectors.notify.message import message_of, reading_date
from tests import make_index


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({}, "Lần đầu được nhắc: Chỉ thị 05-CT/TW (Bộ Chính trị, 15/5/2016)"),
        ({"issuer": None}, "Lần đầu được nhắc: Chỉ thị 05-CT/TW (15/5/2016)"),
        ({"issued": None}, "Lần đầu được nhắc: Chỉ thị 05-CT/TW (Bộ Chính trị)"),
        ({"issuer": None, "issued": None}, "Lần đầu được nhắc: Chỉ thị 05-CT/TW"),
        (
            {"type": "Luật", "document": "Luật Đất đai 2024", "issuer": "Quốc hội", "issued": None},
            "Lần đầu được nhắc: Luật Đất đai 2024 (Quốc hội)",
        ),
        ({"type": "", "issuer": None, "issued": None}, "Lần đầu được nhắc: 05-CT/TW"),
    ],
)
def test_title(fields: dict[str, Any], title: str) -> None:
    """Type, key, and what is known of issuer and date; nothing twice, no empty brackets."""
    assert message_of(make_index.alert(**fields)).title == title


@pytest.mark.parametrize(
    ("iso", "read"),
    [
        ("2016-05-15", "15/5/2016"),
        ("2020-11", "11/2020"),
        ("2020", "2020"),
        ("--11-10", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_date(iso: str | None, read: str) -> None:
    """As Vietnamese writes it; what is no date is left out."""
    assert reading_date(iso) == read


def test_text_has_article_outlet_sentence_people_and_link() -> None:
    """Each on its line, and no line for what is not known."""
    alert = make_index.alert(people=("Lê Thị Mơ", "Trần Văn Tạm"), document_title="Về học tập")
    assert message_of(alert).text.splitlines() == [
        "Về học tập",
        "Hội nghị sơ kết (bao, 24/11/2026 03:00)",
        "“Hội nghị sơ kết việc thực hiện Chỉ thị 05-CT/TW.”",
        "Người được nêu trong câu: Lê Thị Mơ, Trần Văn Tạm",
        alert.url,
    ]


def test_line_breaks_from_outside_make_no_lines() -> None:
    """A title with a line break could otherwise forge a line, or a mail's header."""
    message = message_of(make_index.alert(title="a\r\nBcc: x", document="05\n-CT/TW"))
    assert "\n" not in message.title
    assert "\r" not in message.text
    assert "a Bcc: x" in message.text
