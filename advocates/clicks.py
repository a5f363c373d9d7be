"""Clicks: what somebody who follows a link is answered, and what is kept of it.

The rules of `/go/` stand here once. Two that answer it speak them: the ordinary view (advocates/views/go.py) and the
quick way on the event loop (advocates/redirect).
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils.encoding import iri_to_uri

from advocates import consent
from advocates.enums import TouchKind
from advocates.links import destination
from advocates.models import Link, Touch
from advocates.networks import network_hash
from advocates.touches import is_counted, key_in, new_visitor_key
from advocates.uuid7 import uuid7

#: Stands in an address where the id of a click will.
_SOME_CLICK = UUID(int=(1 << 128) - 1)
#: What search engines hang on the address of an advertisement: Google's three ids and its source, Microsoft's,
#: Google Marketing's, Yahoo's and Yandex's.
_PAID = re.compile(r"(?i)(?:^|[?&;])(?:gclid|gbraid|wbraid|gad_source|gclsrc|msclkid|dclid|yclid)=[^&;#]")


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a link leads, and whom a click on it credits: all that answering needs of the rows.

    `plain` is the address without a click; `before` and `after` stand around its id. `author` is the user who is
    the advocate.
    """

    link: int
    shop: int
    country: str
    advocate: int | None
    author: int | None
    publication: int | None
    product: int | None
    plain: str
    before: str
    after: str

    def address(self, click: UUID) -> str:
        return f"{self.before}{click}{self.after}"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request for a link says. Names of headers are asked for in small letters."""

    method: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    query: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Click:
    """A touch of the kind "click", as it will be stored; names are those of the row's columns."""

    id: UUID
    visitor_key: UUID | None
    shop_id: int
    advocate_id: int | None
    link_id: int
    publication_id: int | None
    product_id: int | None
    is_own: bool
    network: int | None
    is_paid_search: bool
    occurred_at: datetime


#: A click as the database has it: the column of each field, with its type.
COLUMNS = {
    "id": "uuid",
    "visitor_key": "uuid",
    "shop_id": "bigint",
    "advocate_id": "bigint",
    "link_id": "bigint",
    "publication_id": "bigint",
    "product_id": "bigint",
    "is_own": "boolean",
    "network": "bigint",
    "is_paid_search": "boolean",
    "occurred_at": "timestamptz",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Where to send the visitor, the click to store first, and what becomes of the visitor's cookie.

    `remember` is a key to set it to; `is_forgotten` takes it away.
    """

    location: str
    click: Click
    remember: UUID | None
    is_forgotten: bool


def lead_of(link: Link) -> Lead:
    """What a link says now. Raises UnableToLead where it leads to no host that its shop allows."""
    # As a header can carry it: that is done to each click's address otherwise.
    address = iri_to_uri(destination(link=link, click_id=_SOME_CLICK))
    before, _click, after = address.rpartition(str(_SOME_CLICK))
    return Lead(
        link=link.pk,
        shop=link.shop_id,
        country=link.shop.country,
        advocate=link.advocate_id,
        author=link.advocate.user_id if link.advocate is not None else None,
        publication=link.publication_id,
        product=link.product_id,
        plain=iri_to_uri(destination(link=link, click_id=None)),
        before=before,
        after=after,
    )


def is_click(visit: Visit) -> bool:
    """Whether somebody clicked; anything else is led to the same place, and is not kept."""
    agent = visit.headers.get("user-agent", "")
    return is_counted(user_agent=agent, method=visit.method, headers=visit.headers)


def answer_click(*, lead: Lead, visit: Visit, user: int | None) -> Answer:
    """What a click is answered, by whom is logged in (or None). The click is to be stored before the answer leaves."""
    known = key_in(visit.cookies)
    key = None
    if consent.may_recognise(country=lead.country, headers=visit.headers, cookies=visit.cookies):
        key = known or new_visitor_key()
    click = click_on(
        lead,
        visitor_key=key,
        user=user,
        network=network_hash(visit.address, visit.at.astimezone(UTC).date()),
        is_paid_search=is_paid_search(visit.query, visit.headers.get("referer", "")),
        at=visit.at,
    )
    return Answer(
        location=lead.address(click.id),
        click=click,
        remember=key if known is None else None,
        is_forgotten=consent.is_refused(headers=visit.headers, cookies=visit.cookies),
    )


def click_on(
    lead: Lead,
    *,
    visitor_key: UUID | None,
    user: int | None = None,
    network: int | None = None,
    is_paid_search: bool = False,
    at: datetime,
) -> Click:
    """A click on a link, by whom is logged in (or None); one by the link's own advocate is marked.

    `visitor_key` None: the click stands for itself.
    """
    return Click(
        id=uuid7(at=at),
        visitor_key=visitor_key,
        shop_id=lead.shop,
        advocate_id=lead.advocate,
        link_id=lead.link,
        publication_id=lead.publication,
        product_id=lead.product,
        is_own=user is not None and user == lead.author,
        network=network,
        is_paid_search=is_paid_search,
        occurred_at=at,
    )


def is_paid_search(query: str, referer: str) -> bool:
    """Whether an advertisement in a search engine led here: by the link's own address, or the page's it stood on."""
    return bool(query and _PAID.search(query)) or bool(referer and _PAID.search(referer.partition("?")[2]))


def store_click(click: Click) -> Touch:
    """Store a click by itself, committed when this returns: no sale can arrive before it."""
    touch = Touch(kind=TouchKind.CLICK, **asdict(click))
    with transaction.atomic(durable=True, savepoint=False):
        touch.save(force_insert=True)
    return touch
