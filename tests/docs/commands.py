"""The commands that README.md and docs/*.md show, as a reader would copy them. Pure.

A command is a line of a code block, indented by four blanks or fenced with ```sh, that begins with a
program. A comment behind it may say how it ends: `# exit status 1`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: What a command begins with. Other lines of code blocks are settings, answers, drawings.
PROGRAMS = (
    "dongtin",
    "make",
    "docker",
    "printf",
    "curl",
    "openssl",
    "cp",
    "tar",
)
_FENCED = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^(?:    [^\n]*\n)+", re.MULTILINE)
_COMMENT = re.compile(r"\s#\s.*$")
_STATUS = re.compile(r"exit status (\d)")
#: Subcommands that run until they are asked to stop.
_LASTING = ("up", "demo", "crawl", "enrich", "watch", "index")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command as a page shows it."""

    page: str
    text: str
    status: int = 0

    @property
    def words(self) -> list[str]:
        """Its words, roughly: quotes are of no matter here."""
        return self.text.split()

    @property
    def program(self) -> str:
        """`dongtin`, `make`, `docker`."""
        return Path(self.words[0]).name

    @property
    def lasts(self) -> bool:
        """Whether it runs until Ctrl-C."""
        words = self.words
        if self.program != "dongtin" or len(words) < 2 or {"--help", "--for"} & {*words}:
            return False
        if words[1] == "notify":
            return "test" not in words
        return words[1] in _LASTING or (words[1] == "ledger" and "--every" in words)


def commands_of(page: Path) -> Iterator[Command]:
    """Every command of a page, in order, each once."""
    text = page.read_text(encoding="utf-8")
    blocks = [(m.start(), m[1]) for m in _FENCED.finditer(text)]
    blocks += [(m.start(), m[0]) for m in _INDENTED.finditer(text)]
    seen = set()
    for _, block in sorted(blocks):
        for line in block.replace("\\\n", " ").splitlines():
            comment = _COMMENT.search(line)
            told = _STATUS.search(comment[0]) if comment else None
            command = " ".join(line[: comment.start() if comment else None].split())
            command = command.removeprefix(".venv/bin/")
            if command.split(" ")[0] in PROGRAMS and command not in seen:
                seen.add(command)
                yield Command(page=page.name, text=command, status=int(told[1]) if told else 0)
