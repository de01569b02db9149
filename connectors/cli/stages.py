"""`dongtin crawl|enrich|watch|index`: one stage as a process of its own."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Annotated

import typer

from connectors.cli.common import end_at_signal
from connectors.cli.options import Config, DataDir, ElasticsearchUrl, KafkaAddress, settings_of
from streams.errors import Denied, Fatal, Retry
from streams.settings import Settings
from streams.terminal import LogFormatter

log = logging.getLogger("dongtin")

#: Seconds from SIGTERM until a stage has ended, whatever hangs; less than the supervisor's grace.
END_SECONDS = 17.0
#: Seconds between two looks at our own health, and looks in a row that must find us not live: as long as
#: the supervisor waits (connectors.stack.processes).
_LOOK_SECONDS, _NOT_LIVE_LOOKS = 5.0, 3

MetricsPort = Annotated[
    int | None,
    typer.Option(help="Port for Prometheus; 0: any free one.", show_default="[metrics] port"),
]
Parent = Annotated[int | None, typer.Option(hidden=True, help="End when this process is gone.")]

Runner = Callable[[Settings, threading.Event], int]


def crawl(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    metrics_port: MetricsPort = None,
    parent: Parent = None,
) -> None:
    """Outlets' feeds and pages to the topic articles.raw."""

    def runner(settings: Settings, stop: threading.Event) -> int:
        from connectors.crawler.run import run

        return run(settings, stop)

    settings = settings_of(config, data_dir, kafka)
    run_stage("crawl", settings, runner, metrics_port, parent, broker=False)


def enrich(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    metrics_port: MetricsPort = None,
    parent: Parent = None,
) -> None:
    """articles.raw to articles.enriched: text, documents, people, dates, credits, words."""

    def runner(settings: Settings, stop: threading.Event) -> int:
        from streams.agents.enrich import run

        return asyncio.run(run(settings, stop))

    run_stage("enrich", settings_of(config, data_dir, kafka), runner, metrics_port, parent)


def watch(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    metrics_port: MetricsPort = None,
    parent: Parent = None,
) -> None:
    """articles.enriched to alerts: the first mention ever of a document."""

    def runner(settings: Settings, stop: threading.Event) -> int:
        from connectors.elasticsearch.register import DocumentRegister
        from streams.agents.watch import run

        async def with_register() -> int:
            return await run(settings, DocumentRegister.connect(settings.elasticsearch), stop)

        return asyncio.run(with_register())

    settings = settings_of(config, data_dir, kafka, elasticsearch)
    run_stage("watch", settings, runner, metrics_port, parent, needs=("kafka", "elasticsearch"))


def index(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    metrics_port: MetricsPort = None,
    parent: Parent = None,
) -> None:
    """articles.enriched, articles.dead and alerts into Elasticsearch."""

    def runner(settings: Settings, stop: threading.Event) -> int:
        from connectors.elasticsearch.sink import run

        return run(settings, stop)

    settings = settings_of(config, data_dir, kafka, elasticsearch)
    run_stage("index", settings, runner, metrics_port, parent, needs=("kafka", "elasticsearch"))


def run_stage(
    stage: str,
    settings: Settings,
    runner: Runner,
    metrics_port: int | None,
    parent: int | None,
    *,
    needs: tuple[str, ...] = ("kafka",),
    broker: bool = True,
) -> None:
    """Serves metrics, waits for the broker, runs the stage until a signal."""
    from dataclasses import replace

    from connectors.stack.runfiles import note_stage
    from streams.health import MAIN, PROCESS, START, START_SECONDS
    from streams.metrics import OUTLETS, show_zeros
    from streams.serving import serve

    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter(f"%(asctime)s {stage} %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("dongtin").setLevel(logging.INFO)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # 1,450 lines for one outage
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    stop = threading.Event()
    end_at_signal(stop)
    threading.Thread(target=_end_in_time, args=(stop,), daemon=True, name="ending").start()
    condemned = threading.Event()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    elif settings.metrics.end_when_not_live:
        looking = (stop, condemned)
        threading.Thread(target=_end_when_not_live, args=looking, daemon=True, name="live").start()
    if metrics_port is not None:
        settings = replace(settings, metrics=replace(settings.metrics, port=metrics_port))
    PROCESS.name = stage
    OUTLETS.know(settings.outlets)
    PROCESS.expect(MAIN, START_SECONDS)  # the stage's own loop takes it over
    PROCESS.note(START, "not yet over")
    for server in needs:
        PROCESS.note(server, "not asked yet")
    show_zeros(stage, settings.outlets)
    try:
        metrics = serve(settings.metrics)
    except OSError as error:
        raise Fatal(
            f"{stage}: no metrics on {settings.metrics.host}:{settings.metrics.port}: {error}"
        ) from error
    try:
        note_stage(settings.data_dir, stage, metrics)
    except OSError as error:
        raise Fatal(f"{settings.data_dir}: can't be written: {error}") from error
    log.info("metrics on %s", metrics)
    try:
        there = not broker or wait_for_broker(settings, stop)
        status = runner(settings, stop) if there else 0
        raise typer.Exit(1 if condemned.is_set() else status)
    finally:
        stop.set()  # also an end that nobody asked for is bounded in time


def _end_in_time(stop: threading.Event) -> None:
    """Ends the process if it does not by itself: a client of a server that hangs may wait for its
    answer longer than anybody waits for the process. Safe, since nothing in hand is acknowledged."""
    stop.wait()
    time.sleep(END_SECONDS)
    log.error("not ended after %.0f s: ending now; what was in hand is given again", END_SECONDS)
    os._exit(1)


def _end_when_not_live(stop: threading.Event, condemned: threading.Event) -> None:
    """Asks this process to end once it has not been live for a while. For one that Docker or systemd starts
    again: they see an end, and do nothing about a health check that fails."""
    from streams.health import PROCESS

    looks = 0
    while not stop.wait(_LOOK_SECONDS):
        reasons = PROCESS.live().reasons
        looks = looks + 1 if reasons else 0
        if looks >= _NOT_LIVE_LOOKS:
            log.error("not live (%s): ending, to be started again", "; ".join(reasons))
            condemned.set()
            stop.set()


def _follow(parent: int) -> None:
    """Asks this process to end once the one that started it is gone: kill -9 leaves nothing."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def wait_for_broker(settings: Settings, stop: threading.Event) -> bool:
    """Returns True once the broker answers and has our topics, False when asked to stop before.

    A missing input topic would be silent, a missing output topic a crash a minute later.

    Raises:
        Fatal: the broker refuses us, with what to do.
    """
    from connectors.kafka import admin
    from streams.health import MAIN, PROCESS, START_SECONDS
    from streams.metrics import reach

    said = False
    heart = PROCESS.expect(MAIN, START_SECONDS)
    while not stop.is_set():
        heart.beat()
        try:
            admin.ensure(settings)
        except Denied as error:
            raise Fatal(str(error)) from error
        except Retry as error:
            reach("kafka", "the broker does not answer")
            if not said:
                log.warning("%s; trying again until it answers", error)
            said = True
            stop.wait(error.after)
        else:
            reach("kafka")
            return True
    return False
