"""What a lane runs, by name. The models behind it are imported in the lane only: the process with
the event loop stays small."""

from streams.outcome import Outcome


def work(value: bytes | None, words: bool, catalogue: str) -> Outcome:
    """`streams.enrichment.work`."""
    from streams import enrichment

    return enrichment.work(value, words, catalogue)


def warm(catalogue: str) -> None:
    """`streams.enrichment.warm`."""
    from streams import enrichment

    enrichment.warm(catalogue)
