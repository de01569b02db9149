"""An extractor that hangs, is slow, crashes or raises on articles that ask for it: what a lane runs in place of
the real job, which it then runs."""

import os
import signal
import time
from typing import Any

from streams import enrichment
from streams.outcome import Outcome

HANG, CRASH, RAISE = "Đoạn văn làm treo máy.", "Đoạn văn làm sập máy.", "Đoạn văn làm hỏng máy."
SLOW, SLOW_SECONDS = "Đoạn văn làm chậm máy.", 3.0

_module: Any = enrichment
_extract = _module.extract


def extract(text: str, **others: Any) -> Any:
    """The real extraction, unless the text asks for something else."""
    if HANG in text:
        time.sleep(3600)
    if SLOW in text:
        time.sleep(SLOW_SECONDS)
    if CRASH in text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if RAISE in text:
        raise ZeroDivisionError("asked for")
    return _extract(text, **others)


def work(value: bytes | None, words: bool, catalogue: str) -> Outcome:
    """`streams.enrichment.work` around the fragile extraction."""
    _module.extract = extract
    return enrichment.work(value, words, catalogue)
