"""Writes the pages and files that are made from the code: `python -m deploy.docs` (`make docs`).

A page is a function that returns its text, and an entry in `PAGES`; tests/test_docs_generated.py fails
where a page is not what its function says.
"""

from collections.abc import Callable
from pathlib import Path

from deploy.grafana.dashboard import dashboard
from deploy.kibana.objects import declared, lines, objects
from deploy.reference import configuration, schemas
from streams.metrics import Metric, all_metrics

ROOT = Path(__file__).resolve().parents[1]

_MADE = "<!-- Made from the code by `make docs`: change the code, not this page. -->\n"


def metrics_page() -> str:
    """docs/metrics.md: every metric with its type, labels and meaning."""
    return (
        f"{_MADE}\n# Metrics\n\n"
        "Every process serves them on `/metrics`; `dongtin status` tells where. Times are seconds; a\n"
        "`timestamp` is Unix time. An outlet is a label; an address, an id or a key never is.\n\n"
        "| metric | type | labels | what it tells |\n| --- | --- | --- | --- |\n"
        + "".join(map(_metric_row, all_metrics()))
        + "\nBeside these each process serves the usual `process_*` and `python_*` of prometheus_client.\n"
    )


def _metric_row(metric: Metric) -> str:
    kind = type(metric).__name__.lower()
    name = f"{metric._name}_total" if kind == "counter" else metric._name
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)
    return f"| `{name}` | {kind} | {labels} | {metric._documentation} |\n"


#: Path from the project's root -> its text.
PAGES: dict[str, Callable[[], str]] = {
    "docs/metrics.md": metrics_page,
    "deploy/grafana/dashboards/dongtin.json": dashboard,
    "deploy/kibana/dongtin.ndjson": lambda: lines(objects(declared())),
    "docs/configuration.md": lambda: f"{_MADE}\n{configuration()}",
    "docs/schemas.md": lambda: f"{_MADE}\n{schemas()}",
}


def stale() -> list[str]:
    """Pages on disk that are not what the code says."""
    return [at for at, text in PAGES.items() if not _is(ROOT / at, text())]


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def main() -> None:
    """Writes every page that is not as it should be."""
    for at in stale():
        (ROOT / at).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / at).write_text(PAGES[at](), encoding="utf-8")


if __name__ == "__main__":
    main()
