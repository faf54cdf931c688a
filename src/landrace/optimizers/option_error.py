"""What a strategy says of an option that suits neither the prompt nor the machine."""

from __future__ import annotations

from landrace.errors import ConfigError


class OptionError(ConfigError):
    """``path`` leads to the option; which file has it, a strategy does not know."""

    def __init__(self, problem: str, path: tuple[str, ...], fix: str | None = None) -> None:
        super().__init__(problem, fix=fix)
        self.path = path


class NotInstalledError(OptionError):
    """An option needs what another machine may have and this one lacks."""
