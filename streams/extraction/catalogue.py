"""Known documents: gives a mention its issuer, date and title, and chooses among documents of one
number by date, term and topic. Where these don't decide, it says that several fit, and gives none.

The catalogue that comes with the project is `data/catalogue.tsv`; `load` reads more files of the
same form, whose rows go before its own.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from streams.errors import ConfigError
from streams.extraction.vocabulary import DATA
from streams.tables import read_tsv
from streams.text import fold

COLUMNS = ("key", "also", "type", "issuer", "issued", "term", "title", "sure")
_ISO = re.compile(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?|")
_NUMBER = re.compile(r"(\d+[a-e]?)(?:[/-]((?:19|20)\d\d))?[/-](.+)", re.IGNORECASE)
_LAW_YEAR = re.compile(r"(.+) ((?:19|20)\d\d)")
# words that many titles share
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "ve viec cua va trong tang cuong su lanh dao dang doi voi cong tac mot so cac nhung quy dinh"
        " thuc hien tiep tuc den nam nham theo cho tai la de nhiem vu giai phap day manh tinh hinh"
        " moi van chi tiet thi hanh dieu huong dan ban phe duyet bi thu bo chinh tri phu trung uong"
        " khoa quoc hoi",
    )
)
_SUBJECT = re.compile(r"(?:^|\| )[^|.;\n]{0,60}?(?<![^\W_])về ([^|.;\n]{25,})", re.IGNORECASE)
_TOPIC_AGREES = 2  # pairs of neighbouring words of a title found beside the mention
_YEARLY_REACH = 1.5  # years: how long the press speaks of a document by a number used every year
_TERM_REACH = 12.0  # years: the same, for numbers that begin anew with each Party congress


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the catalogue, whose head says what the columns mean."""

    key: str
    also: tuple[str, ...]
    type: str
    issuer: str | None
    issued: str | None
    term: str
    title: str | None
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an article says of one document, all its mentions together."""

    key: str
    type: str  # in lower case
    issued: str | None = None
    term: str = ""
    around: str = ""  # the words beside the mentions
    published: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The document chosen, or None; `several` says that more than one would fit."""

    entry: Entry | None = None
    several: bool = False


class Catalogue:
    """Known documents, by key, by law's name, and by type and number."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_key: dict[str, list[Entry]] = defaultdict(list)
        self._by_name: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            for key in {entry.key, *(() if entry.key.startswith("NQTW") else entry.also)}:
                self._by_key[_folded(key)].append(entry)
                for name in _incomplete_forms(key, entry.type):
                    self._by_name[name].append(entry)

    def choose(self, evidence: Evidence) -> Choice:
        """The document that the evidence points to."""
        known = self._by_key.get(_folded(evidence.key))
        if known:
            return self._decide(known, evidence, whole=True)
        known = self._by_name.get(_folded(evidence.key))
        return self._decide(known, evidence, whole=False) if known else Choice()

    def _decide(self, known: Sequence[Entry], evidence: Evidence, *, whole: bool) -> Choice:
        fits = [entry for entry in known if _possible(entry, evidence, alone=len(known) == 1)]
        told = [entry for entry in fits if _told(entry, evidence)]
        if len(told) == 1:
            return Choice(entry=told[0])
        if len(fits) > 1:
            best = _by_topic(fits, evidence.around)
            return Choice(entry=best, several=best is None)
        if not fits:
            return Choice()
        only = fits[0]
        if whole and _in_reach(only, evidence) and not _about_else(only, evidence.around):
            return Choice(entry=only)
        law = _LAW_YEAR.fullmatch(only.key) is not None  # its name is its topic
        return Choice(entry=None if law else _by_topic(fits, evidence.around))


@cache
def shipped() -> Catalogue:
    """The catalogue that comes with the project."""
    return load()


@cache
def named(path: str) -> Catalogue:
    """The catalogue, with the file at `path` before the project's if it is not empty.

    Raises:
        ConfigError: as `load`.
    """
    return load(Path(path)) if path else shipped()


def load(*more: Path) -> Catalogue:
    """The project's catalogue together with files of your own.

    Args:
        more: tab-separated files with the columns `COLUMNS`; a row there takes the place of the
            project's row of the same key and date.

    Raises:
        ConfigError: a file is missing or wrong, with file and line.
    """
    entries: dict[tuple[str, str | None], Entry] = {}
    for path in (*more, DATA / "catalogue.tsv"):
        for entry in _read(path):
            entries.setdefault((entry.key, entry.issued), entry)
    return Catalogue(entries.values())


def _read(path: Path) -> Iterable[Entry]:
    for line, row in read_tsv(path, COLUMNS):
        if not row["key"]:
            raise ConfigError(path, "key: it is empty", line=line)
        if not _ISO.fullmatch(row["issued"]):
            raise ConfigError(
                path, f"issued: {row['issued']!r} is no date, month or year (2016-05-15)", line=line
            )
        yield Entry(
            key=row["key"],
            also=tuple(filter(None, row["also"].split(";"))),
            type=row["type"],
            issuer=row["issuer"] or None,
            issued=row["issued"] or None,
            term=row["term"],
            title=row["title"] or None,
            sure=row["sure"] != "1",
        )


@lru_cache(maxsize=16_384)  # keys come from outside: no end of new ones
def _folded(key: str) -> str:
    """One spelling of a key: `5-qđi/tw` is `05-QĐ/TW`."""
    return fold(key.replace("QĐi", "QĐ")).lstrip("0")


def _incomplete_forms(key: str, kind: str) -> list[str]:
    """What a mention's key may be when the year or the issuer is not said."""
    law = _LAW_YEAR.fullmatch(key)
    if law:
        return [_folded(law[1])]
    found = _NUMBER.fullmatch(key)
    if not found:
        return []
    number, year, symbol = found.groups()
    forms = [f"{number}/{symbol}"] if year else []
    code = re.split("[-/]", symbol)[0]
    if kind in ("luật", "bộ luật", "pháp lệnh"):
        code = "L"
    elif code.startswith(("QH", "UBTVQH")):
        code = "NQ"
    return [_folded(form) for form in (*forms, f"{number}/{code}")]


def _possible(entry: Entry, evidence: Evidence, *, alone: bool) -> bool:
    """Nothing that the article says speaks against it."""
    if evidence.term and entry.term and entry.term != evidence.term:
        return False
    issued = entry.issued or ""
    if evidence.published and issued > evidence.published.isoformat()[: len(issued)]:
        return False
    stated = evidence.issued or ""
    if not stated or not issued or stated.startswith("--"):
        return True
    if alone or not entry.sure:  # the press, and memory, mistake a day more easily than a year
        return stated[:4] == issued[:4]
    return _same_date(stated, issued)


def _same_date(stated: str, issued: str) -> bool:
    shorter = min(len(stated), len(issued))
    return stated[:shorter] == issued[:shorter]


def _told(entry: Entry, evidence: Evidence) -> bool:
    """Date or term say that it is this one."""
    if evidence.term and entry.term == evidence.term:
        return True
    stated = evidence.issued or ""
    if stated.startswith("--"):
        return (entry.issued or "")[4:] == stated[1:]
    return bool(stated and entry.issued) and _same_date(stated, entry.issued or "")


def _in_reach(entry: Entry, evidence: Evidence) -> bool:
    """Whether a number alone still means this document at the time of the article."""
    found = _NUMBER.fullmatch(entry.key)
    if found is None or found[2]:
        return True
    if evidence.published is None or not entry.issued:
        return entry.sure and entry.key.endswith("/TW")
    years = evidence.published.year + evidence.published.month / 12 - _years(entry.issued)
    return years <= (_TERM_REACH if entry.key.endswith("/TW") else _YEARLY_REACH)


def _about_else(entry: Entry, around: str) -> bool:
    """Whether a subject is stated beside the mention that the entry's title does not share."""
    if _LAW_YEAR.fullmatch(entry.key) or entry.key.startswith("NQ"):
        return False  # a plenum's title is its meeting, a law's its name
    stated = _SUBJECT.search(around)
    return stated is not None and not _pairs(stated[1]) & _title_pairs(entry.title or "")


def _years(issued: str) -> float:
    return int(issued[:4]) + (int(issued[5:7]) / 12 if len(issued) > 4 else 0)


def _by_topic(fits: Sequence[Entry], around: str) -> Entry | None:
    """The one whose title is spoken of beside the mentions, clearly more than any other's."""
    beside = _pairs(around)
    scored = sorted(
        (
            (len(_title_pairs(entry.title or "") & beside), place)
            for place, entry in enumerate(fits)
        ),
        reverse=True,
    )
    best = scored[0][0]
    if best < _TOPIC_AGREES or (len(scored) > 1 and scored[1][0] * 2 > best):
        return None
    return fits[scored[0][1]]


@cache
def _title_pairs(title: str) -> frozenset[tuple[str, str]]:
    return _pairs(title)


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """Neighbouring words that mean something."""
    words = re.findall(r"[^\W_]+", fold(text))
    return frozenset(
        (first, second)
        for first, second in itertools.pairwise(words)
        if first not in _COMMON or second not in _COMMON
    )
