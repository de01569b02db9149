"""Laws by name: `Luật Đất đai 2013`, `bộ luật hình sự`, `Luật BHXH`, `Luật sửa đổi ... của Luật ...`.

Names are walked word by word in a tree of the official titles (`data/laws.tsv`), without regard to
case, diacritics and commas; a capitalised name that is not there is read up to the first word that
no title goes on with.
"""

import re
from dataclasses import dataclass, field, replace
from functools import cache

from streams.extraction.clean import Clean
from streams.extraction.model import Reference
from streams.extraction.vocabulary import DATA, DocumentType
from streams.tables import read_tsv
from streams.text import fold

_WORD = re.compile(r"[^\W_]+(?:[&/][^\W_]+)*")
_BETWEEN = re.compile(r"[ ,\"“”()-]{1,4}|\n?")
_REACH = 160  # characters; the longest title has 120
_YEAR = re.compile(
    r" ?,? ?(?:\(?(?:sửa đổi|mới)[^.;\n()]{0,25}\)? )?\(?(?:ban hành )?(?:năm )?(?P<year>(?:19[4-9]|20)\d\d)(?![\d/.-]\d|\d)\)?",
    re.IGNORECASE,
)
_MORE_YEARS = re.compile(
    r" ?(?:,|và|;|hay|hoặc) (?:(?:bộ )?luật )?(?P<span>(?:năm )?(?P<year>(?:19[4-9]|20)\d\d))(?![\d/.-]\d|\d)",
    re.IGNORECASE,
)
_ALONE = re.compile(r"(?:19[4-9]|20)\d\d")
_NOT_BEFORE = re.compile(
    r"(?:pháp|kỷ|kỉ|quy|qui|định|âm|niêm|ngoại|khoa|ngành|đại học|đh|trường|công ty|cty|viện|hãng|học|cử nhân|thạc sĩ"
    r"|tiến sĩ|giảng viên|môn|hội|đoàn|báo|công ước|hiệp định|quân|giới|lách|phạm|hộ|thi hành|sổ tay) $",
    re.IGNORECASE,
)
_BILL = re.compile(
    r"(?:dự án|dự thảo|dự|xây dựng|sửa|góp ý|trình) ?(?:án |thảo )?[\"“(]?$", re.IGNORECASE
)
_FOREIGN = re.compile(
    r"(?: [^\s.,;]{1,10}){0,1}? ?\(?(?:của |ở |tại |nước |liên bang )?(?:Mỹ|Hoa Kỳ|Anh|Pháp|Đức|Nga|Trung Quốc|Nhật|Hàn Quốc|Thái Lan|Úc|Australia"
    r"|Canada|Hong Kong|Hồng Kông|Đài Loan|Singapore|EU|châu Âu|Israel|Ấn Độ|Philippines|Indonesia|Malaysia|Liên bang|Lào|Campuchia|Ukraine|Italia|Italy"
    r"|Liên Hợp Quốc|Liên hiệp quốc|LHQ|quốc tế|Quốc tế|Thụy Điển|Tây Ban Nha|Brazil|Triều Tiên|Iran|Thổ Nhĩ Kỳ|Phần Lan|Na Uy|Ba Lan|Hà Lan|New Zealand|Myanmar)(?![^\W_])"
)
_SEA = re.compile(r" (?:năm )?(?:1982|quốc tế|của)")
_AMENDING = re.compile(
    r" (?:về )?(?:sửa đổi,? (?:và )?bổ sung|sửa đổi)(?: (?P<some>một số điều|các điều|điều [^,.;]{1,20}?))?(?P<of>,? của| trong)?(?: các| một số)? (?=(?:bộ )?luật |pháp lệnh )",
    re.IGNORECASE,
)
_AMENDING_MANY = re.compile(
    r" sửa đổi,? (?:và )?bổ sung một số điều của (?:\d{1,2}|các) (?:luật|bộ luật)(?: (?:về|liên quan (?:đến|tới)) [^.,;:()\"”\n]{3,60})?",
    re.IGNORECASE,
)
_INNER = re.compile(r"(?:bộ )?luật|pháp lệnh", re.IGNORECASE)
# words that end a name which is not in the tables
_ENDS = frozenset(
    ["quy", "qui", "da", "duoc", "co", "la", "tai", "cho", "nay", "neu", "cung", "se", "khong", "nam", "so", "hien", "moi", "de", "khi", "voi", "trong", "do", "vua", "chua", "phai", "thi", "ma", "nham", "nhu", "theo", "bi", "con", "dang", "chi", "noi", "tren", "dieu", "khoan", "tu", "den", "vao", "truoc", "sau", "cac", "nhung", "mot", "hai", "ba", "sua", "du", "lai", "rat", "chinh", "bao", "yeu", "cam", "buoc", "lam", "gay", "ra", "hay", "hoac", "duoi", "nen", "vi", "boi", "neu", "chung", "toi", "ho", "ong", "ba", "anh", "trinh", "thong", "ban", "hanh", "thao", "luan", "xem"]
)
_MAX_UNKNOWN_WORDS = 8


@dataclass(slots=True)
class _Node:
    """A place in the tree of names."""

    following: "dict[str, _Node]" = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Tables:
    tree: _Node
    short: dict[str, tuple[str, ...]]


@cache
def _tables() -> _Tables:
    short = {
        row["short"]: _words(row["long"])
        for _, row in read_tsv(DATA / "abbreviations.tsv", ("short", "long"))
    }
    tree = _Node()
    rows = [row for _, row in read_tsv(DATA / "laws.tsv", ("name", "aliases"))]
    for row in rows:
        _plant(tree, row["name"], row["name"])
    for row in rows:
        for alias in filter(None, row["aliases"].split(";")):
            _plant(tree, alias, row["name"])
    return _Tables(tree, short)


def _plant(tree: _Node, title: str, name: str) -> None:
    node = tree
    for word in _words(title):
        node = node.following.setdefault(word, _Node())
    node.name = node.name or name


def _words(text: str) -> tuple[str, ...]:
    return tuple(fold(word[0]) for word in _WORD.finditer(text))


def law_at(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    """The law named from the word `Luật` (or `Bộ luật`, `Pháp lệnh`, `Hiến pháp`) on.

    A list of years (`Luật Đất đai năm 2003 và 2013`) gives one reference each; the name of an
    amending law gives one for itself and one for the law that it amends.
    """
    before = page.text[max(0, start - 14) : start]
    if _NOT_BEFORE.search(before):
        return []
    bill = _BILL.search(before) is not None
    amending = _amending(page, start, end, kind)
    if amending:
        return [replace(found, bill=bill) for found in amending]
    named = _known(page.text, start, kind) or _unknown(page.text, start, end, kind)
    if named is None:
        return []
    name, stop, rule = named
    if _FOREIGN.match(page.text, stop) or (name == "Luật Biển" and _SEA.match(page.text, stop)):
        return []
    if kind.name == "hiến pháp" and page.text[start].islower():
        return []
    return _with_years(page.text, start, stop, name, kind, rule=rule, bill=bill)


def _known(text: str, start: int, kind: DocumentType) -> tuple[str, int, str] | None:
    """The longest name of the tables that stands here, and where it ends."""
    tables = _tables()
    window = text[start : start + _REACH]
    folded = fold(window)
    node, place, best = tables.tree, 0, None
    while True:
        word = _WORD.match(window, place)
        if not word:
            break
        following = _step(node, word[0], folded[word.start() : word.end()], tables)
        if following is None:
            break
        node, place = following, word.end()
        if node.name:
            best = (node.name, start + place, "law+name")
        between = _BETWEEN.match(window, place)
        place = between.end() if between else place
    return best


def _step(node: _Node, word: str, folded: str, tables: _Tables) -> _Node | None:
    """One word further; an abbreviation walks all of its words, `và` may be left out or put in."""
    following = node.following.get(folded) or (
        node.following["va"].following.get(folded) if "va" in node.following else None
    )
    if following is not None:
        return following
    if folded == "va" or word == "&":
        return node if node.following else None
    here: _Node | None = node
    long = tables.short.get(word)
    if long is None:
        return None
    for part in long:
        here = here.following.get(part) if here else None
    return here


def _unknown(text: str, start: int, end: int, kind: DocumentType) -> tuple[str, int, str] | None:
    """A capitalised name that the tables don't hold."""
    if kind.name not in ("luật", "pháp lệnh") or not text[start].isupper():
        return None
    words: list[str] = []
    place = end
    while len(words) < _MAX_UNKNOWN_WORDS:
        word = re.compile(r" ([^\W\d_]+)").match(text, place)
        if not word or (words and fold(word[1]) in _ENDS):
            break
        words.append(word[1])
        place = word.end()
    if len(words) < 2 or not words[0][0].isupper() or fold(words[0]) in _ENDS:
        return None
    if all(word.isascii() for word in words) or any(word[0].isupper() for word in words[2:]):
        return None
    if words[0].isupper() or words[-1] in ("và", "của", "về"):
        return None
    name = " ".join([text[start:end].capitalize(), words[0], *words[1:]])
    return name, place, "law+unknown"


def _with_years(
    text: str, start: int, end: int, name: str, kind: DocumentType, *, rule: str, bill: bool
) -> list[Reference]:
    first = _YEAR.match(text, end)
    year = int(first["year"]) if first else None
    stop = first.end() if first else end
    made = [_law(start, stop, name, year, kind, rule, bill=bill)]
    at = stop
    while first and len(made) < 6:
        more = _MORE_YEARS.match(text, at)
        if not more:
            break
        made.append(
            _law(
                more.start("span"), more.end("span"), name, int(more["year"]), kind,
                "list+year", bill=bill,
            )
        )  # fmt: skip
        at = more.end()
    return made


def _amending(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    many = _AMENDING_MANY.match(page.text, end)
    if many:
        name = page.text[start : many.end()]
        return [_law(start, many.end(), name.capitalize(), None, kind, "law+amending", bill=False)]
    head = _AMENDING.match(page.text, end)
    if not head:
        return []
    inner = _INNER.match(page.text, head.end())
    named = _known(page.text, head.end(), kind) if inner else None
    if inner is None or named is None:
        return []
    some = " một số điều" if head["some"] else ""
    name = f"{kind.label} sửa đổi, bổ sung{some} của {named[0]}"
    year = _YEAR.match(page.text, named[1])
    outer = _law(start, head.end() - 1, name, None, kind, "law+amending", bill=False)
    law = _law(
        head.end(),
        year.end() if year else named[1],
        named[0],
        int(year["year"]) if year else None,
        kind,
        "law+amended",
        bill=False,
    )
    return [outer, law]


def _law(
    start: int, end: int, name: str, year: int | None, kind: DocumentType, rule: str, *, bill: bool
) -> Reference:
    return Reference(
        start=start, end=end, kind="law", type=kind, law=name, year=year, rule=rule, bill=bill
    )
