"""The pages on settings, records, topics and indices, from their declarations and the comments there."""

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

from connectors.elasticsearch.declared import declared
from connectors.elasticsearch.names import KINDS, MONTHLY
from streams import records, topics
from streams.secret import Secret
from streams.settings import TABLES, Kafka, Outlet, Retention

#: `name: type = default  # comment`, as every field of the records and settings is written.
_FIELD = re.compile(r"^    (\w+): ([^=#\n]+?)(?: = [^#\n]*?)?(?:  # ([^\n]*))?$", re.MULTILINE)

#: Those that cross a process border as messages, each with its topic; the others are parts of them.
_MESSAGES = {
    records.RawArticle: topics.RAW,
    records.EnrichedArticle: topics.ENRICHED,
    records.Alert: topics.ALERTS,
    records.DeadLetter: topics.DEAD,
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    type: str
    comment: str


def configuration() -> str:
    """docs/configuration.md: every setting with its type, default, variable and meaning."""
    tables = "".join(_settings_table(f"[{name}]", kind) for name, kind in TABLES.items())
    return (
        "# Configuration\n\n"
        "Three layers, the later one wins: the defaults, the TOML file given with `--config`\n"
        "(or `DONGTIN_CONFIG`), the environment. A misspelt key or variable stops the command and is told with its line. Secrets\n"
        "belong in files (`*_file`) or in the environment, and are shown nowhere.\n\n"
        "`DONGTIN_DATA_DIR` (or `--data-dir`): the folder for everything that is kept, `.dongtin`.\n"
        f"{tables}{_settings_table('[outlets.<key>]', Outlet)}"
    )


def _settings_table(title: str, kind: type[Any]) -> str:
    defaults = {field.name: field for field in dataclasses.fields(kind)}
    named = title.strip("[]")
    rows = [
        f"| `{field.name}` | {_variable(named, field.name)}{_shown(field.type)} |"
        f" {_default(defaults[field.name])} | {field.comment} |\n"
        for field in _fields(kind)
        if field.name in defaults
    ]
    outlets = named.startswith("outlets")
    head = "| key | type" if outlets else "| key | variable | type"
    lines = "| --- " * (head.count("|") + 2) + "|\n"
    return (
        f"\n## `{title}`\n\n{kind.__doc__}\n\n{head} | default | meaning |\n{lines}{''.join(rows)}"
    )


def _variable(table: str, name: str) -> str:
    return "" if table.startswith("outlets") else f"`DONGTIN_{table}_{name}`".upper() + " | "


def _shown(type: str) -> str:
    return f"`{type}`".replace("|", "\\|")


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is dataclasses.MISSING:
        return "needed"
    value = "" if isinstance(field.default, Secret) else field.default
    if value in ("", (), None):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def schemas() -> str:
    """docs/schemas.md: topics, records, indices."""
    return (
        "# Schemas\n\n"
        "A field may be added with a default; one that changes its meaning, or disappears, raises the\n"
        "record's `schema`. Readers ignore what they do not know and refuse a newer `schema`. Spans\n"
        "count Unicode code points of the NFC text that the record itself carries.\n\n"
        f"## Topics\n\n{_topics()}\n## Records\n{''.join(_record(kind) for kind in _records())}"
        "\n## Indices\n\nRead them by their alias. Behind `dongtin-articles` is an index for each month in\n"
        "which articles were first seen, `dongtin-articles-v1-2026.11`; behind `dongtin-documents` one,\n"
        "`dongtin-documents-v1`. The number is the version of the mapping (`mappings/*.json`): a new field is\n"
        "added to the indices that are there, any other change raises it ([operating.md](operating.md)).\n"
        f"{''.join(_index(kind) for kind in KINDS)}"
    )


def _topics() -> str:
    values = {topic.name: kind.__name__ for kind, topic in _MESSAGES.items()}
    rows = [
        f"| `{t.name}` | {_partitions(t)} | {_kept(t)} | `{values[t.name]}` |\n" for t in topics.ALL
    ]
    return (
        "| topic | partitions | kept | value |\n| --- | --- | --- | --- |\n"
        f"{''.join(rows)}\nThe key is the article's id, of `alerts` the alert's. The value is JSON; of a "
        "dead letter it is the original bytes, and the fields travel in headers. At most "
        f"{topics.MAX_MESSAGE_BYTES:,} bytes.\n"
    )


def _partitions(topic: topics.Topic) -> str:
    most = topic.partitions(Kafka().partitions)
    return f"{most} (`[kafka] partitions`)" if topic.spread else f"{most}"


def _kept(topic: topics.Topic) -> str:
    days = getattr(Retention(), topic.kept)
    return f"{f'{days} days' if days else 'for ever'} (`[retention] {topic.kept}`)"


def _records() -> Iterator[type[Any]]:
    """In the order of their declaration."""
    for value in vars(records).values():
        if dataclasses.is_dataclass(value) and isinstance(value, type):
            yield value


def _record(kind: type[Any]) -> str:
    rows = [f"| `{f.name}` | {_shown(f.type)} | {f.comment} |\n" for f in _fields(kind)]
    about = " ".join((kind.__doc__ or "").split())
    head = "| field | type | meaning |\n| --- | --- | --- |\n"
    return f"\n### {kind.__name__}\n\n{about}\n\n{head}{''.join(rows)}"


def _index(kind: str) -> str:
    found = declared(kind)
    monthly = ", monthly" if kind in MONTHLY else ""
    fields = found.mappings["properties"].items()
    told = ", ".join(f"`{name}` {field['type']}" for name, field in fields)
    return f"\n### dongtin-{kind}{monthly}\n\nVersion {found.version}. {told}.\n"


def _fields(kind: type[Any]) -> list[_Field]:
    """A dataclass's fields as they are written, with the comment behind each."""
    return [
        _Field(name=name, type=type, comment=(comment or "").replace("|", "\\|"))
        for name, type, comment in _FIELD.findall(inspect.getsource(kind))
    ]
