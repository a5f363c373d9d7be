"""What the environment says, read in one place: a value that cannot be right is refused by the name of its variable.

Every variable is a row of the table in docs/operations.md; a test compares the two.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def require(*names: str) -> None:
    """Refuse to start while one of these is empty; raises ImproperlyConfigured with all that are."""
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"Set these in the environment (docs/operations.md): {', '.join(missing)}."
        )


def text(name: str, default: str = "") -> str:
    """The variable as it stands; an empty one counts as not set."""
    return os.environ.get(name) or default


def names(name: str) -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    """A folder of this machine."""
    return Path(text(name, str(default)))


def whole_number(name: str, default: int) -> int:
    """A number from zero up."""
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, like {default}: it is {value!r}.")
    return int(value)


def days_of_month(name: str, value: str) -> list[int]:
    """The days in `value`, separated by commas, in order; only such as every month has. `name` is the variable's."""
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() and 1 <= int(part) <= 28 for part in parts):  # noqa: PLR2004 -- February's last
        raise ImproperlyConfigured(
            f"{name} must be days of the month between 1 and 28, like 1,16: it is {value!r}."
        )
    return sorted({int(part) for part in parts})


def choice(name: str, options: tuple[str, ...]) -> str:
    """One of these words; the first when nothing is set."""
    value = text(name, options[0])
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}: it is {value!r}.")
    return value


def site_address(name: str, default: str) -> str:
    """Scheme and host of a site, without a path: `https://example.org`."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"{name} must be a scheme and a host without a path, like {default}: it is {value!r}."
        )
    return value
