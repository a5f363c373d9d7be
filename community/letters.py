"""Letters: what is mailed, as text and as HTML, in the language of who reads it.

A letter is made here and sent by who asked for it, outside of every transaction.
"""

from collections.abc import Mapping
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def letter(
    *,
    name: str,
    to: str,
    language: str,
    context: Mapping[str, Any],
    sender: str = "",
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """The letter of templates/emails/<name>, ready to be sent. `sender` is named before the site's own address."""
    values = {"site_url": settings.SITE_URL, "language": language, **context}
    with translation.override(language):
        subject = render_to_string(f"emails/{name}.subject.txt", values)
        text = render_to_string(f"emails/{name}.txt", values)
        html = render_to_string(f"emails/{name}.html", values)
    made = EmailMultiAlternatives(
        # A name with a line break in it would be a header of its own.
        subject=" ".join(subject.split()),
        body=text,
        from_email=_from(sender),
        to=[to],
        headers=dict(headers or {}),
    )
    made.attach_alternative(html, "text/html")
    return made


def _from(sender: str) -> str:
    if not sender:
        return settings.DEFAULT_FROM_EMAIL
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join(sender.split()), address))
