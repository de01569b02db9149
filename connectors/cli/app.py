"""Typer as our commands use it: a docstring's lines are no lines of the help."""

import inspect
from collections.abc import Callable
from typing import Any

import typer


class App(typer.Typer):
    """Its commands' help is their docstring, each paragraph as wide as the terminal: Typer keeps the line
    breaks of all but the first."""

    def command(  # type: ignore[override]  # its options are passed on
        self, name: str | None = None, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """As Typer's."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            told = inspect.cleandoc(function.__doc__ or "")
            paragraphs = (" ".join(paragraph.split()) for paragraph in told.split("\n\n"))
            given = {"help": "\n\n".join(paragraphs), **options}
            return super(App, self).command(name, **given)(function)

        return register
