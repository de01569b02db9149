"""jgo: the one way to the package repository, and the maker of `artifacts.tsv`.

Imported only when something has to be fetched: jgo and what it needs take half a second.
"""

import csv
import logging
import sys
import tempfile
from configparser import Error as SettingsError
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from jgo.config import GlobalSettings
from jgo.maven import MavenContext, PythonResolver
from requests import RequestException

from connectors.local.artifacts import ARTIFACTS_FILE, COLUMNS, Artifact, pinned, sha256_of
from connectors.local.errors import Unavailable, Unreachable
from connectors.local.progress import Advance

_TIMEOUT = 30  # seconds without a byte

#: "!" keeps jgo from applying a component's own dependency management to the others: log4j's
#: would put kafka-clients 3.9 beside a 4.4 broker.
KAFKA = "org.apache.kafka:kafka_2.13:4.4.0!"
LOG4J_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3!"
ELASTICSEARCH = ("org.elasticsearch.distribution.integ-test-zip", "elasticsearch", "8.17.4")


def fetch(artifact: Artifact, folder: Path, advance: Advance) -> Path:
    """Fetch one artifact into `folder` from where the user's jgo settings say, else jgo's default.

    Raises:
        Unreachable: no network, or a connection that broke off.
        Unavailable: the repository does not have or give it, or jgo's settings can't be read.
    """
    logging.getLogger("jgo").setLevel(logging.ERROR)  # a wrong checksum is our error to raise
    resolver = PythonResolver(progress_callback=lambda _name, _total: nullcontext(advance))
    try:
        context = MavenContext(
            resolver=resolver,
            repo_cache=folder,
            remote_repos=GlobalSettings.load().repositories or None,
            timeout=_TIMEOUT,
        )
        component = context.project(artifact.group, artifact.name).at_version(artifact.version)
        return Path(component.artifact(packaging=artifact.packaging).resolve())
    except RequestException as error:
        raise Unreachable(_innermost(error)) from error
    except (RuntimeError, SettingsError) as error:
        raise Unavailable(str(error)) from error


def _innermost(error: BaseException) -> str:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error) or type(error).__name__


def resolve_anew(cache: Path) -> tuple[Artifact, ...]:
    """Resolve the servers' current files with jgo, downloading them into `cache`."""
    context = MavenContext(repo_cache=cache)
    wanted = [context.create_dependency(coordinate) for coordinate in (KAFKA, LOG4J_BINDING)]
    direct, transitive = context.resolver.resolve(wanted)
    jars = [dependency.artifact for dependency in (*direct, *transitive)]
    group, name, version = ELASTICSEARCH
    archive = context.project(group, name).at_version(version).artifact(packaging="zip")
    rows = [_described("kafka", jar) for jar in sorted(jars, key=str)]
    return (*rows, _described("elasticsearch", archive))


def _described(server: str, found: Any) -> Artifact:
    path = Path(found.resolve())
    return Artifact(
        server=server,
        group=found.groupId,
        name=found.artifactId,
        version=found.version,
        packaging=found.packaging,
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
    )


def _write(artifacts: tuple[Artifact, ...]) -> None:
    with ARTIFACTS_FILE.open("w", encoding="utf-8", newline="") as file:
        file.write("# Made by: python -m connectors.local.repository (sizes in bytes)\n")
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(item, column) for column in COLUMNS] for item in artifacts)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        _write(resolve_anew(Path(folder)))
    sys.stdout.write(f"{ARTIFACTS_FILE}: {len(pinned())} artifacts\n")
