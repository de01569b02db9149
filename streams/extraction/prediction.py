"""An extraction in the form that the gold set's scorer reads."""

from typing import Any

from streams.records import Extraction


def prediction(article: str, extraction: Extraction) -> dict[str, Any]:
    """One line of predictions: mentions of the text (not of the title), and the four credits."""
    return {
        "id": article,
        "documents": [
            {"start": m.start, "end": m.end, "key": m.key, "tier": m.tier}
            for m in extraction.documents
            if m.field == "text"
        ],
        "people": [
            {"start": m.start, "end": m.end, "titles": list(m.titles)} for m in extraction.people
        ],
        "dates": [{"start": m.start, "end": m.end, "iso": m.iso} for m in extraction.dates],
        "dateline": extraction.dateline,
        "byline": extraction.byline,
        "photo_credits": list(extraction.photo_credits),
        "source_credit": extraction.source_credit,
    }
