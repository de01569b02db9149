"""From the lines of a container to the lines of the article: teasers, boilerplate, heads go."""

import re

from streams.page.dom import letters, names_of
from streams.page.furniture import is_closing_head, is_furniture_line
from streams.page.lines import Line
from streams.page.names import is_name
from streams.page.when import parse_when

_LINKED = 0.75  # share of a line in links above which it is a teaser, not prose
_LEAST_TEASER = 25  # characters; shorter linked lines may be names and bylines
_LEAST_PAIRS = 2  # headlines with their paragraph, one after the other
_LONGEST_LIST = 100  # lines of a list of other articles
_PROSE = 40  # characters of a line that may be a paragraph
_LONGEST_TITLE = 500  # characters
_HEADLINE = 80  # characters of a line that is surely a paragraph
_HEAD_LINES = 8  # lines at the beginning in which date, section and author lines are looked for
_LABEL_NAMES = re.compile(
    r"author|byline|publish|(?<![a-z])(?:date|time|datetime|meta|posted|category|cate)(?![a-z])"
)
_LEAD_IN = re.compile(r"^[\s>»•+*–-]*(?:xem|đọc|mời)\b.{0,30}[:>]", re.IGNORECASE)


def is_teaser(line: Line) -> bool:
    """Whether a line is a link to another article."""
    if line.kind == "caption" or not line.linked:
        return False
    share = line.linked / max(1, len(line.text))
    if _LEAD_IN.match(line.text) and share > 0.4:
        return True
    if len(line.text) < _LEAST_TEASER:
        # `Đọc tiếp`, `Về trang chủ`; a linked name is a byline
        return share > 0.9 and line.kind != "row" and not is_name(line.text)
    return share >= _LINKED


def clean(lines: list[Line], title: str, labels: frozenset[str]) -> list[Line]:
    """The article's lines.

    Args:
        lines: as `lines.render` gives them.
        title: repeated at the beginning of many bodies.
        labels: letters of section, author and site names, which may stand above the text.
    """
    kept = _cut_tail(lines)
    heads = {
        number
        for number, line in enumerate(kept[:-1])
        if is_closing_head(line.text) and is_teaser(kept[number + 1])
    }
    kept = [
        line
        for number, line in enumerate(kept)
        if number not in heads and not is_teaser(line) and not is_furniture_line(line.text)
    ]
    kept = _cut_head(kept, letters(title), labels)
    kept = _cut_loose_ends(kept)
    return _without_doubles(kept)


def _cut_tail(lines: list[Line]) -> list[Line]:
    """Without what follows the head of related news, comments or tags, and without teaser lists."""
    teasers = [is_teaser(line) for line in lines]
    prose = [0 if t else line.prose for t, line in zip(teasers, lines, strict=True)]
    for number, line in enumerate(lines):
        if not number:
            continue
        if is_closing_head(line.text):
            rest = sum(p for p in prose[number + 1 :] if p >= _PROSE)
            if rest <= 0.25 * sum(prose[:number]) or _alternates(teasers, number + 1):
                return lines[:number]
        elif teasers[number] and _alternates(teasers, number):
            return lines[:number]
    return lines


def _alternates(teasers: list[bool], start: int) -> bool:
    """Whether from here on every headline has its paragraph: a list of other articles."""
    rest = teasers[start : start + _LONGEST_LIST]
    if not rest or not rest[0]:
        return False
    pairs = sum(rest[n : n + 3] == [True, False, True] for n in range(len(rest)))
    after = rest[::-1].index(True)
    return pairs >= _LEAST_PAIRS and after <= 1


def _cut_head(lines: list[Line], title: str, labels: frozenset[str]) -> list[Line]:
    """Without title, date, section and author lines above the first paragraph."""
    first = next((n for n, line in enumerate(lines) if line.prose > _HEADLINE), len(lines))
    ahead = min(first, _HEAD_LINES)
    kept = [line for line in lines[:ahead] if not _is_head(line, title, labels)]
    return kept + [
        line
        for line in lines[ahead:]
        if len(line.text) > _LONGEST_TITLE or letters(line.text) != title
    ]


def _is_head(line: Line, title: str, labels: frozenset[str]) -> bool:
    bare = letters(line.text)
    if not bare or bare == title or bare in labels:
        return True
    if len(line.text) > 60 or line.kind == "caption":
        return False
    if line.kind != "head" and _LABEL_NAMES.search(names_of(line.block)):
        return True
    # a line that is a date and nothing else: what is left without digits is a weekday or a zone
    words = re.sub(r"[\d\W_]+", "", line.text)
    return len(words) <= 25 and bool(re.search(r"\d", bare)) and parse_when(line.text) is not None


def _cut_loose_ends(lines: list[Line]) -> list[Line]:
    """Without a last heading under which nothing follows, and list marks without text."""
    while len(lines) > 1 and len(lines[-1].text) <= 120:
        short = len(lines[-1].text) <= 40 and lines[-1].text.endswith(":")
        if lines[-1].kind != "head" and not short:
            break
        lines = lines[:-1]
    return lines


def _without_doubles(lines: list[Line]) -> list[Line]:
    """Without a line that says the same as the one before it, or as an earlier long one."""
    seen: set[tuple[str, int]] = set()
    kept: list[Line] = []
    before = ("", 0)
    for line in lines:
        bare = letters(line.text)
        said = (bare, len(line.text)) if len(line.text) > _LONGEST_TITLE else (bare, 0)
        if said == before or (len(bare) > 80 and said in seen):
            continue
        before = said
        seen.add(said)
        kept.append(line)
    return kept
