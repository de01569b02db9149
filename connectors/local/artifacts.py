"""What the local servers are made of: `artifacts.tsv`, one file a row, pinned by SHA-256.

The list is a lock: at run time nothing is resolved, so that every machine runs the same bytes.
`python -m connectors.local.repository` resolves it anew and rewrites it.
"""

import csv
import hashlib
from dataclasses import dataclass, fields
from pathlib import Path

ARTIFACTS_FILE = Path(__file__).with_name("artifacts.tsv")


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


COLUMNS = tuple(field.name for field in fields(Artifact))


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
