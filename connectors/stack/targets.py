"""Whom a Prometheus beside `up` scrapes: the stages, each at the port that it has at the moment."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.stack import runfiles
from connectors.stack.figures import STAGES


def targets(data_dir: Path, host: str) -> list[dict[str, Any]]:
    """The stages as Prometheus's HTTP service discovery reads them (`http_sd_configs`).

    A stage that has died stays where it was last, so that it is missed, until another one has taken its
    place. Its `instance` is its name: a restart, with another port, goes on in the same time series.

    Args:
        data_dir: of an `up`.
        host: by which the stages are reached from where Prometheus is; brackets around an IPv6 address.
    """
    told = {stage: runfiles.read(data_dir / "run" / f"{stage}.json") for stage in STAGES}
    return [
        {
            "targets": [f"{host}:{urlsplit(str(one['metrics'])).port}"],
            "labels": {"instance": stage},
        }
        for stage, one in told.items()
        if one
    ]
