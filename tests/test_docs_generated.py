"""What is written from the code is as the code is now."""

import dataclasses

from deploy.docs import PAGES, stale
from streams.records import Alert, DeadLetter, DocumentMention, EnrichedArticle, RawArticle
from streams.settings import TABLES


def test_no_generated_page_is_stale() -> None:
    """`make docs` would change nothing."""
    assert PAGES
    assert stale() == [], "run `make docs`"


def test_every_setting_and_every_field_is_on_its_page() -> None:
    """The pages are made from source lines: a field written in another way must not be left out."""
    settings = PAGES["docs/configuration.md"]()
    for table, kind in TABLES.items():
        for field in dataclasses.fields(kind):
            assert f"`DONGTIN_{table}_{field.name}`".upper().replace("`", "") in settings
    schemas = PAGES["docs/schemas.md"]()
    for kind in (RawArticle, EnrichedArticle, Alert, DeadLetter, DocumentMention):
        _, _, section = schemas.partition(f"### {kind.__name__}\n")
        own, _, _ = section.partition("\n### ")
        for field in dataclasses.fields(kind):
            assert f"| `{field.name}` |" in own
