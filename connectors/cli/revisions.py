"""`dongtin revisions`: what an edited article said before, and what changed."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.cli.accounts import stack_settings
from connectors.cli.common import print_json
from connectors.cli.options import (
    AsJson,
    Config,
    DataDir,
    ElasticsearchUrl,
)
from streams.changes import Change
from streams.identity import article_id, canonical_url
from streams.terminal import Console, table

if TYPE_CHECKING:
    from connectors.elasticsearch.captures import Capture

_ID = re.compile(r"[0-9a-f]{32}")


def revisions(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="The article's address, or its id.")
    ],
    config: Config = None,
    data_dir: DataDir = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Tell the captures of an article, and which documents and people each one gained and lost.

    An edited article keeps its id; every wording that was ever fetched is kept. Exit status 1: the
    article is not known.
    """
    from connectors.elasticsearch.captures import captures
    from connectors.elasticsearch.client import connect

    settings = stack_settings(config, data_dir, None, elasticsearch).elasticsearch
    with connect(settings) as client:
        found = captures(client, settings.prefix, _id_of(article))
    if as_json:
        told = {"article": _id_of(article), "captures": [json_of(one) for one in found]}
        print_json(told)
    elif found:
        _show(found)
    else:
        Console(stderr=True).print("no capture of this article is known")
    raise typer.Exit(0 if found else 1)


def _id_of(article: str) -> str:
    if _ID.fullmatch(article):
        return article
    try:
        return article_id(canonical_url(article))
    except ValueError:
        raise typer.BadParameter(f"{article!r} is neither an article's address nor an id") from None


def json_of(capture: "Capture") -> dict[str, Any]:
    """A capture as `--json` tells it."""
    return {
        "capture": capture.id,
        "fetched_at": capture.fetched_at.isoformat(),
        "url": capture.url,
        "outlet": capture.outlet,
        "title": capture.title,
        "documents": {
            "gained": dict(capture.documents.gained),
            "lost": dict(capture.documents.lost),
        },
        "people": {"gained": dict(capture.people.gained), "lost": dict(capture.people.lost)},
    }


def _show(found: tuple["Capture", ...]) -> None:
    console = Console()
    told = f"{found[0].outlet}  {found[0].url}\nid {found[0].article}\n"
    console.print(told, soft_wrap=True)
    rows = table("fetched (UTC)", "title", "documents", "people", show_lines=True)
    rows.columns[0].no_wrap = True
    for capture in found:
        rows.add_row(
            f"{capture.fetched_at:%Y-%m-%d %H:%M:%S}",
            capture.title,
            _words(capture.documents),
            _words(capture.people),
        )
    console.print(rows)


def _words(one: Change) -> str:
    signs = (("+", one.gained), ("-", one.lost))
    return "\n".join(
        f"{sign} {key}" + (f" ({count} times)" if count > 1 else "")
        for sign, counts in signs
        for key, count in counts.items()
    )
