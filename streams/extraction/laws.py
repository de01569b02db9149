"""Laws by name: `Luật Đất đai 2013`, `bộ luật hình sự`, `Luật BHXH`, `Luật sửa đổi ... Luật ...`.

Names are walked word by word in a tree of the official titles (`data/laws.tsv`), without regard to
case, diacritics and missing commas; a capitalised name that is not there is read up to the first
word that no title goes on with.
"""

import re
from dataclasses import dataclass, field, replace
from functools import cache

from streams.extraction.clean import Clean
from streams.extraction.foreign import speaks_of_abroad, stands_abroad
from streams.extraction.model import Reference
from streams.extraction.vocabulary import DATA, UPPER, DocumentType, document_types
from streams.tables import read_tsv
from streams.text import fold, one_tone_placement

_WORD = re.compile(r"[^\W_]+(?:[&/][^\W_]+)*")
_BETWEEN = re.compile(r" ?,? ?(?:- ?)?")
_REACH = 160  # characters; the longest title has 120
_YEAR_DIGITS = r"(?:19[4-9]\d|20\d\d)(?![\d%]|[/.,-]\d)"
_YEAR = re.compile(
    r"(?: ?\([^\W\d_]{2,8}\))? ?,? ?(?:\(?(?:sửa đổi"
    r"|mới)[^.;\n()]{0,25}\)? )?\(?(?:ban hành )?(?:năm )?"
    rf"(?P<year>{_YEAR_DIGITS})(?: ?\))?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r" ngày (?P<day>0?[1-9]|[12]\d|3[01]) ?(?:[/.-]|tháng) ?(?P<month>0?[1-9]|1[0-2])"
    rf" ?(?:[/.-]|năm) ?(?P<year>{_YEAR_DIGITS})",
    re.IGNORECASE,
)
_MORE_YEARS = re.compile(
    r" ?(?:,|và|;|hay|hoặc) (?:(?:bộ )?luật )?"
    rf"(?P<span>(?:năm )?(?P<year>{_YEAR_DIGITS}))",
    re.IGNORECASE,
)
# pháp luật, kỷ luật; khoa Luật; đạo luật, which is another country's
_NOT_BEFORE = re.compile(
    r"(?<![^\W_])(?:pháp|kỷ|kỉ|quy|qui|định|âm|niêm|quân|đạo|khoa|ngành|đại học|đh|trường"
    r"|viện|môn"
    r"|công ty|cty|hãng|cử nhân|thạc sĩ|tiến sĩ|giảng viên|lĩnh vực|báo|công ước|hiệp định"
    r"|hội đồng"
    r"|tòa án|toà án) $",
    re.IGNORECASE,
)
_NOT_BEFORE_A_NAME = re.compile(_NOT_BEFORE.pattern.replace("|quy|qui|định", ""), re.IGNORECASE)
_BILL = re.compile(r"(?:dự án|dự thảo|dự|trình) ?(?:án |thảo )?[\"“(]?$", re.IGNORECASE)
_AMENDED = re.compile(r" ?\( ?sửa đổi", re.IGNORECASE)
_JOINT = re.compile(rf"(?: ?,|;)? (?:và )?(?=[{UPPER}])")
_ENDS_NAME = re.compile(r" ?(?:$|[,.;:)\n]| và | (?:năm )?20\d\d)")
_MOST_IN_A_LIST = 8
_SEA = re.compile(r" (?:năm )?(?:1982|quốc tế|của)")
_AMENDING = re.compile(
    r" (?:về )?(?:sửa đổi,? (?:và )?bổ sung|sửa đổi)"
    r"(?: (?:một số điều|các điều|điều [^,.;]{1,20}?))?(?:,? của| trong)?(?: các| một số)? "
    r"(?=(?:bộ )?luật |pháp lệnh )",
    re.IGNORECASE,
)
_AMENDING_MANY = re.compile(
    r" sửa đổi,? (?:và )?bổ sung một số điều của (?:\d{1,2}|các) (?:luật|bộ luật)"
    r"(?: (?:về|liên quan (?:đến|tới))(?: (?!và )[^\s.,;:()\"”]{1,12}){1,8})?",
    re.IGNORECASE,
)
_UNKNOWN_WORD = re.compile(r" ([^\W\d_]+)")
# words that end a name which is not in the tables
_ENDS = frozenset(
    re.findall(
        r"\w+",
        "quy qui đã được có là tại cho này nêu cũng sẽ không năm số hiện mới để khi với trong do vừa"
        " chưa phải thì mà nhằm như theo bị còn đang chỉ nói trên điều khoản từ đến vào trước sau các"
        " những một hai ba sửa dự lại rất chính bao yêu cấm buộc làm gây ra hay hoặc dưới nên vì bởi"
        " chúng tôi họ ông bà anh quốc",
    )
)
_END_PHRASE = re.compile(r" (?:thông qua|ban hành|thảo luận|xem xét|trình)(?![^\W_])")
_CONSTITUTIONS = (1946, 1959, 1980, 1992, 2013)
_MAX_UNKNOWN_WORDS = 8
_SHORT_NAME = 2  # words; so short a name must agree in its diacritics: Luật Dược is not luật được


@dataclass(slots=True)
class _Node:
    """A place in the tree of names."""

    following: "dict[str, _Node]" = field(default_factory=dict)
    comma: bool = False  # a comma (or `và`) may stand before this word
    name: str = ""
    spelt: tuple[str, ...] = ()  # the words as they are spelt, of the name that ends here


@dataclass(frozen=True, slots=True)
class _Tables:
    tree: _Node
    short: dict[str, tuple[str, ...]]
    acronyms: tuple[str, ...]


@cache
def _tables() -> _Tables:
    short = {
        row["short"]: _words(row["long"])
        for _, row in read_tsv(DATA / "abbreviations.tsv", ("short", "long"))
    }
    tree = _Node()
    rows = [row for _, row in read_tsv(DATA / "laws.tsv", ("name", "aliases"))]
    acronyms = []
    for row in rows:
        _plant(tree, row["name"], row["name"])
    for row in rows:
        for alias in filter(None, row["aliases"].split(";")):
            _plant(tree, alias, row["name"])
            if alias.isupper():
                acronyms.append(alias)
    return _Tables(tree, short, tuple(acronyms))


def acronyms() -> tuple[str, ...]:
    """Names of laws that are a single word in capitals (`BLHS`)."""
    return _tables().acronyms


def _plant(tree: _Node, title: str, name: str) -> None:
    node, end = tree, 0
    spelt: list[str] = []
    for word in _WORD.finditer(title):
        comma = "," in title[end : word.start()] or (spelt[-1:] == ["và"])
        node = node.following.setdefault(fold(word[0]), _Node())
        node.comma = node.comma or comma
        spelt.append(one_tone_placement(word[0].lower()))
        end = word.end()
    if not node.name:
        node.name, node.spelt = name, tuple(spelt)


def _words(text: str) -> tuple[str, ...]:
    return tuple(fold(word[0]) for word in _WORD.finditer(text))


def is_of_law(page: Clean, start: int) -> bool:
    """Whether the word `luật` at a place speaks of a law: not pháp luật, kỷ luật, khoa Luật."""
    # `quy định Luật Đất đai`: a capital begins a name, whatever lower-case word ends before it
    words = _NOT_BEFORE if page.text[start].islower() else _NOT_BEFORE_A_NAME
    return words.search(page.text, max(0, start - 14), start) is None


def law_at(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    """The law named from the word `Luật` (or `Bộ luật`, `Pháp lệnh`, `Hiến pháp`) on.

    A list of years (`Luật Đất đai năm 2003 và 2013`) gives one reference each; the name of an
    amending law gives one for itself and one for the law that it amends.
    """
    before = page.text[max(0, start - 14) : start]
    amending = _amending(page, start, end, kind)
    if amending:
        return amending
    named = _known(page.text, start) or _unknown(page.text, start, end, kind)
    if named is None:
        return []
    name, stop, rule = named
    made = _with_years(page.text, start, stop, name, kind, rule=rule)
    if _abroad(page, made[0], name, kind):
        return []
    bill = made[0].year is None and (
        _BILL.search(before) is not None or _AMENDED.match(page.text, stop) is not None
    )
    return [replace(one, bill=bill) for one in made]


def acronym_at(page: Clean, start: int) -> list[Reference]:
    """A law named by its acronym alone (`BLHS 2015`)."""
    named = _known(page.text, start)
    if named is None:
        return []
    name, stop, _ = named
    kind = document_types()["bộ luật" if name.startswith("Bộ") else "luật"]
    return _with_years(page.text, start, stop, name, kind, rule="law+acronym")


def _abroad(page: Clean, first: Reference, name: str, kind: DocumentType) -> bool:
    """Whether it is another country's law, or the Convention on the Law of the Sea."""
    if stands_abroad(page.text, first.end):
        return True
    if name == "Luật Biển" or _SEA.match(page.text, first.start + len("Luật Biển")):
        return "biển" in page.lower[first.start : first.end] and name != "Luật Biển Việt Nam"
    small = page.text[first.start].islower()
    if kind.name == "hiến pháp" and (small or first.year):
        return first.year not in _CONSTITUTIONS
    general = kind.name == "hiến pháp" or small
    return general and first.year is None and speaks_of_abroad(page.text, first.start, first.end)


def _known(text: str, start: int, head: str = "") -> tuple[str, int, str] | None:
    """The longest name of the tables that stands here, and where it ends.

    Args:
        head: a first word that is not repeated in a list (`Luật Đất đai, Nhà ở`).
    """
    tables = _tables()
    window = text[start : start + _REACH]
    folded = fold(window)
    node, place, best = tables.tree, 0, None
    read: list[str] = []
    if head:
        node, read = tables.tree.following[head], ["luật"]
    comma = False
    while True:
        word = _WORD.match(window, place)
        if not word:
            break
        following = _step(node, word[0], folded[word.start() : word.end()], tables, comma=comma)
        if following is None:
            break
        read.append(word[0])
        place = word.end()
        if following is not node and following.name and _spelt(following, read):
            best = (following.name, start + place, "law+name")
        node = following
        between = _BETWEEN.match(window, place)
        comma = between is not None and "," in between[0]
        place = between.end() if between else place
    return best


def _spelt(node: _Node, read: list[str]) -> bool:
    """Whether a short name agrees letter by letter; a long one may have its slips."""
    head = 2 if node.spelt[:1] != ("luật",) else 1
    if len(node.spelt) - head > _SHORT_NAME or len(read) != len(node.spelt):
        return True
    return tuple(one_tone_placement(word.lower()) for word in read) == node.spelt


def _step(node: _Node, word: str, folded: str, tables: _Tables, *, comma: bool) -> _Node | None:
    """One word further; an abbreviation walks all of its words, `và` may be left out or put in."""
    for branch in (node, node.following.get("va")):
        following = branch.following.get(folded) if branch else None
        if following is not None and (following.comma or not comma):
            return following
    if (folded == "va" or word == "&") and any(n.comma for n in node.following.values()):
        return node
    here: _Node | None = node
    for part in tables.short.get(word, ("\n",)):
        here = here.following.get(part) if here else None
    return here


def _unknown(text: str, start: int, end: int, kind: DocumentType) -> tuple[str, int, str] | None:
    """A capitalised name that the tables don't hold."""
    if kind.name not in ("luật", "pháp lệnh") or not text[start].isupper():
        return None
    words: list[str] = []
    place = end
    while len(words) < _MAX_UNKNOWN_WORDS:
        word = _UNKNOWN_WORD.match(text, place)
        if not word or (words and word[1].lower() in _ENDS) or _END_PHRASE.match(text, place):
            break
        words.append(word[1])
        place = word.end()
    while words and words[-1] in ("và", "của", "về"):
        place -= len(words.pop()) + 1
    if not _is_title(words):
        return None
    return " ".join([text[start:end].capitalize(), *words]), place, "law+unknown"


def _is_title(words: list[str]) -> bool:
    """Whether words behind `Luật` look like a Vietnamese title: one capital, then small letters."""
    if len(words) < 2 or not words[0][0].isupper() or words[0].isupper():
        return False
    if words[0].lower() in _ENDS or all(word.isascii() for word in words):
        return False
    return not any(word[0].isupper() for word in words[2:])


def _with_years(
    text: str, start: int, end: int, name: str, kind: DocumentType, *, rule: str
) -> list[Reference]:
    """The law with its year, and the years (`2003 và 2013`) or names that are listed after it."""
    made = [_dated(text, start, end, name, kind, rule)]
    while made[0].year and len(made) < _MOST_IN_A_LIST:
        more = _MORE_YEARS.match(text, made[-1].end)
        if not more:
            break
        made.append(_law(*more.span("span"), name, int(more["year"]), kind, "list+year"))
    while kind.name == "luật" and len(made) < _MOST_IN_A_LIST:
        joint = _JOINT.match(text, made[-1].end)
        more_named = _known(text, joint.end(), head="luat") if joint else None
        if joint is None or more_named is None or not _ENDS_NAME.match(text, more_named[1]):
            break
        made.append(_dated(text, joint.end(), more_named[1], more_named[0], kind, "list+name"))
    return made


def _dated(text: str, start: int, end: int, name: str, kind: DocumentType, rule: str) -> Reference:
    """A law with its year: as a part of the name, or from the date that follows it."""
    year = _YEAR.match(text, end)
    if year:
        return _law(start, year.end(), name, int(year["year"]), kind, rule)
    law = _law(start, end, name, None, kind, rule)
    date = _DATE.match(text, end)
    if date is None:
        return law
    day = f"{date['year']}-{int(date['month']):02}-{int(date['day']):02}"
    return replace(law, year=int(date["year"]), issued=day)


def _amending(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    many = _AMENDING_MANY.match(page.text, end)
    if many:
        name = page.text[start : many.end()]
        return [_law(start, many.end(), name.capitalize(), None, kind, "law+amending")]
    head = _AMENDING.match(page.text, end)
    named = _known(page.text, head.end()) if head else None
    if head is None or named is None:
        return []
    inner = _with_years(page.text, head.end(), named[1], named[0], kind, rule="law+amended")
    name = f"{kind.label} sửa đổi, bổ sung một số điều của {named[0]}"
    return [_law(start, inner[0].end, name, None, kind, "law+amending"), *inner]


def _law(
    start: int, end: int, name: str, year: int | None, kind: DocumentType, rule: str
) -> Reference:
    return Reference(start=start, end=end, kind="law", type=kind, law=name, year=year, rule=rule)
