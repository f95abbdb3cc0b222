"""What an app wants begun in every process that serves the web, and in no command or worker."""

from __future__ import annotations

from collections.abc import Callable

_begun: list[Callable[[], None]] = []


def at_web_start(function: Callable[[], None]) -> None:
    """Register from AppConfig.ready(); registering again changes nothing."""
    if function not in _begun:
        _begun.append(function)


def web_started() -> None:
    """The process can take requests: called once, by wsgi."""
    for function in _begun:
        function()
