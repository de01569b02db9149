"""The article that the project began with."""

from pathlib import Path

import pytest

from streams.extraction import find_documents

SEED = Path(__file__).resolve().parents[3].parent / "shared" / "seed"


@pytest.mark.shared
@pytest.mark.skipif(not SEED.exists(), reason="the seed article (../shared/seed) is not here")
def test_the_first_article_is_understood_completely() -> None:
    """Two plenum resolutions from one list, the directive, and its short form completed."""
    text = next(SEED.glob("*.txt")).read_text(encoding="utf-8")
    mentions = find_documents(text)
    assert [m.key for m in mentions] == ["NQTW4/XI", "NQTW4/XII", "05-CT/TW", "05-CT/TW"]
    directive = mentions[2]
    assert (directive.issuer, directive.issued) == ("Bộ Chính trị", "2016-05-15")
    assert directive.title is not None
    assert directive.title.endswith("tư tưởng, đạo đức, phong cách Hồ Chí Minh")
