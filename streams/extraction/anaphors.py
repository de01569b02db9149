"""Words that stand for a document named elsewhere: `Chỉ thị này`, `Nghị định nói trên`, `Luật`.

Whether a word may be one is decided where it stands (`later_at`); what it stands for, when all
other references of the article are known (`Named`).
"""

import re
from bisect import bisect_left
from collections import defaultdict

from streams.extraction.clean import Clean
from streams.extraction.model import Reference, Resolved
from streams.extraction.vocabulary import UPPER, DocumentType

_POINTED = re.compile(
    r" (?:này|nói trên|nêu trên|kể trên|trên đây|trên|đó|vừa nêu|vừa nói)(?![^\W_])"
    r"(?! (?:địa bàn|cơ sở|toàn|thế giới|cả|đất|mạng|tinh thần|đây|quan điểm|\d))",
    re.IGNORECASE,
)
_SMALL_REACH = 500  # characters
# several documents, any document, or one that is yet to be made
_NOT_ONE = re.compile(
    r"(?<![^\W_])(?:các|những|nhiều|mọi|mỗi|từng|một|một số|vài|hai|ba|bốn|hệ thống|loại"
    r"|bằng|chưa có|dự thảo|dự án"
    r"|bản dự thảo|tờ trình|xây dựng|soạn thảo|ban hành|thông qua|trình|ra|quy phạm|mẫu|có"
    r"|là|thành|làm|đưa ra)"
    r" ?[\"“]?$",
    re.IGNORECASE,
)
_NOT_ONE_POINTED = re.compile(
    r"(?<![^\W_])(?:các|những|nhiều|mọi|mỗi|từng|một số|vài|hai|ba|bốn|cả|dự thảo|dự án|số"
    r"|(?<!điều )(?<!khoản )(?<!mục )(?<!chương )\d{1,3}) $",
    re.IGNORECASE,
)
# what makes a name of the bare word, or speaks of another document
_GOES_ON = re.compile(
    rf" ?(?:[\d(/&-]|[{UPPER}])"
    r"| (?:của|về|số|liên tịch|hướng dẫn|mới|sửa đổi|thay thế|chung|riêng|khung|mẫu|năm"
    r"|hành chính|khởi tố|xử phạt|phê duyệt|bổ nhiệm"
    r"|sư|gia|pháp|lệ|chơi|rừng|hoa|bất|im|nhân quả|thư|viên|trường|và|hoặc|hay"
    r"|trong lĩnh vực|nào|đại hội|chuyên đề|liên quan|khác"
    r"|cũ|tới|trước|tiếp theo|gốc|kỷ luật|quan trọng|đặc biệt|lịch sử)(?![^\W_])"
)


def later_at(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    """The word as a reference that is still to be resolved, if it may be one."""
    if kind.later == "no":
        return []
    before = page.text[max(0, start - 20) : start]
    pointed = _POINTED.match(page.text, end)
    if pointed:
        if _NOT_ONE_POINTED.search(before):
            return []
        small = kind.later == "pointed" and page.text[start].islower()
        rule = "later+small" if small else "later+pointed"
        return [_later(start, pointed.end(), kind, rule)]
    word = page.text[start:end]
    if kind.later != "bare" or not word[0].isupper() or (len(word) > 1 and word.isupper()):
        return []
    if _NOT_ONE.search(before) or _GOES_ON.match(page.text, end):
        return []
    return [_later(start, end, kind, "later+bare")]


def _later(start: int, end: int, kind: DocumentType, rule: str) -> Reference:
    return Reference(start=start, end=end, kind="anaphor", type=kind, rule=rule)


class Named:
    """The documents that an article names, by what a later word may call them."""

    def __init__(self, resolved: dict[int, Resolved]) -> None:
        self._places: dict[str, list[int]] = defaultdict(list)
        self._main: dict[str, list[int]] = defaultdict(list)  # those that are not named aside
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._resolved = resolved
        for place in sorted(resolved):
            for name in _names(resolved[place]):
                self._places[name].append(place)
                if not resolved[place].reference.aside:
                    self._main[name].append(place)
                self._keys[name].add(resolved[place].key)

    def resolve(self, later: Reference, place: int) -> Resolved | None:
        """What a later word stands for: the nearest document of its type before it that is spoken
        of for itself, else the nearest, else the only one after it; None when there is none."""
        name = _called(later)
        keys = self._keys.get(name, set())
        at = _last_before(self._main.get(name, []), place)
        if at is None:
            at = _last_before(self._places.get(name, []), place)
        if at is None and len(keys) == 1:
            at = self._places[name][0]
        if at is None:
            return None
        one = self._resolved[at]
        if later.rule == "later+small" and not _near(later, one.reference):
            following = _first_after(self._places[name], place)
            if following is None or not _near(later, self._resolved[following].reference):
                return None
            one = self._resolved[following]
        return Resolved(
            reference=later,
            key=one.key,
            complete=one.complete,
            ambiguous=one.ambiguous,
            year=one.year,
            symbol=one.symbol,
            issuer=one.issuer,
            issued=one.issued,
            rule=later.rule if len(keys) == 1 else f"{later.rule}+nearest",
        )


def _first_after(places: list[int], place: int) -> int | None:
    after = bisect_left(places, place)
    return places[after] if after < len(places) else None


def _near(later: Reference, named: Reference) -> bool:
    """Whether `quyết định này` is near enough to its document to be more than a common word."""
    return later.field == named.field and abs(later.start - named.start) <= _SMALL_REACH


def _last_before(places: list[int], place: int) -> int | None:
    before = bisect_left(places, place)
    return places[before - 1] if before else None


def _called(later: Reference) -> str:
    kind = later.type
    if kind is None:
        return ""
    if kind.name == "văn bản":
        return "any number"
    return kind.name if kind.code == "L" or kind.name == "pháp lệnh" else kind.code


def _names(one: Resolved) -> list[str]:
    """What a document may be called later on."""
    reference = one.reference
    if reference.type is None:
        return []
    if reference.kind == "law":
        return [] if reference.bill else [reference.type.name]
    names = [reference.type.code] if reference.type.code != "L" else []
    return [*names, "any number"] if reference.kind == "numbered" else names
