"""A stage whose code is broken on purpose: `python -m tests.faults.sabotage NAMES -- STAGE ARGUMENTS`.

The stage's own program runs, with one of its parts replaced. The suite must see each of these; with
`fragile` alone the code is as it should be, only its extractor stumbles where a text asks for it.
"""

import asyncio
import sys
import threading
import uuid
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from itertools import count
from typing import Any

_HELD = 600.0  # seconds: longer than it takes the suite to kill the process
_EVERY = 4  # how many of a kind pass for each one that is held or dropped


def _done(result: object = None) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future


def fragile() -> None:
    """The extractor hangs, crashes or raises where the text asks for it."""
    from tests.faults.fragile import work

    enrich: Any = import_module("streams.agents.enrich")
    enrich.work = work


def acknowledge_early() -> None:
    """Enrich takes an article for enriched before the broker has it."""
    from streams import topics

    enrich: Any = import_module("streams.agents.enrich")
    real, number = enrich.produce, count(1)

    async def produce(topic: Any, key: Any, value: Any, headers: Any = None) -> Any:
        if topic.get_topic_name() != topics.ENRICHED.name or next(number) % _EVERY:
            return await real(topic, key, value, headers)

        def send() -> None:
            asyncio.ensure_future(real(topic, key, value, headers))  # noqa: RUF006

        asyncio.get_running_loop().call_later(_HELD, send)
        return _done()

    enrich.produce = produce


def drop_letters() -> None:
    """Enrich sends no dead letters."""
    enrich: Any = import_module("streams.agents.enrich")

    async def bury(*_: object) -> Any:
        return _done()

    enrich.bury = bury


def drop_items() -> None:
    """Index takes some items of a bulk for written that it never sent."""
    from connectors.elasticsearch.bulk import Bulk
    from connectors.elasticsearch.verdict import Verdict

    real, number = Bulk.write, count(1)

    def write(self: Bulk, actions: Any) -> list[Verdict]:
        kept = [next(number) % _EVERY != 0 for _ in actions]
        verdicts = iter(real(self, [a for a, keep in zip(actions, kept, strict=True) if keep]))
        return [next(verdicts) if keep else Verdict(outcome="written") for keep in kept]

    Bulk.write = write  # type: ignore[method-assign]


def tell_late() -> None:
    """Watch notes that a document was told before the broker has the alert."""
    from streams.agents.watch import Watcher
    from streams.alerts import Claim, FirstMention

    real, number = Watcher._claim_and_tell, count(1)

    async def claim_and_tell(self: Watcher, first: FirstMention) -> bool:
        if next(number) % _EVERY:
            return await real(self, first)
        if await self._register.claim(first) in (Claim.NEW, Claim.UNTOLD):
            await self._register.told(first.key, first.alert_id)
            # and here it is killed
        return True

    Watcher._claim_and_tell = claim_and_tell  # type: ignore[method-assign]


def forget_told() -> None:
    """Watch never notes that a document was told."""
    from connectors.elasticsearch.register import DocumentRegister

    async def told(self: DocumentRegister, key: str, alert: str) -> None:
        pass

    DocumentRegister.told = told  # type: ignore[method-assign]


def random_alerts() -> None:
    """An alert's id is another one each time."""
    alerts: Any = import_module("streams.alerts")
    alerts.alert_id = lambda kind, document: f"first:{document}:{uuid.uuid4()}"


def publish_late() -> None:
    """The crawler's outbox lets go of a page before the broker has it."""
    from streams import topics

    publish: Any = import_module("connectors.crawler.publish")
    real, number = publish.connect, count(1)

    @wraps(real)
    def connect(*arguments: Any) -> Any:
        return _Hasty(real(*arguments))

    class _Hasty:
        def __init__(self, producer: Any) -> None:
            self._producer = producer
            self.close = producer.close

        def send(self, topic: str, **message: Any) -> Any:
            if topic != topics.RAW.name or next(number) % _EVERY:
                return self._producer.send(topic, **message)
            timer = threading.Timer(_HELD, self._producer.send, (topic,), message)
            timer.daemon = True
            timer.start()
            return _Told()

    class _Told:
        def add_callback(self, told: Callable[[object], object]) -> None:
            told(None)

        def add_errback(self, told: Callable[[object], object]) -> None:
            pass

    publish.Publisher.__init__.__kwdefaults__["connect"] = connect


SABOTAGES: dict[str, Callable[[], None]] = {
    "fragile": fragile,
    "acknowledge-early": acknowledge_early,
    "drop-letters": drop_letters,
    "drop-items": drop_items,
    "tell-late": tell_late,
    "forget-told": forget_told,
    "random-alerts": random_alerts,
    "publish-late": publish_late,
}


def main() -> None:
    """Breaks what is named, and runs the stage."""
    names, _, *arguments = sys.argv[1:]
    for name in names.split(","):
        SABOTAGES[name]()
    sys.argv = ["dongtin", *arguments]
    from connectors.cli.main import main as dongtin

    dongtin()


if __name__ == "__main__":
    main()
