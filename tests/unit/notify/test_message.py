"""Messages: an alert as a person reads it."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from connectors.notify.message import Message, digest_of, fitting, message_of, reading_date
from streams.records import Alert
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
    alert = replace(alert, novelty="new-to-us", outlet_name="Báo Dòng Tin")
    assert message_of(alert).text.splitlines() == [
        "Về học tập",
        "Văn bản ban hành từ trước, nay mới thấy trên báo",
        "Hội nghị sơ kết (Báo Dòng Tin, 24/11/2026 03:00)",
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


def characters(message: Message) -> int:
    """The size of a message where nothing is escaped."""
    return len(message.title) + len(message.text)


def some(count: int) -> list[Alert]:
    """Alerts of different documents."""
    return [make_index.alert(f"{number}-CT/TW") for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("novelty", "told"),
    [
        ("newly-issued", "Văn bản mới ban hành"),
        ("new-to-us", "Văn bản ban hành từ trước, nay mới thấy trên báo"),
        ("unknown", "Chưa rõ ngày ban hành"),
    ],
)
def test_it_says_whether_the_document_is_new_or_only_new_to_us(novelty: str, told: str) -> None:
    """A reader must not take an old document for news."""
    assert told in message_of(make_index.alert(novelty=novelty)).text.splitlines()


def test_an_outlet_without_a_name_is_told_by_its_key() -> None:
    """An alert of an outlet that was taken out of the file still says where it is from."""
    assert "(bao, " in message_of(make_index.alert()).text


def test_a_digest_tells_every_document_with_its_sentence_and_link() -> None:
    """Numbered, in their order, with the number of them in the title."""
    message = digest_of(some(12))
    assert message.title.startswith("Lần đầu được nhắc: 12 văn bản (Chỉ thị 1-CT/TW, Chỉ thị 2-")
    assert len(message.title) <= 200
    blocks = message.text.split("\n\n")
    assert len(blocks) == 12
    for number, block in enumerate(blocks, 1):
        first, *_, last = block.splitlines()
        assert first == f"{number}. Chỉ thị {number}-CT/TW (Bộ Chính trị, 15/5/2016)"
        assert f"“Hội nghị sơ kết việc thực hiện Chỉ thị {number}-CT/TW.”" in block
        assert last == make_index.URL


def test_a_digest_of_one_is_its_own_message() -> None:
    """Nobody wants a list of one."""
    assert digest_of(some(1)) == message_of(some(1)[0])


def test_what_a_channel_has_no_room_for_is_left_for_the_next_message() -> None:
    """As many as fit, and one more would not."""
    alerts = some(20)
    message, count = fitting(alerts, 1000, characters)
    assert 1 < count < 20
    assert characters(message) <= 1000 < characters(digest_of(alerts[: count + 1]))
    assert message == digest_of(alerts[:count])


def test_an_alert_that_is_too_long_is_shortened_and_keeps_its_link() -> None:
    """What is left out is shown as left out."""
    alert = make_index.alert(sentence="Một câu rất dài. " * 500)
    message, count = fitting([alert], 1000, characters)
    assert count == 1
    assert 990 <= characters(message) <= 1000
    assert message.text.endswith(f"…\n{alert.url}")
    assert message.title == message_of(alert).title


def test_a_short_message_has_the_name_and_the_link() -> None:
    """An SMS of 160 characters."""
    alert = make_index.alert(issuer="Ủy ban Thường vụ Quốc hội " * 10)
    message, _ = fitting([alert], 160, characters)
    assert (message.title, message.text) == ("Chỉ thị 05-CT/TW", alert.url)


def test_messages_are_composed_and_command_no_terminal() -> None:
    """NFC, whatever the page had; no escape sequence, no character that turns the text around."""
    title = unicodedata.normalize("NFD", "Học tập") + "\x1b[31m\u202e"
    text = message_of(make_index.alert(title=title, outlet_name="Tiền Phong")).text
    assert text == unicodedata.normalize("NFC", text)
    assert "Học tập[31m (Tiền Phong" in text
