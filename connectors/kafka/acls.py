"""What each user may do on the broker (ACLs): read from a table and put there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from connectors.kafka.admin import administered
from streams.errors import ConfigError, Retry
from streams.settings import Kafka
from streams.tables import read_tsv

_COLUMNS = ("user", "resource", "name", "operations")
_RESOURCES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_OPERATIONS = {
    "read": ACLOperation.READ,
    "write": ACLOperation.WRITE,
    "describe": ACLOperation.DESCRIBE,
    "describe_configs": ACLOperation.DESCRIBE_CONFIGS,
}
_EVERYTHING = ACLFilter(
    principal=None,
    host=None,
    operation=ACLOperation.ANY,
    permission_type=ACLPermissionType.ANY,
    resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


def read(path: Path) -> tuple[Any, ...]:
    """The rights that a table tells, as kafka-python's ACLs.

    Args:
        path: tab-separated: user, resource (`topic`, `group`), its name (a beginning, if it ends in
            `*`), operations with blanks between them.

    Raises:
        ConfigError: with file and line.
    """
    return tuple(acl for number, row in read_tsv(path, _COLUMNS) for acl in _row(path, number, row))


def ensure(kafka: Kafka, path: Path, *, dry_run: bool = False) -> int:
    """Puts the rights of a table on the broker and takes away those of its users that it does not
    name; returns how many were changed, or would be.

    Raises:
        ConfigError: the table is wrong.
        Retry: the broker can't be asked now.
    """
    wanted = set(read(path))
    users = {acl.principal for acl in wanted}
    with administered(kafka) as client:
        there, _ = client.describe_acls(_EVERYTHING)
        missing = wanted - set(there)
        superfluous = {acl for acl in there if acl.principal in users} - wanted
        if dry_run:
            return len(missing) + len(superfluous)
        if missing and (failed := client.create_acls(list(missing))["failed"]):
            raise Retry(f"Kafka at {kafka.bootstrap}: rights not given: {failed[:3]}")
        if superfluous:
            client.delete_acls(list(superfluous))
    return len(missing) + len(superfluous)


def _row(path: Path, number: int, row: dict[str, str]) -> Iterator[Any]:
    name = row["name"]
    beginning = name.endswith("*") and name != "*"
    kind = ACLResourcePatternType.PREFIXED if beginning else ACLResourcePatternType.LITERAL
    try:
        pattern = ResourcePattern(
            _RESOURCES[row["resource"]], name.rstrip("*") if beginning else name, kind
        )
        operations = [_OPERATIONS[word] for word in row["operations"].split()]
    except KeyError as error:
        known = ", ".join((*_RESOURCES, *_OPERATIONS))
        raise ConfigError(path, f"{error} is none of {known}", line=number) from None
    for operation in operations:
        yield ACL(
            principal=f"User:{row['user']}",
            host="*",
            operation=operation,
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=pattern,
        )
