"""`dongtin dead`: dead letters listed, shown, sent through again, given up."""

import getpass
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.cli.accounts import stack_settings
from connectors.cli.app import App
from connectors.cli.common import print_json
from connectors.cli.options import (
    AsJson,
    Config,
    DataDir,
    ElasticsearchUrl,
    KafkaAddress,
)
from streams.errors import DongtinError, Reason
from streams.terminal import Console, table

if TYPE_CHECKING:
    from connectors.dead.letter import Letter
    from connectors.dead.office import Done, Office

app = App(
    help="What did not go on: list it, show its bytes, send it through again, give it up.",
    no_args_is_help=True,
)

WithReason = Annotated[
    Reason | None, typer.Option(metavar="CODE", help="Only letters with this reason code.")
]
Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID...", help="A letter's id, or an article's for all of its letters.",
        show_default=False,
    ),
]  # fmt: skip

_HEAD = 256  # bytes shown of what is no text


@app.command("list")
def list_letters(
    reason: WithReason = None,
    stage: Annotated[str | None, typer.Option(help="Only letters of this stage.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Only letters of this outlet.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only letters from then on (UTC)."
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was skipped, dropped, or has arrived since.")
    ] = False,
    most: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 100,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """List dead letters, the newest first."""
    from connectors.dead.office import Wanted

    wanted = Wanted(
        reason=reason,
        stage=stage,
        outlet=outlet,
        since=since.replace(tzinfo=UTC) if since else None,
        everything=everything,
    )
    with _office(config, data_dir, kafka, elasticsearch) as office:
        found = list(islice(office.find(wanted), most + 1))
    if as_json:
        told = {"letters": [json_of(x) for x in found[:most]], "more": len(found) > most}
        print_json(told)
        return
    rows = table("id", "what (times in UTC)", show_lines=True)
    rows.columns[0].no_wrap = True  # it is copied from here
    rows.columns[1].overflow = "fold"
    for letter in found[:most]:
        at, state = f"{letter.at:%Y-%m-%d %H:%M:%S}", "" if letter.state == "open" else letter.state
        what = f"{at}  {letter.stage}: {letter.reason}  {letter.outlet}  {state}"
        rows.add_row(letter.number, f"{what}\n{letter.url or letter.id}")
    console = Console()
    console.print(rows if found else "no dead letters")
    if len(found) > most:
        console.print(f"and more; --most shows more than {most}")


@app.command("show")
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A letter's id, or an article's.")],
    raw: Annotated[
        bool, typer.Option("--raw", help="The original bytes to standard output, nothing else.")
    ] = False,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show everything that is known of a dead letter, and its bytes."""
    with _office(config, data_dir, kafka, elasticsearch) as office:
        letters = office.named(id)
        if not letters:
            raise DongtinError(
                f"no dead letter {id}: dongtin dead list --all shows which there are"
            )
        found = list(zip(letters, office.messages(letters), strict=True))
    if raw:
        _letter, message = found[0]
        if message is None:
            raise DongtinError(f"{id}: its bytes are no longer at {letters[0].place}")
        sys.stdout.buffer.write(message.value or b"")
        return
    told = [(letter, None if m is None else m.value or b"") for letter, m in found]
    if as_json:
        print_json({"letters": [json_of(x) | {"content": _text(content)} for x, content in told]})
        return
    console = Console()
    for letter, content in told:
        for name, value in json_of(letter).items():
            if value not in ("", None):
                console.print(f"{name:10}{value}", soft_wrap=True)
        console.print(_shown(letter, content), soft_wrap=True)


@app.command("retry")
def retry(
    ids: Ids = None,
    reason: WithReason = None,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Send dead letters through the normal way again: a page that could not be had is fetched anew,
    anything else goes back to the topic that it came from. Done twice it changes nothing more."""
    from connectors.dead.office import Wanted

    if bool(ids) == bool(reason):
        raise typer.BadParameter("give either ids or --reason")
    with _office(config, data_dir, kafka, elasticsearch) as office:
        letters = list(office.find(Wanted(reason=reason))) if reason else _all(office, ids or [])
        _tell(office.retry(letters, who()), as_json)


@app.command("drop")
def drop(
    ids: Ids = None,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give dead letters up: noted with who and when; their bytes stay in the topic."""
    if not ids:
        raise typer.BadParameter("give at least one id")
    with _office(config, data_dir, kafka, elasticsearch) as office:
        _tell(office.drop(_all(office, ids), who()), as_json)


def who() -> str:
    """The person at the keyboard: `name@machine`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "unknown"
    return f"{name}@{socket.gethostname()}"


def json_of(letter: "Letter") -> dict[str, Any]:
    """A letter as a JSON object; `id` is its own, `article` the message's key."""
    fields = asdict(letter)
    fields.pop("writing")
    told = {"id": fields.pop("number"), "article": fields.pop("id"), **fields}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in told.items()}


def _office(*given: Any) -> "Office":
    from connectors.dead.office import Office

    return Office(stack_settings(*given))


def _all(office: "Office", ids: Sequence[str]) -> list["Letter"]:
    """The letters with these ids, each once."""
    found: dict[str, Letter] = {}
    for id in ids:
        letters = office.named(id)
        if not letters:
            raise DongtinError(
                f"no dead letter {id}: dongtin dead list --all shows which there are"
            )
        found |= {letter.number: letter for letter in letters}
    return list(found.values())


def _tell(results: Sequence["Done"], as_json: bool) -> None:
    if as_json:
        rows = [{"id": r.letter.number, "done": r.done, "what": r.what} for r in results]
        print_json({"letters": rows})
    else:
        console = Console()
        for result in results:
            console.print(f"{result.letter.number}  {result.what}", soft_wrap=True)
        console.print(f"{sum(result.done for result in results)} of {len(results)}")
    if any(not result.done and result.letter.state == "open" for result in results):
        raise typer.Exit(1)


def _text(content: bytes | None) -> str | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return None


def _shown(letter: "Letter", content: bytes | None) -> str:
    """The bytes as text where they are text."""
    if content is None:
        return f"(its bytes are no longer at {letter.place})"
    text = _text(content)
    if text is None:
        return f"(no text: {len(content)} bytes; --raw writes them)\n{content[:_HEAD].hex(' ')}"
    return f"\n{text}"
