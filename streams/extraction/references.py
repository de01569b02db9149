"""Step 4: what each reference stands for, from the whole article.

First the references that are complete by themselves; then the short ones, completed from them; then
the words that stand for a document named elsewhere. What can't be resolved stays incomplete; a word
that stands for nothing is dropped.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from streams.extraction.anaphors import resolve_later
from streams.extraction.keys import Symbol, body_name, completed, key, year_in_number
from streams.extraction.model import Reference, Resolved
from streams.extraction.vocabulary import issuer_by_code

_OF_GOVERNMENT = Symbol("NĐ", ("CP",))
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
    for place, reference in enumerate(references):
        if reference.kind == "anaphor":
            later = resolve_later(reference, place, resolved)
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


def _numbered(references: Sequence[Reference]) -> dict[int, Resolved]:
    own = {
        place: _own_symbol(reference)
        for place, reference in enumerate(references)
        if reference.kind == "numbered"
    }
    by_number: dict[str, list[int]] = defaultdict(list)
    for place, symbol in own.items():
        if symbol is not None:
            by_number[references[place].number.lstrip("0")].append(place)
    made = {}
    for place, symbol in own.items():
        reference = references[place]
        same = by_number[reference.number.lstrip("0")]
        fuller = _fuller(references, own, place, same)
        if fuller is not None:
            other = references[fuller]
            made[place] = _full(
                replace(reference, year=reference.year or other.year, number=other.number),
                own[fuller],
                reference,
                rule=f"{reference.rule}+article",
            )
        else:
            made[place] = _full(reference, symbol, reference, rule=reference.rule)
    return _with_facts(made)


def _own_symbol(reference: Reference) -> Symbol | None:
    """The symbol as printed, or as it follows from type and issuer."""
    if reference.symbol is not None:
        return reference.symbol
    kind = reference.type
    if kind is None:
        return None
    if kind.code == "NĐ":
        return _OF_GOVERNMENT
    if kind.code == "L" and reference.year is None:
        return None
    if reference.issuer is None:
        if reference.term and kind.code in ("NQ", "KL"):
            return Symbol(kind.code, ("TW",))
        return None
    month = reference.issued[5:7] if reference.issued and len(reference.issued) > 7 else ""
    return completed(
        kind, reference.issuer, reference.year, int(month) if month.isdigit() else None
    )


def _fuller(
    references: Sequence[Reference], own: dict[int, Symbol | None], place: int, same: list[int]
) -> int | None:
    """The place of the same document in a fuller form: nearest before, else nearest after."""
    reference, symbol = references[place], own[place]
    if reference.symbol is not None and (
        reference.year or not _year_expected(reference) or not _lacks_year(references, same)
    ):
        return None
    fits = [
        other
        for other in same
        if other != place and _same_document(reference, symbol, references[other], own[other])
    ]
    if not fits:
        return None
    printed = [other for other in fits if references[other].symbol is not None] or fits
    before = [other for other in printed if other < place]
    return before[-1] if before else printed[0]


def _year_expected(reference: Reference) -> bool:
    return reference.type is not None and (
        year_in_number(reference.type) or reference.type.code in ("QĐ", "NQ")
    )


def _lacks_year(references: Sequence[Reference], same: list[int]) -> bool:
    return any(references[other].year for other in same)


def _same_document(
    short: Reference, symbol: Symbol | None, full: Reference, other: Symbol | None
) -> bool:
    """Whether `Chỉ thị 05` can be the `05-CT/TW` named elsewhere."""
    if other is None or short.type is None:
        return False
    if short.year and full.year and short.year != full.year:
        return False
    if symbol is not None:
        return str(symbol) == str(other) and bool(full.year or full.symbol)
    if short.issuer is not None and not _issued_by(short, other):
        return False
    if other.type_code:
        return short.type.printed_as(other.type_code) or short.type.name == "văn bản"
    return full.type is not None and full.type.code == short.type.code


def _issued_by(short: Reference, symbol: Symbol) -> bool:
    issuer = short.issuer
    return issuer is None or issuer.party == symbol.party or issuer.code in symbol.bodies


def _full(reference: Reference, symbol: Symbol | None, said: Reference, *, rule: str) -> Resolved:
    kind = reference.type
    code = kind.code if kind else ""
    if symbol is None or symbol.type_code == "":
        year = reference.year
    else:
        year = reference.year if _year_in_key(reference, symbol, said) else None
    if symbol is not None and reference.symbol is None and symbol.bodies and rule == said.rule:
        rule = f"{rule}+issuer" if said.issuer else f"{rule}+type"
    return Resolved(
        reference=said,
        key=key(reference.number, year, symbol, code),
        complete=_complete(symbol, year, code),
        year=reference.year,
        symbol=symbol,
        issuer=said.issuer_name,
        issued=said.issued,
        rule=rule,
    )


def _year_in_key(reference: Reference, symbol: Symbol, said: Reference) -> bool:
    """A year that was printed in the number, or that its type always prints there."""
    if reference.rule.endswith("symbol") or symbol.party:
        return True
    kind = reference.type
    printed = said.issued is None or len(said.issued) == 4
    return kind is not None and (year_in_number(kind) or (printed and reference is not said))


def _complete(symbol: Symbol | None, year: int | None, code: str) -> bool:
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
    """`Luật Đất đai số 31/2024/QH15`: the number behind a law's name gives its year."""
    joined = list(references)
    for place in range(len(references) - 1):
        law, number = references[place], references[place + 1]
        if (
            law.kind == "law"
            and number.kind == "numbered"
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
