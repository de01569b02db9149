"""What the local servers are made of: `artifacts.tsv`, one file a row, pinned by SHA-256.

The list is a lock: at run time nothing is resolved, so that every machine runs the same bytes.
`python -m connectors.local.artifacts` resolves it anew with jgo and rewrites it.
"""

import csv
import hashlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext

ARTIFACTS_FILE = Path(__file__).with_name("artifacts.tsv")

#: "!" keeps jgo from applying a component's own dependency management to the others: log4j's
#: would put kafka-clients 3.9 beside a 4.4 broker.
KAFKA = "org.apache.kafka:kafka_2.13:4.4.0!"
LOG4J_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3!"
ELASTICSEARCH = ("org.elasticsearch.distribution.integ-test-zip", "elasticsearch", "8.17.4")

_COLUMNS = ("server", "group", "name", "version", "packaging", "bytes", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file of a server: its Maven coordinates, size in bytes and SHA-256 (hex)."""

    server: str
    group: str
    name: str
    version: str
    packaging: str
    bytes: int
    sha256: str

    @property
    def filename(self) -> str:
        """The file's name in a Maven repository, which is also its name in our cache."""
        return f"{self.name}-{self.version}.{self.packaging}"

    def matches(self, path: Path) -> bool:
        """Whether `path` is this artifact, whole and unaltered."""
        return (
            path.is_file() and path.stat().st_size == self.bytes and sha256_of(path) == self.sha256
        )


def pinned() -> tuple[Artifact, ...]:
    """The pinned artifacts, in the file's order."""
    with ARTIFACTS_FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return tuple(
            Artifact(
                server=row["server"],
                group=row["group"],
                name=row["name"],
                version=row["version"],
                packaging=row["packaging"],
                bytes=int(row["bytes"]),
                sha256=row["sha256"],
            )
            for row in rows
        )


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        file.write("# Made by: python -m connectors.local.artifacts (sizes in bytes)\n")
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([getattr(item, column) for column in _COLUMNS] for item in artifacts)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        _write(resolve_anew(Path(folder)))
    sys.stdout.write(f"{ARTIFACTS_FILE}: {len(pinned())} artifacts\n")
