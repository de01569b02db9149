"""Persons' names in bylines: told from outlets, agencies, dates and the words around them."""

import re

from streams.page.dom import letters
from streams.page.structured import plain
from streams.text import fold

_PREFIX = re.compile(
    r"^\W*(?:(?:tác giả|bài viết|bài|tin|ảnh|thực hiện|theo|phóng viên|người viết|nguồn|by|"
    r"viết bởi|đăng bởi|biên tập|written by|posted by)"
    r"(?:\s*(?:và|,|-|&)\s*(?:ảnh|bài|clip|video|đồ họa))*\s*:?\s+|bởi\s+)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^()]{0,60}\)")  # `(tổng hợp)`, `(theo TTXVN)`
_AGENCY = re.compile(r"[A-ZĐ]{3,6}")  # `TTXVN`, `VOV`, `NLĐO`
_AFTER_NAME = re.compile(r"(?:\s+|^)[0-9(].*$")  # `Minh Mẫu 14/09/2026 08:05`
_BETWEEN_NAMES = re.compile(r"\s*(?:[;,|/&•·]|\s[-–—]\s|\bvà\b|\band\b|\n)\s*")
_NO_NAME = re.compile(
    r"https?:|www\.|@|\.(?:vn|com|net|org)\b|\d{2}|[:?!]|^(?:admin|administrator|editor|btv|"
    r"thu (?:hai|ba|tu|nam|sau|bay)|chu nhat|bientap|root|user|author|super|toa soan|ban bien tap|quan tri)\b|^theo\b"
)
_SITE = re.compile(r"^(?:bao|tap chi|dai|tin|trang|cong)\b|\bonline\b|\bnews\b|\bdien tu\b|tap chi")
_NAME = re.compile(r"(?:[^\W\d_a-z][\w.'’]*)(?:[\s-]+[^\W\d_a-z][\w.'’]*){0,5}", re.UNICODE)


def names_in(text: str, site: frozenset[str]) -> list[str]:
    """The names of persons in a byline."""
    bare = _PREFIX.sub("", _ASIDE.sub(" ", plain(text))).strip(" -–—.,;()")
    found = []
    for part in _BETWEEN_NAMES.split(bare):
        name = _AFTER_NAME.sub("", part).strip(" -–—.,;()")
        if is_name(name) and not _is_site(name, site):
            found.append(name)
    return found


def is_name(text: str) -> bool:
    """Whether a text has the form of a person's name or pen name."""
    if not 2 <= len(text) <= 40 or _NO_NAME.search(fold(text)):
        return False
    if _AGENCY.fullmatch(text):
        return False
    return bool(_NAME.fullmatch(text)) and any(c.isalpha() for c in text)


def _is_site(name: str, site: frozenset[str]) -> bool:
    bare = letters(name)
    return (
        bare in site
        or bool(_SITE.search(fold(name)))
        or any(len(s) > 3 and (s == bare or (len(bare) > 4 and s.startswith(bare))) for s in site)
    )
