"""Words that stand for a document named elsewhere: `Chỉ thị này`, `Nghị định nói trên`, `Luật`."""

from streams.extraction.model import Reference, Resolved

_LAWS = ("luật", "bộ luật", "pháp lệnh")
#: How far back a capitalised bare word may reach when several documents of its type are named.
_BARE_REACH = 1500


def resolve_later(later: Reference, place: int, resolved: dict[int, Resolved]) -> Resolved | None:
    """What a later word stands for: the nearest document of its type before it, else the only one
    after it; None when there is none."""
    fits = [at for at, one in resolved.items() if _fits(later, one)]
    before = [at for at in fits if at < place]
    if before:
        one = resolved[max(before)]
    elif len({resolved[at].key for at in fits}) == 1:
        one = resolved[min(fits)]
    else:
        return None
    return Resolved(
        reference=later,
        key=one.key,
        complete=one.complete,
        year=one.year,
        symbol=one.symbol,
        issuer=one.issuer,
        issued=one.issued,
        rule=later.rule,
    )


def _fits(later: Reference, one: Resolved) -> bool:
    """Whether the word may stand for that document."""
    named, kind = one.reference.type, later.type
    if named is None or kind is None or one.reference.kind == "anaphor":
        return False
    if kind.name == "văn bản":
        return one.reference.kind == "numbered"
    if kind.name in _LAWS:
        return one.reference.kind == "law" and named.name == kind.name and not one.reference.bill
    return named.code == kind.code
