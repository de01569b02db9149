"""What the screen of `up` and `demo` looks like on a narrow and on a wide terminal."""

import io

import pytest
from rich.console import RenderableType

from connectors.stack.figures import STAGES, StageFigures
from connectors.stack.view import Shown, screen
from streams.terminal import Console

_LAW = "Pháp lệnh Ưu đãi người có công với cách mạng 2020"


def lines(renderable: RenderableType, width: int) -> list[str]:
    """What a terminal of so many columns shows."""
    file = io.StringIO()
    Console(file=file, width=width, color_system=None).print(renderable)
    return file.getvalue().splitlines()


def shown() -> Shown:
    """A day's work."""
    stages = {
        stage: StageFigures(
            stage=stage,
            pid=4711,
            outcomes={"ok": 123456, "list-page": 1234, "crash": 21},
            lag=65432,
        )
        for stage in STAGES
    }
    return Shown(
        heading="dongtin up: 25 outlets, 25 feeds; Ctrl-C ends it",
        addresses={
            "Kafka": "127.0.0.1:27781",
            "Elasticsearch": "http://127.0.0.1:24771",
            "data": "/var/lib/dongtin",
        },
        stages=stages,
        rates=dict.fromkeys(STAGES, 12.3),
        documents=[("05-CT/TW", 1025), (_LAW, 7)],
        alerts=[],
        alert_count=0,
        memory=dict.fromkeys(STAGES, 250 * 1024**2),
        server_memory={"Elasticsearch": 760 * 1024**2},
        troubles=["watch: elasticsearch: it does not answer"],
    )


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_that_counts_is_cut(width: int) -> None:
    """Stages, heads, figures and addresses are whole, and no line is longer than the terminal."""
    told = lines(screen(shown()), width)
    assert max(map(len, told)) <= width
    whole = "\n".join(told)
    for word in ("crawled", "enriched", "delivered", "Elasticsearch", "skipped", "mentions", "1025",
                 "Kafka 127.0.0.1:27781", "Elasticsearch http://127.0.0.1:24771", "data /var/lib/dongtin",
                 "watch: elasticsearch: it does not answer"):  # fmt: skip
        assert word in whole
    row = next(line for line in told if line.startswith("enriched"))
    assert row.split()[1:7] == ["123456", "1234", "21", "12.3", "65432", "250"]


def test_a_law_has_its_whole_name_where_there_is_room() -> None:
    """And its beginning where there is not."""
    assert any(_LAW in line for line in lines(screen(shown()), 120))
    assert any("Pháp lệnh" in line and "…" in line for line in lines(screen(shown()), 80))
