"""Links: the short addresses that lead to shops and say who led there."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote_plus
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from advocates.enums import LinkState
from advocates.link_names import name_link
from advocates.models import Advocate, Enrolment, Link, Product, Publication, Shop
from advocates.pasted import read_code
from advocates.refusals import Refusal
from advocates.shops import UnableToReadAddress, allows, read_address

#: The parameter that tells a shop which click led to an order.
CLICK_PARAMETER = "vp_click"
#: Digits and letters that cannot be taken for each other, without vowels, so that no code spells a word.
CODE_ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
CODE_LENGTH = 8
_LONGEST_CHANNEL = 30
_MAX_URL_CHARS = 2000


class UnableToCreateLink(Refusal):
    """The link cannot be made; `errors` says why, under "url", "channel" or ""."""


class UnableToLead(Exception):
    """The link leads nowhere that its shop allows; the message says so."""


def link_for(*, publication: Publication, product: Product, at: datetime) -> Link:
    """The link of a product in a publication; made once, and the same ever after.

    It belongs to the author if she is an advocate, and to nobody if she is not.
    """
    advocate = Advocate.objects.filter(user=publication.author_id).first()
    return links_for(publication=publication, products=[product], advocate=advocate, at=at)[product.pk]


def house_links(*, products: Sequence[Product], at: datetime) -> dict[int, Link]:
    """The links that stand beside products outside of any publication, by product id; nobody earns on them."""
    return links_for(publication=None, products=products, advocate=None, at=at)


def links_for(
    *, publication: Publication | None, products: Sequence[Product], advocate: Advocate | None, at: datetime
) -> dict[int, Link]:
    """The links of several products in one publication, by product id, in a fixed number of queries.

    They are this advocate's, who wrote it. What belonged to nobody, because she was none yet, becomes hers.
    """
    if advocate is not None:
        nobodys = Link.objects.filter(
            publication=publication, product__in=products, channel="", advocate=None
        )
        nobodys.update(advocate=advocate)
    return links_by(publication=publication, wanted=[(product, advocate) for product in products], at=at)


def links_by(
    *,
    publication: Publication | None,
    wanted: Sequence[tuple[Product, Advocate | None]],
    at: datetime,
) -> dict[int, Link]:
    """The links of products in one publication, each of the advocate named beside it, by product id.

    Each is made once, in a fixed number of queries. A product stands in `wanted` once.
    """
    advocates = {product.pk: advocate.pk if advocate else None for product, advocate in wanted}
    products = [product for product, _advocate in wanted]
    own = Link.objects.filter(publication=publication, product__in=products, channel="")
    while True:
        links = {
            link.product_id: link
            for link in own.all()
            if link.product_id and link.advocate_id == advocates[link.product_id]
        }
        missing = [(product, advocate) for product, advocate in wanted if product.pk not in links]
        if not missing:
            return links
        # A code may be taken, or another request may mention the same at once: what conflicts is left out,
        # and the next look finds the other's link or tries another code.
        Link.objects.bulk_create(
            (
                Link(
                    code=new_code(),
                    shop_id=product.shop_id,
                    advocate=advocate,
                    product=product,
                    publication=publication,
                    created_at=at,
                )
                for product, advocate in missing
            ),
            ignore_conflicts=True,
        )


def create_link(
    *,
    advocate: Advocate,
    product: Product | None = None,
    url: str = "",
    shop: Shop | None = None,
    channel: str = "",
    name: str = "",
    at: datetime,
) -> Link:
    """A link of an advocate's own, to a product or to a page of a shop, for a channel of hers ("newsletter").

    Without `shop` the page's host says which shop it is. Asking again for the same gives the same link; for
    another name than it has, another link: what was printed or said leads on. Raises UnableToCreateLink where she
    has no deal with the shop, or the page is not one of the shop's, and UnableToNameLink.
    """
    channel = " ".join(channel.split())
    if len(channel) > _LONGEST_CHANNEL:
        raise UnableToCreateLink(
            {"channel": [_("Use at most %(limit)d characters.") % {"limit": _LONGEST_CHANNEL}]}
        )
    if product is not None:
        shop, target_url = product.shop, ""
    else:
        shop, target_url = _page_of(advocate=advocate, url=url.strip(), shop=shop, at=at)
    if not Enrolment.objects.active(at=at).filter(advocate=advocate, programme__shop=shop).exists():
        raise UnableToCreateLink(
            _("You have no deal with %(shop)s yet: ask to join its programme first.") % {"shop": shop.name}
        )
    wanted = {"advocate": advocate, "shop": shop, "product": product, "target_url": target_url}
    known = Link.objects.active().filter(**wanted, channel__iexact=channel, publication=None)
    if name.strip():
        known = known.filter(name__in=["", slugify(name)])
    # Named in one step with the making: a name that cannot be leaves no link behind.
    with transaction.atomic():
        link = known.order_by("-name", "pk").first()
        link = link or _save_under_free_code(Link(**wanted, channel=channel, created_at=at))
        return name_link(link=link, name=name) if name.strip() else link


def _page_of(*, advocate: Advocate, url: str, shop: Shop | None, at: datetime) -> tuple[Shop, str]:
    """The shop and the clean address of a page that an advocate wants to link to."""
    try:
        parts = read_address(url)
    except UnableToReadAddress:
        raise UnableToCreateLink(
            {"url": [_("Write the whole web address of the page, like https://shop.example/product.")]}
        ) from None
    if len(parts.geturl()) > _MAX_URL_CHARS:
        raise UnableToCreateLink(
            {"url": [_("The address is longer than %(limit)d characters.") % {"limit": _MAX_URL_CHARS}]}
        )
    if shop is None:
        # Should two shops share a host, hers goes first.
        shops = Shop.objects.filter(allowed_hosts__contains=[parts.netloc]).order_by("pk")
        joined = Enrolment.objects.active(at=at).filter(advocate=advocate)
        shop = shops.filter(programmes__enrolments__in=joined).first() or shops.first()
    if shop is None:
        raise UnableToCreateLink({"url": [_("No shop here sells on %(host)s.") % {"host": parts.netloc}]})
    if parts.netloc not in shop.allowed_hosts:
        raise UnableToCreateLink(
            {
                "url": [
                    _("%(host)s is not a host of %(shop)s. Its pages are on %(hosts)s.")
                    % {"host": parts.netloc, "shop": shop.name, "hosts": ", ".join(shop.allowed_hosts)}
                ]
            }
        )
    return shop, parts.geturl()


def assign_links(*, advocate: Advocate) -> int:
    """Give an advocate the links in her publications that belonged to nobody yet; the number of them.

    What was clicked before stays nobody's: she had no deal then.
    """
    nobodys = Link.objects.filter(publication__author=advocate.user_id, advocate=None)
    return nobodys.update(advocate=advocate)


def find_link(text: str) -> Link | None:
    """The link that somebody meant (`read_code`), with its shop, product, publication and advocate; one query."""
    code = read_code(text)
    if not code:
        return None
    links = Link.objects.select_related("shop", "product", "publication", "advocate")
    return links.filter(code=code).first()


def destination(*, link: Link, click_id: UUID | None) -> str:
    """Where the link leads now, with `vp_click` for the click, and nothing else of the address changed.

    Without a click id any `vp_click` that the address carried is taken out. Raises UnableToLead unless the
    address is http(s) on a host that the shop allows today.
    """
    url = link.product.url if link.product is not None else link.target_url
    if not allows(allowed_hosts=link.shop.allowed_hosts, url=url):
        raise UnableToLead(
            _("This link leads to an address that %(shop)s has not named as its own.")
            % {"shop": link.shop.name}
        )
    parts = read_address(url)
    pairs = [
        pair
        for pair in (parts.query.split("&") if parts.query else [])
        if unquote_plus(pair.partition("=")[0]) != CLICK_PARAMETER
    ]
    if click_id is not None:
        pairs.append(f"{CLICK_PARAMETER}={click_id}")
    return parts._replace(query="&".join(pairs)).geturl()


def retire_link(*, link: Link) -> Link:
    """Let a link lead nowhere any more; who follows it is told so. Only an active link can be retired."""
    Link.objects.filter(pk=link.pk, state=LinkState.ACTIVE).update(state=LinkState.RETIRED)
    link.refresh_from_db(fields=["state"])
    return link


def reopen_link(*, link: Link) -> Link:
    """Let a retired link lead again; one that was suspended stays so."""
    Link.objects.filter(pk=link.pk, state=LinkState.RETIRED).update(state=LinkState.ACTIVE)
    link.refresh_from_db(fields=["state"])
    return link


def suspend_link(*, link: Link) -> Link:
    """Stop a link that is being abused; `restore_link` lets it lead again."""
    Link.objects.filter(pk=link.pk).update(state=LinkState.SUSPENDED)
    link.refresh_from_db(fields=["state"])
    return link


def restore_link(*, link: Link) -> Link:
    Link.objects.filter(pk=link.pk).update(state=LinkState.ACTIVE)
    link.refresh_from_db(fields=["state"])
    return link


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH))


def _save_under_free_code(link: Link) -> Link:
    while True:
        link.code = new_code()
        try:
            with transaction.atomic():
                link.save(force_insert=True)
        except IntegrityError:
            if not Link.objects.filter(code=link.code).exists():
                raise
        else:
            return link
