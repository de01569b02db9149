"""What comes from outside is shown as text: on a terminal, in a log, in an HTML page, in a message."""

import io
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from connectors.cli.extracting import show
from connectors.cli.marked import page as marked_page
from connectors.stack.figures import StageFigures
from connectors.stack.view import Shown, alert_line, screen
from streams.extraction import extract
from streams.terminal import Console, LogFormatter
from streams.text import printable

#: A window's title, colours, a link, bells, C1's CSI, backspaces, the direction of writing.
COMMANDS = "\x1b]0;own\x07\x1b[31m\x1b]8;;http://evil\x1b\\\x9b2J\x08\x08\u202eabc\u2066\r\x00\x7f"
MARKUP = "[bold red]đỏ[/bold red] [/] [link=http://evil]x[/link] [@click=f] :smile:"
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def shown(*renderables: Any, terminal: bool = False) -> str:
    """What a console makes of it; as a terminal it may send colours of its own."""
    file = io.StringIO()
    console = Console(file=file, width=200, force_terminal=terminal, color_system=None)
    for renderable in renderables:
        console.print(renderable)
    return file.getvalue()


def assert_harmless(text: str) -> None:
    """No character that commands, and no markup was carried out."""
    assert not _FORBIDDEN.search(text), _FORBIDDEN.findall(text)


def test_control_characters_are_shown_as_such() -> None:
    """Letters, line breaks and tabs stay; odd blanks are blanks."""
    assert printable("Bài \x1b[31mđỏ\x07\n\tdòng") == "Bài \ufffd[31mđỏ\ufffd\n\tdòng"
    assert printable("a\xa0b\u3000c") == "a b c"
    assert_harmless(printable(COMMANDS))


@pytest.mark.parametrize("terminal", [False, True])
def test_a_console_lets_no_command_through(terminal: bool) -> None:
    """Neither as a string, nor as Text, nor in a table, a panel or a title."""
    table = Table("a", COMMANDS + MARKUP, title=COMMANDS + MARKUP)
    table.add_row(COMMANDS + MARKUP, Text(COMMANDS + MARKUP))
    panel = Panel(COMMANDS + MARKUP, title=Text(COMMANDS + MARKUP))
    out = shown(COMMANDS + MARKUP, Text(COMMANDS + MARKUP), table, panel, terminal=terminal)
    assert_harmless(out)
    assert out.count("[bold red]đỏ[/bold red] [/] [link=http://evil]x[/link]") >= 4
    assert ":smile:" in out


def test_the_screen_shows_what_newspapers_wrote() -> None:
    """Alerts, documents and messages, whatever is in them."""
    odd = COMMANDS + MARKUP
    alert = {"delivered_at": "2026-11-24T03:00:00+00:00", "issuer": odd, "document": odd,
             "type": odd, "title": odd}  # fmt: skip
    out = shown(
        screen(
            Shown(
                heading="dongtin up",
                addresses={"Kafka": "a:1"},
                stages={"crawl": StageFigures(stage="crawl")},
                rates={},
                documents=[(odd, 1)],
                alerts=[alert],
                alert_count=1,
                said=[odd],
            )
        ),
        alert_line(alert),
        terminal=True,
    )
    assert_harmless(out)
    assert out.count("[bold red]") >= 3


def test_an_extraction_is_shown_as_text() -> None:
    """`dongtin extract` on a text that means harm: neither commands nor markup in any of its tables."""
    text = (
        f"(Báo [/red]) - Ông Nguyễn Văn An, Bí thư Tỉnh ủy [/x], nhắc Chỉ thị 05-CT/TW {COMMANDS}"
        f" ngày 15/5/2016 {MARKUP}\nẢnh: [/Mai] Lan\nTheo [/Báo] Mẫu"
    )
    found = extract(text, title=MARKUP)
    assert found.documents
    file = io.StringIO()
    show(Console(file=file, width=200), MARKUP + COMMANDS, text, found, explain=True)
    assert_harmless(file.getvalue())
    assert "[bold red]đỏ[/bold red]" in file.getvalue()


def test_a_marked_page_is_text_only() -> None:
    """No tag, attribute or script of the article's comes into the page that `extract --html` makes."""
    harm = "<script>alert(1)</script><img src=x onerror=alert(1)>\"' onmouseover='x"
    text = f"{harm} Chỉ thị 05-CT/TW {harm} ông Nguyễn Văn An {harm}\nẢnh: {harm}"
    made = marked_page(harm, text, extract(text, title=harm))
    inside = made.partition("</style>")[2]
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", inside))
    assert tags <= {"head", "body", "html", "p", "mark", "h", "dl", "dt", "dd"}
    assert made.count("<script") == 0
    assert "<title>&lt;script&gt;" in made


def test_a_log_record_is_one_line() -> None:
    """What a feed or a server said can't pass for a record of ours, and commands no terminal."""
    file = io.StringIO()
    handler = logging.StreamHandler(file)
    handler.setFormatter(LogFormatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("test-showing")
    logger.addHandler(handler)
    logger.warning("feed %s: %s", "https://a", f"odd\nERROR all is lost\r\n{COMMANDS}")
    try:
        raise ValueError(COMMANDS)
    except ValueError:
        logger.exception("page")
    lines = file.getvalue().splitlines()
    assert lines[0].startswith("WARNING feed https://a: odd\\nERROR all is lost")
    assert lines[1] == "ERROR page"
    assert lines[2].startswith("Traceback")
    assert_harmless(file.getvalue())


def test_an_error_commands_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line of a command that failed."""
    from connectors.cli.main import fail

    with pytest.raises(SystemExit):
        fail(ValueError(COMMANDS), 1)
    assert_harmless(capsys.readouterr().err)


def test_json_is_escaped() -> None:
    """`--json` for scripts holds what was there, escaped."""
    assert json.loads(json.dumps(COMMANDS, ensure_ascii=False)) == COMMANDS
