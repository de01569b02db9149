"""Names of indices, and the declarations that they come from."""

import json
from pathlib import Path

import pytest

from connectors.elasticsearch import declared as declaring
from connectors.elasticsearch.declared import declared, template
from connectors.elasticsearch.names import KINDS, MONTHLY, alias, index, parse
from streams.errors import ConfigError
from streams.settings import Elasticsearch, Settings


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_says_what_it_was_made_of(kind: str) -> None:
    """Version and month; also where the prefix looks like a part of it."""
    month = "2026.11" if kind in MONTHLY else ""
    for prefix in ("dongtin", "a-articles-v2", "x.y"):
        name = index(prefix, kind, 12, month)
        found = parse(prefix, kind, name)
        assert found is not None
        assert (found.name, found.kind, found.version, found.month) == (name, kind, 12, month)


@pytest.mark.parametrize(
    ("kind", "name", "version"),
    [
        ("articles", "dongtin-articles-2026.11", 0),
        ("documents", "dongtin-documents", 0),
        ("documents", "dongtin-documents-v3", 3),
    ],
)
def test_names_from_before_there_were_versions_are_version_0(
    kind: str, name: str, version: int
) -> None:
    """They are read like the others."""
    found = parse("dongtin", kind, name)
    assert found is not None
    assert found.version == version


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("articles", "dongtin-articles"),
        ("articles", "dongtin-articles-v1"),
        ("articles", "dongtin-articles-v0-2026.11"),
        ("articles", "dongtin-articles-v1-2026.11-old"),
        ("articles", "other-articles-v1-2026.11"),
        ("documents", "dongtin-documents-v1-2026.11"),
        ("dead", "dongtin-deadly-v1"),
    ],
)
def test_other_names_are_none(kind: str, name: str) -> None:
    """Somebody else's indices are left alone."""
    assert parse("dongtin", kind, name) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_takes_the_indices_of_its_version_only(kind: str) -> None:
    """An older program's indices keep the mapping that they were made with."""
    found = template(kind, Settings(elasticsearch=Elasticsearch(prefix="p")))
    (pattern,) = found["index_patterns"]
    version = declared(kind).version
    assert pattern == f"p-{kind}-v{version}" + ("-*" if kind in MONTHLY else "")
    # a kind with one index gets its alias in the step that lets it take another one's place
    wanted = {alias("p", kind)} if kind in MONTHLY else set()
    assert set(found["template"].get("aliases", {})) == wanted


@pytest.mark.parametrize("number", [None, 0, -1, "1", 1.5, True])
def test_a_declaration_without_a_version_is_refused(
    number: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the file and the key."""
    body = {"version": number, "settings": {}, "mappings": {}}
    (tmp_path / "articles.json").write_text(json.dumps(body))
    monkeypatch.setattr(declaring, "FOLDER", tmp_path)
    declared.cache_clear()
    try:
        with pytest.raises(ConfigError, match=r"articles\.json: version: "):
            declared("articles")
    finally:
        declared.cache_clear()
