"""Letters: what is mailed, as text and as HTML, in the language of who reads it.

A letter is made here and sent by who asked for it, outside of every transaction.
"""

import email.policy
from collections.abc import Mapping
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

if TYPE_CHECKING:
    from community.models import User


class _WholeHeader(UnstructuredHeader, BaseHeader):
    """A header that stays on its line: folding would encode an address too long for it, and mail programs do not
    decode one (RFC 2369, section 2).
    """

    def fold(self, *, policy: Any) -> str:
        """The header as it is sent."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _WholeHeader)


class Letter(EmailMultiAlternatives):
    """A mail as text and as HTML whose way to unsubscribe arrives unbroken."""

    def message(self, *, policy: Any = email.policy.default) -> EmailMessage:
        """The mail as it is sent."""
        return super().message(policy=policy.clone(header_factory=_HEADERS))


def letter(
    *,
    name: str,
    to: str,
    language: str,
    context: Mapping[str, Any],
    sender: str = "",
    headers: Mapping[str, str] | None = None,
) -> Letter:
    """The letter of templates/emails/<name>, ready to be sent. `sender` is named before the site's own address."""
    values = {"site_url": settings.SITE_URL, "language": language, **context}
    with translation.override(language):
        subject = render_to_string(f"emails/{name}.subject.txt", values)
        text = render_to_string(f"emails/{name}.txt", values)
        html = render_to_string(f"emails/{name}.html", values)
    made = Letter(
        # A name with a line break in it would be a header of its own.
        subject=" ".join(subject.split()),
        body=text,
        from_email=_from(sender),
        to=[to],
        headers=dict(headers or {}),
    )
    made.attach_alternative(html, "text/html")
    return made


def address_for(reader: "User", name: str, *args: object) -> str:
    """The whole address of a page, in the language of who reads the letter."""
    with translation.override(reader.language):
        return settings.SITE_URL + reverse(name, args=args)


def _from(sender: str) -> str:
    if not sender:
        return settings.DEFAULT_FROM_EMAIL
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join(sender.split()), address))
