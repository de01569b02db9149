"""Options that several commands share, and the settings that they make."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from streams import security
from streams.configuration import check_search_url, load
from streams.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="DONGTIN_CONFIG",
        help="A TOML file with your outlets (\\[outlets.<key>]) and settings. Without it: the shipped "
        "outlets and the defaults.",
        show_default=False,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        "-d",
        help="The folder for everything that is kept: servers' data, what was seen, alerts, logs.",
        show_default=".dongtin",
    ),
]
KafkaAddress = Annotated[
    str | None,
    typer.Option("--kafka", help="A Kafka that already runs, host:port.", show_default=False),
]
ElasticsearchUrl = Annotated[
    str | None,
    typer.Option(
        "--elasticsearch", help="An Elasticsearch that already runs, its URL.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for a script.")]


def settings_of(
    config: Path | None,
    data_dir: Path | None,
    kafka: str | None = None,
    elasticsearch: str | None = None,
) -> Settings:
    """The settings with what the command line says on top. Raises ConfigError."""
    settings = load(config, data_dir=data_dir)
    if kafka:
        settings = replace(settings, kafka=replace(settings.kafka, bootstrap=kafka))
    if elasticsearch:
        check_search_url("command line", "--elasticsearch", elasticsearch)
        changed = replace(settings.elasticsearch, url=elasticsearch)
        settings = replace(settings, elasticsearch=changed)
    security.check(settings.kafka, settings.elasticsearch)
    return settings
