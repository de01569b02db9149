"""Dateline, byline, photo credits and source credit: who signs an article, kept out of its people.

Each is read where the press prints it: the dateline before the first sentence, the byline and the
source after the last one, photo credits behind `Ảnh:`. Only bounded windows are looked at.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streams.extraction.bylines import cited_line, signed_at_end, source_line, text_and_photo
from streams.extraction.photo_credits import (
    UPPER,
    WORD,
    Credit,
    agency_folded,
    credit_at,
    find_photos,
)
from streams.tables import read_tsv

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Who and what signs an article; `spans` are the places in the text that say so."""

    dateline: str | None = None
    byline: str | None = None
    photo_credits: tuple[str, ...] = ()
    source_credit: str | None = None
    spans: tuple[tuple[int, int], ...] = ()


@cache
def dateline_codes() -> dict[str, bool]:
    """code -> whether it opens a text without a dash."""
    columns = ["code", "outlet", "dash"]
    rows = read_tsv(_DATA / "datelines.tsv", columns)
    return {row["code"]: row["dash"] == "free" for _, row in rows}


def find_credits(text: str, *, outlet: str = "") -> Credits:
    """The credits of an article.

    Args:
        text: clean text, paragraphs on lines; any string is accepted.
        outlet: the outlet's name where known: its own name may open a text without a dash.
    """
    dateline = _dateline(text, outlet)
    photos = list(find_photos(text))
    byline, source = signed_at_end(text)
    source = source_line(text) or source or cited_line(text)
    both = text_and_photo(text)
    if both:
        byline = both
        photos = [*(p for p in photos if p.end <= both.start or p.start >= both.end), both]
    found = [each for each in (dateline, byline, source, *photos) if each]
    return Credits(
        dateline=dateline.value if dateline else None,
        byline=byline.value if byline else None,
        photo_credits=tuple(photo.value for photo in photos),
        source_credit=source.value if source else None,
        spans=tuple(sorted({(each.start, each.end) for each in found})),
    )


_BRACKETED = re.compile(r"\(\s?(?P<code>[^()\n]{1,40}?)\s?\)\s{0,2}[-–—:]")
_PLAIN = re.compile(rf"(?P<code>[^\n–—]{{1,40}}?)\s{{0,2}}[-–—]{{1,2}}(?=[\s\u00a0{UPPER}])")
_CODE = re.compile(
    rf"(?:[{UPPER}&]{{2,8}}|[\w]{{2,24}}\.(?:vn|VN|com|net|gov\.vn|com\.vn|org\.vn)|Vietnam\+)"
    rf"(?: \([{UPPER}][^()]{{1,30}}\)| [Oo]nline| News)?\Z"
)
# what else stands in brackets before a dash
_HEADING = re.compile(
    r"\d| vs |^(?:Vòng|Ảnh|ảnh|Nguồn|Trực tiếp|Nhận định|Kết quả|Tin|Giao hữu|Bán kết|Chung kết|Link|Video|"
    r"Bóng đá|Lịch|Soi kèo|Cúp|Giải)"
)
_PLACE = re.compile(rf"(?:TP\.? ?)?{WORD}(?: {WORD}){{0,3}}\Z")


def _dateline(text: str, outlet: str) -> Credit | None:
    found = _dateline_at(text, 0, outlet, first=True)
    line = re.match(r"[^\n]{10,160}[^\n.!?…:;,]\n+", text)
    if found or not line:  # a title may stand before the first sentence
        return found
    return _dateline_at(text, line.end(), outlet, first=False)


def _dateline_at(text: str, start: int, outlet: str, *, first: bool) -> Credit | None:
    start += len(text[start : start + 40]) - len(text[start : start + 40].lstrip())
    bracketed = _BRACKETED.match(text, start)
    if bracketed and _is_code(bracketed["code"], bracketed=True):
        return credit_at(text, *bracketed.span("code"))
    plain = _PLAIN.match(text, start)
    own = plain and plain["code"].strip().lower() in (outlet.lower(), outlet.lower().split(".")[0])
    if plain and (own or _is_code(plain["code"], bracketed=False)):
        return credit_at(text, *plain.span("code"))
    if not first:
        return None
    for code, free in dateline_codes().items():
        if free and text.startswith(code + " ", start) and _opens(text, start + len(code) + 1):
            return credit_at(text, start, start + len(code))
    return None


def _opens(text: str, at: int) -> bool:
    return (
        text[at : at + 1].isupper() or text[at : at + 1] in "\"“'‘(" or text[at : at + 1].isdigit()
    )


def _is_code(code: str, *, bracketed: bool) -> bool:
    code = code.strip()
    known = dateline_codes()
    if code in known or _CODE.match(code):
        return True
    if code.lower() in {k.lower() for k in known} or code.lower() in agency_folded():
        return True
    if bracketed:
        return len(code) <= 30 and not _HEADING.search(code)
    return code in _places() or bool(re.match(r"TP\.? ?HCM\Z", code))


@cache
def _places() -> frozenset[str]:
    rows = read_tsv(_DATA / "places.tsv", ["name", "kind"])
    return frozenset(
        row["name"] for _, row in rows if row["kind"] in ("province", "city", "country")
    )
