"""A shop's products: the list, and the feeds that keep it current."""

from uuid import uuid4

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.desk_forms import FeedForm
from advocates.enums import Availability, ImportState
from advocates.models import FeedImport, Product, Shop
from advocates.product_import import announce_import
from advocates.tasks import take_in_feed
from advocates.views.desk import of_shop, page_of, person, query_of

_LONGEST_QUERY = 200


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
