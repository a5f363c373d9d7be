"""A shop's products: the list, and the feeds that keep it current."""

from http import HTTPStatus
from uuid import uuid4

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates import crafts, product_pictures
from advocates.desk_forms import CraftForm, FeedForm, PictureOrderForm
from advocates.enums import Availability, ImportState
from advocates.models import Craft, FeedImport, Product, Shop
from advocates.product_import import announce_import
from advocates.tasks import take_in_feed
from advocates.views.desk import of_shop, page_of, person, query_of

_LONGEST_QUERY = 200
_LARGEST_ID = 2**63 - 1


@of_shop
def desk_products(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The products with price and availability; `?q=` searches, `?show=` filters by availability."""
    query = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:_LONGEST_QUERY]
    only = request.GET.get("show", "")
    products = Product.objects.filter(shop=shop)
    has_any = products.exists()
    if query:
        products = products.filter(
            Q(title__icontains=query)
            | Q(external_id__iexact=query)
            | Q(gtin=query)
            | Q(brand__icontains=query)
        )
    if only in Availability.values:
        products = products.filter(offer__availability=only)
    at = timezone.now()
    page = page_of(request, products.with_offer().order_by("title", "pk"))
    for product in page.object_list:
        offer = getattr(product, "offer", None)
        product.price_minor = offer.current_minor(at=at) if offer else None
    context = {
        "shop": shop,
        "page_of_products": page,
        "query": query,
        "pagination_query": query_of(request),
        "only": only,
        "has_any": has_any,
        "availabilities": Availability.choices,
        "latest": shop.feed_imports.first(),
    }
    return render(request, "desk/products.html", context)


@of_shop
def desk_product(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One product: how it is made, in the shop's words; its pictures and their order; and what is missing."""
    product, at = _product(shop, pk), timezone.now()
    form = CraftForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            crafts.describe_craft(product=product, at=at, **form.cleaned_data)
        except crafts.CraftChangedElsewhere as changed:
            form = _with_typed(request.POST, current=changed.current)
            return _product_page(request, shop, product, form=form, theirs=changed.current, status=409)
        messages.success(request, _("Saved. Buyers read it on the product’s page."))
        return redirect("advocates:desk_product", shop.slug, product.pk)
    return _product_page(request, shop, product, form=form, status=422 if form is not None else 200)


@require_POST
@of_shop
def desk_product_pictures(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Move one picture of a product."""
    product = _product(shop, pk)
    form = PictureOrderForm(request.POST)
    ids = product_pictures.picture_ids(product)
    if not form.is_valid() or form.cleaned_data["picture"] not in ids:
        problem = _("That picture is no longer there. Look at them, and order them again.")
        return _product_page(request, shop, product, picture_problem=problem, status=422)
    moved, based_on = form.cleaned_data["picture"], form.cleaned_data["based_on"]
    order = [other for other in ids if other != moved]
    place = {"first": 0, "up": max(0, ids.index(moved) - 1), "down": ids.index(moved) + 1}
    order.insert(place[form.cleaned_data["to"]], moved)
    try:
        product_pictures.order_pictures(product=product, picture_ids=order, based_on=based_on)
    except product_pictures.UnableToOrderPictures as error:
        return _product_page(request, shop, product, picture_problem=str(error), status=409)
    return redirect(f"{reverse('advocates:desk_product', args=[shop.slug, product.pk])}#picture-{moved}")


def _product(shop: Shop, pk: int) -> Product:
    found: Product = get_object_or_404(
        Product.objects.with_offer().filter(shop=shop), pk=pk if pk <= _LARGEST_ID else 0
    )
    return found


def _with_typed(typed: QueryDict, *, current: Craft | None) -> CraftForm:
    """The form with what was typed, based on the words that stand there now: sending it again is meant."""
    data = typed.copy()
    data["based_on"] = crafts.digest_of(current)
    return CraftForm(data)


def _product_page(
    request: HttpRequest,
    shop: Shop,
    product: Product,
    *,
    form: CraftForm | None = None,
    theirs: Craft | None = None,
    picture_problem: str = "",
    status: int = 200,
) -> HttpResponse:
    craft = crafts.craft_of(product)
    pictures = [picture for _url, picture in product_pictures.pictures_of(product)]
    words = {field: getattr(craft, field, "") for field in crafts.FIELDS}
    context = {
        "shop": shop,
        "product": product,
        "craft": craft,
        "form": form or CraftForm(initial={**words, "based_on": crafts.digest_of(craft)}),
        "is_conflict": status == HTTPStatus.CONFLICT and form is not None,
        "theirs": theirs,
        "pictures": pictures,
        "based_on": ",".join(str(picture.pk) for picture in pictures),
        "picture_problem": picture_problem,
        "problems": product_pictures.problems_of(product),
        "gaps": crafts.gaps_of(product=product, craft=craft, pictures=len(pictures), at=timezone.now()),
    }
    return render(request, "desk/product.html", context, status=status)


@of_shop
def desk_import_new(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Upload a feed; a worker takes it in, and the import's page tells how it goes."""
    form = FeedForm(request.POST, request.FILES) if request.method == "POST" else FeedForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        stored_as = default_storage.save(f"feeds/{uuid4().hex}", file)
        announced = announce_import(
            shop=shop,
            file_name=file.name,
            is_full=form.cleaned_data["is_full"],
            started_by=person(request),
            at=timezone.now(),
        )
        take_in_feed.enqueue(announced.pk, stored_as)
        messages.success(request, _("Your feed has arrived."))
        return redirect("advocates:desk_import", shop.slug, announced.pk)
    context = {
        "shop": shop,
        "form": form,
        "page_of_imports": page_of(request, shop.feed_imports.select_related("started_by")),
    }
    return render(request, "desk/import_new.html", context, status=422 if form.is_bound else 200)


@of_shop
def desk_import(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """What came of one feed: the counts, and each row or field that could not be taken in, with its reason."""
    feed_import = get_object_or_404(FeedImport.objects.select_related("started_by"), pk=pk, shop=shop)
    context = {
        "shop": shop,
        "feed_import": feed_import,
        "is_running": feed_import.state == ImportState.RUNNING,
        "page_of_errors": page_of(request, feed_import.errors.all()),
    }
    template = "desk/import.html#result" if request.headers.get("HX-Request") else "desk/import.html"
    return render(request, template, context)
