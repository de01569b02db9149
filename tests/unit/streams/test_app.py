"""A stage's end, whatever Faust does."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from streams import app as runner
from streams.errors import Fatal
from streams.health import PROCESS
from streams.settings import Settings


def test_faust_without_its_compiled_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its streams in Python acknowledge what nobody has processed."""
    monkeypatch.setattr("faust.streams._CStreamIterator", None)
    with pytest.raises(Fatal, match="faust-streaming from its wheel"):
        runner.make_app("enrich", Settings())


async def test_a_stop_that_can_not_be_cancelled_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust waits for acknowledgements through every cancellation; with the broker away they never
    come, and what is let go of last (the lanes) must still be let go of."""
    monkeypatch.setattr(runner, "STOP_SECONDS", 0.05)
    answered = asyncio.Event()

    async def stop() -> None:
        while not answered.is_set():
            try:
                await answered.wait()
            except asyncio.CancelledError:
                continue

    app = SimpleNamespace(stop=stop, conf=SimpleNamespace(id="enrich", stream_wait_empty=True))
    await runner._stop(app, crashed=False)
    assert not answered.is_set()
    answered.set()


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_a_stage_that_is_still_starting_ends_at_once(when: str) -> None:
    """What is done first is broken off, or not begun, the app is never started, and what is let go of
    last is."""
    stop, told = threading.Event(), list[str]()
    if when == "before":
        stop.set()

    async def load() -> None:
        stop.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("broken off")
            raise

    async def let_go() -> None:
        told.append("let go")

    async def stop_app() -> None:
        told.append("stopped")

    conf = SimpleNamespace(id="enrich", stream_wait_empty=True)
    app = SimpleNamespace(stop=stop_app, conf=conf, crashed=False)  # it has no start
    heart = PROCESS.expect("enrich stream", 60.0)
    status = await runner.serve(
        app, stop=stop, source="articles.raw", heart=heart, before=[load], after=[let_go]
    )
    PROCESS.rest("enrich stream")
    begun = ["broken off"] if when == "meanwhile" else []
    assert (status, told) == (0, [*begun, "stopped", "let go"])
