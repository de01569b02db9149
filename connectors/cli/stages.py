"""`dongtin crawl|enrich|watch|index|notify`: one stage as a process of its own."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Annotated

import typer

from connectors.cli.options import Config, DataDir, ElasticsearchUrl, KafkaAddress, settings_of
from streams.errors import Fatal, Retry
from streams.settings import Settings

log = logging.getLogger("dongtin")

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
    _run("crawl", settings, runner, metrics_port, parent, broker=False)


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

    _run("enrich", settings_of(config, data_dir, kafka), runner, metrics_port, parent)


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
    _run("watch", settings, runner, metrics_port, parent)


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
    _run("index", settings, runner, metrics_port, parent)


def notify(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    metrics_port: MetricsPort = None,
    parent: Parent = None,
) -> None:
    r"""alerts to people: the addresses of \[notify] urls, else the terminal and a file."""

    def runner(settings: Settings, stop: threading.Event) -> int:
        from connectors.notify.notify import run

        return run(settings, stop)

    _run("notify", settings_of(config, data_dir, kafka), runner, metrics_port, parent)


def _run(
    stage: str,
    settings: Settings,
    runner: Runner,
    metrics_port: int | None,
    parent: int | None,
    *,
    broker: bool = True,
) -> None:
    """Serves metrics, waits for the broker, runs the stage until a signal."""
    from dataclasses import replace

    from connectors.stack.runfiles import note_stage
    from streams.metrics import serve

    logging.basicConfig(format=f"%(asctime)s {stage} %(levelname)s %(message)s")
    logging.getLogger("dongtin").setLevel(logging.INFO)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # 1,450 lines for one outage
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    if metrics_port is not None:
        settings = replace(settings, metrics=replace(settings.metrics, port=metrics_port))
    try:
        port = serve(settings.metrics)
    except OSError as error:
        raise Fatal(
            f"{stage}: no metrics on {settings.metrics.host}:{settings.metrics.port}: {error}"
        ) from error
    note_stage(settings.data_dir, stage, f"http://{settings.metrics.host}:{port}/metrics")
    log.info("metrics on http://%s:%d/metrics", settings.metrics.host, port)
    if broker and not wait_for_broker(settings, stop):
        raise typer.Exit(0)
    raise typer.Exit(runner(settings, stop))


def _follow(parent: int) -> None:
    """Asks this process to end once the one that started it is gone: kill -9 leaves nothing."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def wait_for_broker(settings: Settings, stop: threading.Event) -> bool:
    """Returns True once the broker answers and has our topics, False when asked to stop before.

    A missing input topic would be silent, a missing output topic a crash a minute later.
    """
    from connectors.kafka import admin

    said = False
    while not stop.is_set():
        try:
            admin.ensure(settings.kafka.bootstrap, replication=settings.kafka.replication)
        except Retry as error:
            if not said:
                log.warning("%s; trying again until it answers", error)
            said = True
            stop.wait(error.after)
        else:
            return True
    return False
