"""Dead letters found, read, sent through the normal way again, given up.

Their bytes are in the topic `articles.dead` and stay there; the index says where, and what was done
about each.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any

from connectors.crawler.again import ask_again
from connectors.dead.letter import (
    DROPPED,
    RESOLVED,
    RETRIED,
    STORE,
    Letter,
    read_letter,
    resolved,
)
from connectors.elasticsearch import search
from connectors.elasticsearch.client import asking, connect
from connectors.elasticsearch.documents import OPEN
from connectors.elasticsearch.names import alias
from connectors.elasticsearch.scan import moment, whole
from connectors.kafka.intake import Message
from connectors.kafka.reading import messages_at
from connectors.kafka.sending import send
from streams import codec, topics
from streams.errors import Reason, Retry
from streams.settings import Settings

_AT_ONCE = 200  # letters looked at together
_IN_HAND = 20  # letters sent together: their bytes are in memory, 16 MB each at most
_NEWEST = [{"at": "desc"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which letters: those that fit all that is given."""

    reason: str | None = None
    stage: str | None = None
    outlet: str | None = None
    since: datetime | None = None
    everything: bool = False  # also what is skipped, dropped or resolved

    def query(self) -> dict[str, Any]:
        """As Elasticsearch is asked."""
        terms = {"reason": self.reason, "stage": self.stage, "outlet": self.outlet}
        filters: list[dict[str, Any]] = [
            {"term": {name: value}} for name, value in terms.items() if value
        ]
        if self.since:
            filters.append({"range": {"at": {"gte": self.since.isoformat()}}})
        return {"bool": {"filter": filters, "must_not": self._unwanted()}}

    def _unwanted(self) -> list[dict[str, Any]]:
        """What `takes` would not take, as far as the index knows."""
        if self.everything:
            return []
        skipped = [] if self.reason else [r for r in Reason if r.disposition == "skipped"]
        return [{"terms": {"reason": skipped}}, {"term": {"state": DROPPED}}]

    def takes(self, letter: Letter) -> bool:
        """Whether a letter that fits is listed; what is skipped, when it is asked for by reason."""
        if self.everything:
            return True
        return letter.state in (OPEN, RETRIED) and (bool(self.reason) or not letter.skipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one letter that something was to be done about."""

    letter: Letter
    done: bool
    what: str


class Office:
    """The dead letters of a stack. Every method raises `Retry` when a server can't be asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prefix = settings.elasticsearch.prefix
        self._client = connect(settings.elasticsearch)

    def __enter__(self) -> "Office":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def find(self, wanted: Wanted) -> Iterator[Letter]:
        """Letters, the newest first."""
        with closing(self._letters(wanted.query())) as found:
            while some := list(islice(found, _AT_ONCE)):
                yield from (letter for letter in self._looked_after(some) if wanted.takes(letter))

    def named(self, id: str) -> list[Letter]:
        """The letters with this id: one by its own, or all of an article; the newest first."""
        query = {"bool": {"should": [{"ids": {"values": [id]}}, {"term": {"id": id}}]}}
        return self._looked_after(list(self._letters(query)))

    def messages(self, letters: Sequence[Letter]) -> list[Message | None]:
        """The letters as they lie in their topic, with the original bytes; None for one that is
        there no more."""
        if not letters:
            return []
        found = messages_at(self._settings.kafka, [letter.place for letter in letters])
        with closing(found):
            return [
                message if message and _is(message, letter) else None
                for letter, message in zip(letters, found, strict=True)
            ]

    def retry(self, letters: Sequence[Letter], who: str) -> list[Done]:
        """Sends letters through the normal way again; each once, however often it is asked for."""
        results: list[Done] = []
        for start in range(0, len(letters), _IN_HAND):
            results += self._retry(letters[start : start + _IN_HAND], who)
        return results

    def drop(self, letters: Sequence[Letter], who: str) -> list[Done]:
        """Gives letters up; their bytes stay in the topic."""
        left = [letter for letter in letters if letter.state != DROPPED]
        self._mark(left, DROPPED, who)
        refused = [_refused(letter) for letter in letters if letter.state == DROPPED]
        return refused + [Done(letter=letter, done=True, what="dropped") for letter in left]

    def _retry(self, letters: Sequence[Letter], who: str) -> list[Done]:
        gone = (RETRIED, RESOLVED)
        left = [letter for letter in letters if letter.state not in gone]
        results = [_refused(letter) for letter in letters if letter.state in gone]
        results += self._fetch([letter for letter in left if letter.target == STORE])
        results += self._send([letter for letter in left if letter.target != STORE])
        self._mark([result.letter for result in results if result.done], RETRIED, who)
        return results

    def _fetch(self, letters: Sequence[Letter]) -> list[Done]:
        if not letters:
            return []
        path = self._settings.data_dir / "crawler.sqlite3"
        if not path.exists():
            what = f"no crawler's store at {path}: run it on the crawler's machine"
            return [Done(letter=letter, done=False, what=what) for letter in letters]
        states = ask_again(path, [letter.id for letter in letters])
        return [_asked(letter, states.get(letter.id)) for letter in letters]

    def _send(self, letters: Sequence[Letter]) -> list[Done]:
        results, ready = [], []
        for letter, message in zip(letters, self.messages(letters), strict=True):
            if message and letter.target and not letter.cut:
                ready.append((letter.target, message.key, message.value))
                what = f"sent to {letter.target}"
                results.append(Done(letter=letter, done=True, what=what))
            else:
                results.append(Done(letter=letter, done=False, what=_why_not(letter)))
        if ready:
            send(self._settings.kafka, ready)
        return results

    def _letters(self, query: dict[str, Any]) -> Generator[Letter, None, None]:
        with moment(self._client, self._prefix, "dead") as point:
            for document in whole(self._client, point, query, sort=_NEWEST, without=["excerpt"]):
                yield read_letter(document)

    def _looked_after(self, letters: list[Letter]) -> list[Letter]:
        """The letters, with those retried ones `resolved` that are history."""
        ids = sorted({letter.id for letter in letters if letter.state == RETRIED})
        if not ids:
            return letters
        # an empty key is no id of a document
        arrived = search.present(self._client, self._prefix, [id for id in ids if id])
        others: defaultdict[str, list[Letter]] = defaultdict(list)
        for other in self._letters({"terms": {"id": ids}}):
            others[other.id].append(other)
        return [
            replace(letter, state=RESOLVED)
            if resolved(letter, arrived=letter.id in arrived, others=others[letter.id])
            else letter
            for letter in letters
        ]

    def _mark(self, letters: Sequence[Letter], state: str, who: str) -> None:
        if not letters:
            return
        now = datetime.now(UTC).isoformat()
        change = {"state": state, "state_at": now, "state_by": who}
        operations: list[dict[str, Any]] = []
        for letter in letters:
            number, term = letter.writing
            target = {"_id": letter.number, "if_seq_no": number, "if_primary_term": term}
            operations += [{"update": target}, {"doc": change}]
        with asking(self._client):
            answer = self._client.bulk(
                index=alias(self._prefix, "dead"), operations=operations, refresh="wait_for"
            )
        # a conflict: the page has died again already, and that letter must stay as it is
        failed = [item for item in answer["items"] if item["update"]["status"] not in (200, 409)]
        if failed:
            raise Retry(f"not noted as {state}, do it again: {failed}"[:1000])


def _is(message: Message, letter: Letter) -> bool:
    """Whether it is the letter's own message: a topic that was made anew has others there."""
    told = codec.decode_dead(message.key, message.value, message.headers)
    mine = (topics.DEAD.name, letter.id, letter.stage, letter.reason)
    return (message.topic, told.id, told.stage, told.reason) == mine


def _refused(letter: Letter) -> Done:
    at = f"{letter.state_at:%Y-%m-%d %H:%M:%S}" if letter.state_at else "before"
    return Done(letter=letter, done=False, what=f"already {letter.state} at {at}")


def _asked(letter: Letter, state: str | None) -> Done:
    if state is None:
        return Done(letter=letter, done=False, what="not in this crawler's store")
    # another state: the crawler was asked before, and was quick
    what = "to be fetched again" if state == "discovered" else f"the crawler has it: {state}"
    return Done(letter=letter, done=True, what=what)


def _why_not(letter: Letter) -> str:
    if letter.cut:
        return f"its bytes were cut; the whole is at {letter.source}"
    if letter.target is None:
        return f"nothing is known of where it came from: {letter.source!r}"
    return f"its bytes are no longer at {letter.place}"
