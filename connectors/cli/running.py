"""`dongtin demo` and `dongtin up`: the whole pipeline on this machine."""

from typing import Annotated

import typer

from connectors.cli.options import Config, DataDir, ElasticsearchUrl, KafkaAddress, settings_of


def demo(
    seconds: Annotated[
        float | None,
        typer.Option(
            "--for",
            min=5,
            help="End by itself after so many seconds, with a summary; exit status 0 only if all "
            "that was published is searchable and every expected alert came once.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The summary as one JSON object.")
    ] = False,
) -> None:
    """Show the whole pipeline at work on a sample outlet that publishes while it runs.

    Real Kafka and real Elasticsearch are fetched once and started for it; nothing else is needed.
    It keeps its data in a folder of its own ([italic]demo[/] in the data folder) and begins anew
    each time. Ctrl-C stops everything.
    """
    from connectors.stack.demo import run

    raise typer.Exit(run(settings_of(None, data_dir), seconds=seconds, as_json=as_json))


def up(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    kafka_port: Annotated[
        int | None, typer.Option(help="Port of our own Kafka.", show_default="any free one")
    ] = None,
    elasticsearch_port: Annotated[
        int | None, typer.Option(help="Port of our own Elasticsearch.", show_default="any free one")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Tell nothing of what is found in so long (90m, 24h, 3d) after the first start with "
            "this option: it only fills the memory of what was ever mentioned.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run the whole pipeline with your outlets, until Ctrl-C.

    What was seen, indexed and told stays in the data folder: the next start goes on where this one
    ended. With --kafka and --elasticsearch it uses servers that already run.
    """
    from connectors.stack.baseline import duration
    from connectors.stack.up import run

    try:
        quiet = duration(baseline) if baseline else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--baseline") from None
    settings = settings_of(config, data_dir, kafka, elasticsearch)
    ports = (kafka_port, elasticsearch_port)
    status = run(settings, kafka=kafka, elasticsearch=elasticsearch, ports=ports, baseline=quiet)
    raise typer.Exit(status)
