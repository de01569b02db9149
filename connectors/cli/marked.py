"""An article with every mention marked, as one self-contained HTML page. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from streams.records import DateMention, DocumentMention, Extraction, PersonMention

_PAGE = """<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 18px/1.65 Georgia, "Noto Serif", serif; max-width: 44em; margin: 2em auto; padding: 0 1em; color: #222; }}
h1 {{ font-size: 1.5em; line-height: 1.3; }}
mark {{ color: inherit; border-radius: 3px; padding: 0 .15em; cursor: help; }}
.numbered {{ background: #ffd9a8; }} .law {{ background: #cdeac0; }} .anaphor {{ background: #fff0d6; }}
.person {{ background: #cfe3ff; }} .date {{ background: #eadcf7; }} .unsure {{ outline: 2px dotted #b00; }}
.legend, dl {{ font: 14px/1.5 system-ui, sans-serif; }} .legend mark {{ margin-right: .8em; }}
dt {{ float: left; clear: left; width: 8em; color: #666; }} dd {{ margin-left: 8em; }}
p {{ white-space: pre-wrap; }}
</style>
</head>
<body>
<p class="legend"><mark class="numbered">văn bản có số</mark><mark class="law">luật</mark><mark
class="anaphor">nhắc lại</mark><mark class="person">người</mark><mark class="date">ngày</mark></p>
{heading}
{paragraphs}
<dl>{credits}</dl>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A span with its colour and what is told when the pointer rests on it."""

    start: int
    end: int
    kind: str
    told: str


def why(rule: str, confidence: float) -> str:
    """What found a mention, and how sure it is."""
    return f"{rule or 'no rule given'}, {confidence:.2f}"


def _document(mention: DocumentMention) -> Mark:
    unsure = mention.ambiguous or not mention.complete
    lines = [mention.key, mention.title, mention.issuer, mention.issued]
    if unsure:
        lines.append("không đủ để biết chắc là văn bản nào")
    lines.append(why(mention.rule, mention.confidence))
    return Mark(
        start=mention.start,
        end=mention.end,
        kind=mention.tier + (" unsure" if unsure else ""),
        told="\n".join(line for line in lines if line),
    )


def _person(mention: PersonMention) -> Mark:
    lines = [mention.person, *mention.titles, why(mention.rule, mention.confidence)]
    return Mark(start=mention.start, end=mention.end, kind="person", told="\n".join(lines))


def _date(mention: DateMention) -> Mark:
    told = f"{mention.iso}\n{why(mention.rule, mention.confidence)}"
    return Mark(start=mention.start, end=mention.end, kind="date", told=told)


def _apart(marks: Iterable[Mark]) -> Iterator[Mark]:
    """In order of place; of two that overlap the one that begins first."""
    end = 0
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        if mark.start >= end:
            yield mark
            end = mark.end


def _marked(text: str, marks: Iterable[Mark]) -> str:
    pieces, at = [], 0
    for mark in _apart(marks):
        pieces.append(escape(text[at : mark.start]))
        # a line break of the text parts paragraphs, one that is told must not
        told = escape(mark.told, quote=True).replace("\n", "&#10;")
        inside = escape(text[mark.start : mark.end])
        pieces.append(f'<mark class="{mark.kind}" title="{told}">{inside}</mark>')
        at = mark.end
    pieces.append(escape(text[at:]))
    return "".join(pieces)


def page(title: str, text: str, found: Extraction) -> str:
    """The whole page. A paragraph of the text is one of the page."""
    documents = [_document(m) for m in found.documents if m.field == "text"]
    in_title = [_document(m) for m in found.documents if m.field == "title"]
    marks = [*documents, *map(_person, found.people), *map(_date, found.dates)]
    credits = {
        "dateline": found.dateline,
        "byline": found.byline,
        "photo": ", ".join(found.photo_credits),
        "source": found.source_credit,
    }
    return _PAGE.format(
        title=escape(title or "dongtin"),
        heading=f"<h1>{_marked(title, in_title)}</h1>" if title else "",
        paragraphs="\n".join(f"<p>{line}</p>" for line in _marked(text, marks).split("\n")),
        credits="".join(
            f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in credits.items() if value
        ),
    )
