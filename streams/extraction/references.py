"""Step 4: what each reference stands for, from the whole article.

First the references that are complete by themselves; then the short ones, completed from them; then
the words that stand for a document named elsewhere. What can't be resolved stays incomplete; a word
that stands for nothing is dropped.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from streams.extraction.anaphors import Named
from streams.extraction.keys import Symbol, assembly, body_name, completed, key
from streams.extraction.model import Reference, Resolved
from streams.extraction.vocabulary import Issuer, issuer_by_code

_OF_GOVERNMENT = Symbol("NĐ", ("CP",))
_MOST_OF_ONE_NUMBER = 40  # different documents of one number in one article; a bound, never reached
_NEAR = 8  # characters between a law's name and its number: ` số `


def resolve(references: Sequence[Reference]) -> list[Resolved]:
    """Every reference with its key, in the order given (title first, then the text)."""
    references = _with_numbers(_shared(references))
    resolved: dict[int, Resolved] = {
        **_numbered(references),
        **_plenums(references),
        **_congresses(references),
        **_laws(references),
    }
    named = Named(resolved)
    for place, reference in enumerate(references):
        if reference.kind == "anaphor":
            later = named.resolve(reference, place)
            if later:
                resolved[place] = later
    return [resolved[place] for place in sorted(resolved)]


def _shared(references: Sequence[Reference]) -> list[Reference]:
    """What is said once for a list holds for each of its members."""
    groups = defaultdict(list)
    for reference in references:
        if reference.group:
            groups[reference.field, reference.group].append(reference)
    shared = []
    for reference in references:
        members = groups.get((reference.field, reference.group), [])
        said = next((m for m in reversed(members) if m.issuer), None)
        if reference.issuer is None and said is not None:
            reference = replace(
                reference,
                issuer=said.issuer,
                issuer_name=said.issuer_name,
                term=reference.term or said.term,
            )
        shared.append(reference)
    return shared


# numbered


@dataclass(frozen=True, slots=True)
class _Identity:
    """A document as far as one reference knows it: number and symbol, with the year if printed."""

    symbol: Symbol
    year: int | None
    code: str  # of the type word
    number: str


def _numbered(references: Sequence[Reference]) -> dict[int, Resolved]:
    own = {
        place: _own_symbol(reference)
        for place, reference in enumerate(references)
        if reference.kind == "numbered"
    }
    by_number: dict[str, dict[_Identity, list[int]]] = defaultdict(dict)
    for place, symbol in own.items():
        reference = references[place]
        if symbol is not None:
            identity = _Identity(
                symbol, _year(reference, symbol), _type_code(reference), reference.number
            )
            same = by_number[reference.number.lstrip("0")]
            if identity in same or len(same) < _MOST_OF_ONE_NUMBER:
                same.setdefault(identity, []).append(place)
    made = {}
    for place, symbol in own.items():
        reference = references[place]
        full = _fuller(reference, symbol, by_number[reference.number.lstrip("0")], place)
        made[place] = _resolved(reference, symbol, full)
    return _with_facts(made)


def _own_symbol(reference: Reference) -> Symbol | None:
    """The symbol as printed, or as it follows from type and issuer."""
    kind = reference.type
    if kind is None or reference.symbol is not None:
        return reference.symbol
    if kind.code == "NĐ":
        return _OF_GOVERNMENT
    year, month = reference.year, None
    if reference.issued and reference.issued[:4].isdigit():
        year = year or int(reference.issued[:4])
        month = int(reference.issued[5:7]) if len(reference.issued) > 4 else None
    if kind.code == "L":
        term = assembly(year, month) if reference.year and year else None
        return Symbol("", (f"QH{term}",)) if term else None
    if reference.issuer is None:
        return Symbol(kind.code, ("TW",)) if reference.term and kind.code in ("NQ", "KL") else None
    return completed(kind, reference.issuer, year, month)


def _year(reference: Reference, symbol: Symbol) -> int | None:
    """The year that belongs to the key: as printed in the number, or as it is always printed."""
    if reference.year or symbol.party:
        return reference.year
    always = symbol.type_code in ("NĐ", "TT", "TTLT") or (
        symbol.type_code == "" and symbol.bodies[0].startswith(("QH", "UBTVQH"))
    )
    if always and reference.issued and reference.issued[:4].isdigit():
        return int(reference.issued[:4])
    return None


def _type_code(reference: Reference) -> str:
    return reference.type.code if reference.type else ""


def _fuller(
    reference: Reference,
    symbol: Symbol | None,
    same: dict[_Identity, list[int]],
    place: int,
) -> _Identity | None:
    """The same document in a fuller form elsewhere: the nearest before, else the nearest after."""
    best: tuple[bool, int] | None = None
    found = None
    for identity, places in same.items():
        if not _same_document(reference, symbol, identity):
            continue
        before = bisect_left(places, place)
        nearest = (True, places[before - 1]) if before else (False, -places[0])
        if best is None or nearest > best:
            best, found = nearest, identity
    return found


def _same_document(short: Reference, symbol: Symbol | None, full: _Identity) -> bool:
    """Whether `Chỉ thị 05` can be the `05-CT/TW` named elsewhere."""
    if short.type is None:
        return False
    if symbol is not None:
        same_symbol = symbol == full.symbol or (
            not symbol.type_code and symbol.bodies == full.symbol.bodies and short.type.code == "NĐ"
        )
        return same_symbol and full.year is not None and _year(short, symbol) is None
    if short.year and full.year and short.year != full.year:
        return False
    if short.issuer is not None and not _issued_by(short.issuer, full.symbol):
        return False
    if full.symbol.type_code:
        return short.type.printed_as(full.symbol.type_code) or short.type.name == "văn bản"
    return full.code == short.type.code


def _issued_by(issuer: Issuer, symbol: Symbol) -> bool:
    return issuer.party == symbol.party or issuer.code in symbol.bodies


def _resolved(reference: Reference, symbol: Symbol | None, full: _Identity | None) -> Resolved:
    number, rule = reference.number, reference.rule
    year = _year(reference, symbol) if symbol else reference.year
    if full is not None:
        number, symbol, year, rule = full.number, full.symbol, full.year, f"{rule}+article"
    elif symbol is not None and reference.symbol is None:
        rule = f"{rule}+issuer" if reference.issuer else f"{rule}+type"
    return Resolved(
        reference=reference,
        key=key(number, year, symbol, _type_code(reference)),
        complete=_complete(symbol, year),
        year=year,
        symbol=symbol,
        issuer=reference.issuer_name if _agrees(reference.issuer, symbol) else None,
        issued=reference.issued or (str(year) if year else None),
        rule=rule,
    )


def _agrees(issuer: Issuer | None, symbol: Symbol | None) -> bool:
    """Whether the body said beside a reference can have issued it: a code says it more surely."""
    if issuer is None or symbol is None or not symbol.bodies:
        return True
    stated = issuer_by_code().get(symbol.bodies[0])
    return stated is None or stated.kind != "state" or stated.code == issuer.code


def _complete(symbol: Symbol | None, year: int | None) -> bool:
    """Whether the key alone says which document it is."""
    if symbol is None or not symbol.bodies:
        return False
    issuer = issuer_by_code().get(symbol.bodies[0])
    if issuer is not None and issuer.local:
        return False
    return year is not None or symbol.type_code not in ("NĐ", "TT", "TTLT", "")


def _with_facts(made: dict[int, Resolved]) -> dict[int, Resolved]:
    """Issuer and date, said anywhere in the article, hold for all mentions of the document."""
    issuers: dict[str, str] = {}
    dates: dict[str, str] = {}
    for one in made.values():
        if one.issuer:
            issuers.setdefault(one.key, one.issuer)
        if one.issued and len(one.issued) > len(dates.get(one.key, "")):
            dates[one.key] = one.issued
    return {
        place: replace(
            one,
            issuer=one.issuer
            or issuers.get(one.key)
            or (body_name(one.symbol) if one.symbol else None),
            issued=dates.get(one.key),
        )
        for place, one in made.items()
    }


# plenums and congresses


def _plenums(references: Sequence[Reference]) -> dict[int, Resolved]:
    terms: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for place, reference in enumerate(references):
        if reference.kind == "plenum" and reference.term and reference.type:
            terms[reference.type.code, reference.number].append((place, reference.term))
    made = {}
    for place, reference in enumerate(references):
        if reference.kind != "plenum" or reference.type is None:
            continue
        term, rule = reference.term, reference.rule
        if not term and reference.number:
            term = _nearest(terms[reference.type.code, reference.number], place)
            rule = f"{rule}+article" if term else rule
        made[place] = Resolved(
            reference=reference,
            key=f"{reference.type.code}TW{reference.number}" + (f"/{term}" if term else ""),
            complete=bool(term and reference.number),
            symbol=Symbol(reference.type.code, ("TW",)),
            rule=rule,
        )
    return made


def _nearest(named: list[tuple[int, str]], place: int) -> str:
    before = [term for at, term in named if at < place]
    return before[-1] if before else (named[0][1] if named else "")


def _congresses(references: Sequence[Reference]) -> dict[int, Resolved]:
    named = defaultdict(list)
    for place, reference in enumerate(references):
        if reference.kind == "congress" and reference.term:
            named["local" in reference.rule].append((place, reference.term))
    made = {}
    for place, reference in enumerate(references):
        if reference.kind != "congress":
            continue
        local = "local" in reference.rule
        term = reference.term or _nearest(named[local], place)
        rule = reference.rule if reference.term or not term else f"{reference.rule}+article"
        made[place] = Resolved(
            reference=reference,
            key=("NQĐHĐB" if local else "NQĐH") + (f"/{term}" if term else ""),
            complete=bool(term) and not local,
            rule=rule,
        )
    return made


# laws


def _with_numbers(references: list[Reference]) -> list[Reference]:
    """`Luật Đất đai số 31/2024/QH15`: the number behind a law's name gives its year.

    Not that of another document named next (`Luật Đất đai và Nghị định 102/2024/NĐ-CP`).
    """
    joined = list(references)
    for place in range(len(references) - 1):
        law, number = references[place], references[place + 1]
        if (
            law.kind == "law"
            and number.kind == "numbered"
            and number.rule.startswith("law+")
            and law.field == number.field
            and 0 <= number.start - law.end <= _NEAR
            and number.year
        ):
            joined[place] = replace(law, year=law.year or number.year, issued=number.issued)
    return joined


def _laws(references: Sequence[Reference]) -> dict[int, Resolved]:
    years: dict[str, set[int]] = defaultdict(set)
    for reference in references:
        if reference.kind == "law" and reference.year:
            years[reference.law.lower()].add(reference.year)
    made = {}
    for place, reference in enumerate(references):
        if reference.kind != "law":
            continue
        known = years[reference.law.lower()]
        year, rule = reference.year, reference.rule
        if year is None and len(known) == 1 and not reference.bill:
            year, rule = next(iter(known)), f"{rule}+article"
        made[place] = Resolved(
            reference=reference,
            key=f"{reference.law} {year}" if year else reference.law,
            complete=year is not None,
            ambiguous=year is None and len(known) > 1,
            year=year,
            issued=reference.issued or (str(year) if year else None),
            rule=rule,
        )
    return made
