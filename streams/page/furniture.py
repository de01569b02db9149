"""What stands on an article page and is not the article: told by names, by links, by wording.

The names are those that many Vietnamese content systems share; none is one page's own.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from streams.page.dom import Element, names_of
from streams.tables import convert, read_toml
from streams.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    anywhere: tuple[str, ...]
    words: tuple[str, ...]


def _read_names(path: Path) -> re.Pattern[str]:
    names = convert(path, read_toml(path).get("furniture"), _Names, at=["furniture"])
    anywhere, words = ("|".join(map(re.escape, part)) for part in (names.anywhere, names.words))
    return re.compile(f"{anywhere}|(?<![a-z0-9])(?:{words})(?![a-z0-9])")


_NAMED = _read_names(Path(__file__).parent / "data" / "names.toml")
# never furniture, whatever else their names say
_KEPT = re.compile(
    r"caption|chuthich|chu-thich|hentry|type-post|(?<![a-z])(?:detail|article|post|news|entry|story|singular|main|"
    r"cms|fck|maincontent)-?(?:content|body|detail|text)(?![a-z])(?!-(?:relat|tag|share|comment))|"
    r"content-(?:detail|article|news|body)|role-(?:content|sapo)|vcsortable-in-preview-mode -?type-content"
)
_TAGS = frozenset(("nav", "footer", "menu", "dialog", "amp-story-player"))


def is_furniture(element: Element) -> bool:
    """Whether an element's tag, class or id says that it is not the article."""
    if element.tag in _TAGS:
        return True
    if element.tag == "form":
        # ASP.NET puts a form around the whole page
        return element.find(".//h1") is None and len(element.findall(".//p")) < 3
    if not (element.get("class") or element.get("id")):
        return False
    return names_say_furniture(names_of(element))


@lru_cache(maxsize=4096)
def names_say_furniture(names: str) -> bool:
    """The same for class names and id as `dom.names_of` gives them."""
    return bool(_NAMED.search(names)) and not _KEPT.search(names)


# a line that is furniture wherever it stands in the text (folded)
_LINE = re.compile(
    r"(?:"
    r"(?:chia se|share|like|thich|binh luan|gui binh luan|viet binh luan|gui y kien|y kien ban doc|"
    r"in bai(?: viet)?|luu bai(?: viet)?|copy link|sao chep(?: lien ket)?|lay link!?|link goc|"
    r"link bai goc|nghe doc bai|nghe bai viet|doc bai viet|quay lai|tro lai|xem tat ca|xem them|"
    r"doc them|tag|tags|tu khoa|chu de|chia se bai viet|theo doi|bao loi|gop y|ve dau trang|"
    r"facebook|twitter|zalo|email|print|mac dinh|co lon|co nho|co chu|font size|aa|a[+-]|a a|"
    r"nam mien (?:bac|nam|trung)|nu mien (?:bac|nam|trung)|play|pause|mute|"
    r"toc do doc|tam dung|0:00|00:00|\d{1,2}:\d{2}\s?/\s?\d{1,2}:\d{2}|1x|previous|next|"
    r"loading|dang tai|quang cao|advertisement)[\s.:!|/]*"
    r"|(?:tu khoa|tags?|chu de|hashtag|keywords?)\s?:.*"
    r"|(?:>>+|»|=>)\s.*"
    r"|(?:xem them|doc them|tin lien quan|bai lien quan|moi xem them|moi doc them|"
    r"moi (?:quy )?(?:ban )?doc gia? xem|xem tiep|doc tiep|co the ban quan tam)\s?[:>].*"
    r"|(?:(?:moi|hay|quy|ban|doc gia|de|nhan|bam)\b.{0,60})?\btheo doi\b.{0,80}\b(?:google news|tren zalo|facebook|youtube|tiktok)\b.*"
    r"|(?:moi )?(?:quy )?(?:ban|doc gia|khan gia|quy vi)?.{0,30}\b(?:dang ky|nhan)\b.{0,60}"
    r"\b(?:newsletter|ban tin qua email)\b.*"
    r"|moi (?:quy )?(?:ban doc|doc gia|vi|ban|khan gia)?.{0,20}(?:theo doi|don doc|don xem|xem them)"
    r".{0,200}(?:tai day|\.vn|\.com|online|kenh|fanpage).*"
    r"|(?:ban|quy doc gia|doc gia) dang (?:doc|xem) (?:bai|tin).{0,200}"
    r"|(?:duong day nong|hotline|lien he quang cao|lien he toa soan|toa soan)\s?:.*"
    r"|moi y kien (?:dong gop|phan hoi).{0,200}(?:email|hotline|dien thoai|@).*"
    r"|(?:nguon|link goc|link nguon|link bai goc|link)\s?:?\s*https?://\S+"
    r"|(?:#\S+[\s,;]*)+"
    r"|https?://\S+"
    r"|(?:danh gia|xep hang|luot xem|luot doc)\s?:.*"
    r"|\(?(?:ban quyen thuoc|copyright|©).{0,150}"
    r"|quy doc gia (?:co the|vui long).{0,200}"
    r")"
)
# a heading after which only furniture comes (folded)
_END = re.compile(
    r"(?:(?:cac )?(?:tin|bai)(?: viet)? (?:bai )?(?:lien quan|khac|cung chuyen muc|cung chu de|"
    r"cung su kien|moi|moi nhat|moi hon|cu hon|noi bat|doc nhieu|dang doc|da dua|tiep theo)|"
    r"(?:co the|co le) ban quan tam|co the ban (?:cung )?(?:thich|quan tam)|cung chuyen muc|"
    r"cung chu de|cung tac gia|lien quan|doc nhieu(?: nhat)?|xem nhieu(?: nhat)?|tin noi bat|"
    r"tin cung (?:muc|chuyen muc|loai)|binh luan.{0,20}|y kien.{0,25}|\d+ binh luan|"
    r"(?:bai viet |noi dung )?cung chuyen muc|tieu diem|dong su kien|de xuat cho ban|"
    r"danh cho ban|goi y cho ban|noi bat|tin tuc khac|chuyen de|khuyen doc|related.{0,20}|"
    r"tin tai tro|bai viet lien quan|xem them|doc them|chia se bai viet|phan hoi|tra loi|"
    r"thao luan|tu khoa|tags?|tin khac|nhung tin (?:moi hon|cu hon|khac))[\s:.…»>]*"
)
_SHORT = 320  # characters; a longer line is prose


def is_furniture_line(text: str) -> bool:
    """Whether a line of text is boilerplate by its wording."""
    return len(text) <= _SHORT and bool(_LINE.fullmatch(fold(text)))


def is_closing_head(text: str) -> bool:
    """Whether a line is the head of what follows an article: related news, comments, tags."""
    return len(text) <= 60 and bool(_END.fullmatch(fold(text)))
