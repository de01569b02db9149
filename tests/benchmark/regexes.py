"""One regular expression per kind: what a competent engineer writes in an afternoon.

The yardstick that extraction is held against. Each is one search over the text, keys come from
plain normalisation, and nothing is looked up elsewhere in the article.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.benchmark.articles import Article

_CODES = {
    "chỉ thị": "CT", "nghị quyết": "NQ", "quyết định": "QĐ", "quy định": "QĐ", "nghị định": "NĐ",
    "thông tư": "TT", "thông tư liên tịch": "TTLT", "kết luận": "KL", "công điện": "CĐ",
    "hướng dẫn": "HD", "thông báo": "TB", "kế hoạch": "KH", "công văn": "CV", "luật": "L",
    "chương trình": "CTr", "đề án": "ĐA", "tờ trình": "TTr", "báo cáo": "BC", "quy chế": "QC",
}  # fmt: skip
_TYPES = "|".join(sorted(_CODES, key=len, reverse=True))
NUMBERED = re.compile(
    rf"\b(?P<type>{_TYPES})\s+(?:số\s*:?\s*)?"
    r"(?:(?P<number>\d{1,5})(?:\s?/\s?(?P<year>(?:19|20)\d\d))?"
    r"(?P<symbol>(?:\s?[/-]\s?|\s)(?-i:[A-ZĐƯ]{2,}[a-zĐ]*\d*)(?:\s?[/-]\s?(?-i:[A-ZĐƯ]{2,}[a-z]*\d*))*)?(?![\d.,]\d)"
    r"|Trung ương (?P<plenum>\d{1,2})(?:,? \(?kh[oó][aá] (?P<term>[IVX]+)\)?)?)",
    re.IGNORECASE,
)
_NAMES = (
    "Bảo hiểm xã hội|Bảo hiểm y tế|BHXH|BHYT|Giao thông đường bộ|Phòng,? chống [^\\W_]+ [^\\W_]+"
    "|Sở hữu trí tuệ|Bảo vệ môi trường|Ngân sách nhà nước|Tổ chức chính quyền địa phương"
    "|Tổ chức (?:Chính phủ|Quốc hội)|An toàn thực phẩm|An ninh mạng|Tố tụng (?:hình|dân|hành) [^\\W_]+"
    "|Thi đua,? khen thưởng|Hôn nhân và gia đình|Nghĩa vụ quân sự|Các tổ chức tín dụng|Lao động"
    "|Kinh doanh bất động sản|Quản lý [^\\W_]+ [^\\W_]+|Thuế [^\\W_]+ [^\\W_]+|Đầu tư công|Đầu tư"
    "|Đất đai|Hình sự|Dân sự|Báo chí|Doanh nghiệp|Xây dựng|Nhà ở|Giáo dục|Đấu thầu|Quốc phòng"
)
_ACRONYMS = {"BHXH": "Bảo hiểm xã hội", "BHYT": "Bảo hiểm y tế"}
LAW = re.compile(
    rf"\b(?P<kind>Bộ luật|Luật|Pháp lệnh) (?P<name>{_NAMES}|(?-i:[A-ZĐ][^\W\d_]+) [^\W\d_]+)\b"
    r"(?: (?:năm )?(?P<year>(?:19|20)\d\d))?"
    r"|\b(?P<constitution>Hiến pháp)(?: (?:năm )?(?P<of>\d{4}))?",
    re.IGNORECASE,
)
_SURNAMES = (
    "Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Trịnh|Mai|Lương"
    "|Đào|Tô|Trương|Cao|Lâm|Hà|Tạ|Phùng|Đoàn|Thái|Châu|Kiều|Lưu|Quách|Vương|Nông|Chu|Tống"
)
_CAPITAL = r"[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ][^\W\d_]*"
PERSON = re.compile(
    r"(?:(?P<title>\b(?:Phó |Ủy viên |Nguyên )*(?:Tổng Bí thư|Bí thư|Chủ tịch|Giám đốc|Trưởng|Bộ trưởng"
    r"|Thủ tướng|Thứ trưởng|Chủ nhiệm|Cục trưởng|Vụ trưởng|Đại tá|Thiếu tướng|Trung tướng)"
    r"(?: [^\s,.;:()\d]+){0,9}?),? )?(?:(?:ông|bà|đồng chí|anh|chị) )?"
    rf"(?P<name>\b(?:{_SURNAMES})(?: {_CAPITAL}){{1,3}}(?![^\W_])"
    rf"|(?<=ông )(?:{_CAPITAL}(?: |(?![^\W_]))){{0,3}}{_CAPITAL}"
    rf"|(?<=bà )(?:{_CAPITAL}(?: |(?![^\W_]))){{0,3}}{_CAPITAL})"
)
DATE = re.compile(
    r"\b(?:(?:ngày|sáng|chiều|tối|trưa|đêm) ?)*(?P<day>\d{1,2})(?:[/.-]| tháng )(?P<month>\d{1,2})"
    r"(?:(?:[/.-]|,? năm )(?P<year>(?:19|20)\d\d))?(?![\d/%]|[.,]\d)"
    r"|\btháng (?P<only>\d{1,2})(?:(?:[/.-]| năm )(?P<its>(?:19|20)\d\d))?"
    r"|\b(?:năm )?(?P<alone>(?:19|20)\d\d)\b(?![/%]|[.,]\d| ?(?:đồng|người|m2|ha)\b)",
    re.IGNORECASE,
)
DATELINE = re.compile(r"\A\s*(?:\((?P<code>[^)\n]{2,30})\)|(?P<place>[^\n–-]{2,25}?)) ?[-–] ")
BYLINE = re.compile(rf"(?:[.…\n>] ?|Theo )(?P<name>{_CAPITAL}(?: {_CAPITAL}){{1,3}})\s*\Z")
PHOTO = re.compile(r"\bẢnh: ?(?P<name>[^\n.;)]{2,40})")
SOURCE = re.compile(r"\bNguồn: ?(?P<name>[^\n.;)]{2,40})|\((?:T|t)heo (?P<from>[^)\n]{2,40})\)")


def by_regex(article: Article) -> dict[str, Any]:
    """The findings of one article, in the form that the scorer reads."""
    text = article.text
    year = article.published.year if article.published else None
    dateline, byline, source = DATELINE.search(text), BYLINE.search(text), SOURCE.search(text)
    return {
        "id": article.id,
        "documents": sorted([*_numbered(text), *_laws(text)], key=lambda each: each["start"]),
        "people": list(_people(text)),
        "dates": list(_dates(text, year)),
        "dateline": (dateline["code"] or dateline["place"]) if dateline else None,
        "byline": byline["name"] if byline else None,
        "photo_credits": [found["name"] for found in PHOTO.finditer(text)],
        "source_credit": (source["name"] or source["from"]) if source else None,
    }


def _numbered(text: str) -> Iterator[dict[str, Any]]:
    for found in NUMBERED.finditer(text):
        yield {"start": found.start(), "end": found.end(), "tier": "numbered", "key": _key(found)}


def _key(found: re.Match[str]) -> str:
    """The canonical key as far as the match itself tells."""
    code = _CODES[found["type"].lower()]
    if found["plenum"]:
        return f"{code}TW{found['plenum']}" + (f"/{found['term'].upper()}" if found["term"] else "")
    number = "/".join(filter(None, (found["number"], found["year"])))
    if not found["symbol"]:
        return f"{number}/{'NĐ-CP' if code == 'NĐ' else code}"
    symbol = re.sub(r"[\s/-]+", "-", found["symbol"].strip(" /-"))
    if symbol.endswith(("-TW", "-TƯ")):
        return f"{number}-{symbol[:-3]}/TW"
    return f"{number}/{symbol}"


def _laws(text: str) -> Iterator[dict[str, Any]]:
    for found in LAW.finditer(text):
        name = (
            found["constitution"]
            or f"{found['kind']} {_ACRONYMS.get(found['name'], found['name'])}"
        )
        year = found["year"] or found["of"]
        key = f"{name} {year}" if year else name
        yield {"start": found.start(), "end": found.end(), "tier": "law", "key": key}


def _people(text: str) -> Iterator[dict[str, Any]]:
    for found in PERSON.finditer(text):
        titles = [found["title"]] if found["title"] else []
        yield {"start": found.start("name"), "end": found.end("name"), "titles": titles}


def _dates(text: str, published: int | None) -> Iterator[dict[str, Any]]:
    for found in DATE.finditer(text):
        month, day = found["month"] or found["only"], found["day"]
        year = found["year"] or found["its"] or found["alone"] or published
        if not 1 <= int(month or 1) <= 12 or not 1 <= int(day or 1) <= 31:
            continue
        parts = [str(year) if year else "-", *(f"{int(part):02}" for part in (month, day) if part)]
        yield {"start": found.start(), "end": found.end(), "iso": "-".join(parts)}
