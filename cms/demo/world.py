"""Builds the demo world out of `cms.demo.content`, through the verbs that real people go through."""

import io
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from advocates.codes import create_code
from advocates.deals import BonusTerm, Terms, TierTerm, publish_deal
from advocates.enrolments import approve_enrolment, request_to_join
from advocates.enums import AttributionModel, CodePrecedence, PublicationState, Relation, ShopRole
from advocates.models import Enrolment, Product, Programme, Publication, Shop
from advocates.product_import import import_products
from advocates.programmes import create_programme, fund_programme, open_programme
from advocates.shops import add_member, change_shop, create_shop
from cms import posts
from cms.demo import content
from cms.demo.content import records
from cms.demo.drawings import Drawings, drawing
from cms.models import PostPage, ThemePage
from cms.site_tree import MODERATORS, plant_site, plant_theme_pages
from community import boards, hotspots, pins
from community.enums import ProfileRole
from community.models import Board, Picture, Profile, Theme, User
from community.pictures import store_picture
from community.profiles import create_profile
from community.search_words import refresh_search_words
from payouts.models import Payer
from payouts.payers import set_billing_details

DOMAIN = "voorspraak.example"
_DAYS = 95
_FEE_BPS = 500

#: Terms of each shop's programme, in the order of the shops.
_TERMS = (
    Terms(
        rate_bps=1000,
        model=AttributionModel.POSITION,
        window_days=45,
        hold_days=30,
        cap_minor=5000,
        counts_views=True,
        counts_saves=True,
        counts_answers=True,
        tiers=(TierTerm(from_order=4, extra_bps=100), TierTerm(from_order=8, extra_bps=250)),
        bonuses=(BonusTerm(orders=10, amount_minor=2500),),
    ),
    Terms(
        rate_bps=800,
        model=AttributionModel.DECAY,
        hold_days=14,
        code_precedence=CodePrecedence.SHARED,
        new_customer_rate_bps=1200,
    ),
    Terms(
        rate_bps=1200,
        model=AttributionModel.LINEAR,
        hold_days=30,
        code_precedence=CodePrecedence.LINK_WINS,
    ),
)
#: What each shop sets aside, where it does.
_BUDGETS_MINOR = (None, None, 150_000)

Say = Callable[[str], None]


@dataclass
class World:
    """The rows of the demo by the names that the content gives them."""

    seed: int
    now: datetime
    webshop_url: str
    say: Say
    drawings: Drawings
    people: dict[str, User] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    themes: dict[str, Theme] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    publications: dict[str, Publication] = field(default_factory=dict)


def address_of(username: str) -> str:
    """The e-mail address of a person of the demo."""
    return f"{username}@{DOMAIN}"


def build_world(*, seed: int, now: datetime, webshop_url: str, hostname: str, port: int, say: Say) -> World:
    """Build the whole world into an empty, migrated database: people, what they sell, and what they published."""
    with drawing() as drawings:
        world = World(seed=seed, now=now, webshop_url=webshop_url, say=say, drawings=drawings)
        _start_drawing(drawings)
        plant_site(hostname=hostname, port=port)
        _make_people(world)
        _make_shops(world)
        _make_products(world)
        _make_themes(world)
        _make_deals(world)
        _make_boards(world)
        _make_posts(world)
    refresh_search_words()
    return world


def _start_drawing(drawings: Drawings) -> None:
    for person in content.PEOPLE:
        drawings.start(f"person {person.username}", person)
    for shop in content.SHOPS:
        drawings.start(f"shop {shop.slug}", shop)
    for product in content.PRODUCTS:
        drawings.start(f"product {product.id}", product)
    for theme in content.THEMES:
        drawings.start(f"theme {theme.slug}", theme.picture)
    for board in content.BOARDS:
        _start_numbered(drawings, f"board {board.slug}", [pin.photo for pin in board.pins])
    for post in content.POSTS:
        drawings.start(f"post {post.slug}", post.cover)
        _start_numbered(drawings, f"post {post.slug}", _pictures(post))


def _pictures(post: records.Post) -> list[records.PictureSpec]:
    """The pictures in a post's text, in order."""
    return [one for block in post.body for one in ((block.picture,) if block.picture else block.pictures)]


def _start_numbered(drawings: Drawings, key: str, specs: Sequence[records.PictureSpec | None]) -> None:
    for number, spec in enumerate(specs):
        if spec is not None:
            drawings.start(f"{key} {number}", spec)


def _make_people(world: World) -> None:
    world.say(f"{len(content.PEOPLE)} people")
    for person in content.PEOPLE:
        joined = world.now - timedelta(days=30 * person.months + _DAYS)
        user = User.objects.create_user(
            email=address_of(person.username),
            name=person.name,
            language=person.language,
            date_joined=joined,
            is_staff=person.part in {"moderator", "admin"},
            is_superuser=person.part == "admin",
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        role = ProfileRole(person.role if person.part == "advocate" else "customer")
        profile = create_profile(user=user, at=joined, handle=person.username, role=role)
        if person.part == "moderator":
            user.groups.add(Group.objects.get(name=MODERATORS))
        _dress(profile, person, world.drawings.take(f"person {person.username}"))
        world.people[person.username] = user


def _dress(profile: Profile, person: records.Person, portrait: io.BytesIO) -> None:
    profile.bio = person.bio
    profile.tagline = " · ".join([*person.topics, person.town])[:120]
    profile.portrait = store_picture(
        file=portrait, title=person.name, uploaded_by=profile.user, alt_text=f"Portret van {person.name}"
    )
    profile.save()


def _make_shops(world: World) -> None:
    world.say(f"{len(content.SHOPS)} shops")
    for told in content.SHOPS:
        shop = create_shop(
            owner=world.people[told.owner],
            name=told.name,
            homepage_url=f"{world.webshop_url}/{told.slug}/",
            tagline=told.tagline,
            at=world.now - timedelta(days=_DAYS),
        )
        change_shop(
            shop=shop,
            name=told.name,
            homepage_url=shop.homepage_url,
            tagline=told.tagline,
            story="\n\n".join(told.story),
        )
        shop.slug = told.slug
        shop.picture = store_picture(
            file=world.drawings.take(f"shop {told.slug}"),
            title=told.name,
            uploaded_by=world.people[told.owner],
            is_decorative=True,
        )
        shop.save(update_fields=["slug", "picture"])
        # The house asks a fee of each settlement; Stripe's own fees come out of it.
        Payer.objects.filter(pk=shop.payer_id).update(platform_fee_bps=_FEE_BPS)
        set_billing_details(
            payer=shop.payer,
            name=told.name,
            email=shop.payer.email,
            country="NL",
            vat_number="",
            street="Voorbeeldstraat 1",
            postal_code="1000 AB",
            city="Amsterdam",
        )
        world.shops[told.slug] = shop
    for person in content.PEOPLE:
        if person.shop and person.part == "advocate":
            shop = world.shops[person.shop]
            user = world.people[person.username]
            add_member(shop=shop, user=user, role=ShopRole.STAFF)
            Profile.objects.filter(user=user).update(works_at=shop)


def _make_products(world: World) -> None:
    world.say(f"{len(content.PRODUCTS)} products, each from its shop's feed")
    for told in content.SHOPS:
        shop, feed = world.shops[told.slug], io.BytesIO()
        shop_url = f"{world.webshop_url}/{told.slug}"
        content.write_feed(
            told,
            content.products_of(told),
            feed,
            shop_url=shop_url,
            picture_url=f"{shop_url}/pictures",
            broken_rows=told is content.SHOPS[0],
        )
        feed.seek(0)
        import_products(
            shop=shop, file=feed, file_name=f"{told.slug}.xml", at=world.now, started_by=shop.members.first()
        )
        for product in Product.objects.filter(shop=shop).select_related("offer"):
            drawn = world.drawings.take(f"product {product.external_id}")
            product.picture = store_picture(
                file=drawn, title=product.title, uploaded_by=None, alt_text=product.title
            )
            # Drawn here already: nobody has to fetch it from the webshop.
            product.picture_url, product.pictures_due_at = product.image_urls[0], None
            product.save(update_fields=["picture", "picture_url", "pictures_due_at"])
            world.products[product.external_id] = product


def _make_themes(world: World) -> None:
    for position, told in enumerate(content.THEMES):
        world.themes[told.slug] = Theme.objects.create(
            slug=told.slug,
            name_nl=told.name_nl,
            name_en=told.name_en,
            line_nl=told.line_nl,
            line_en=told.line_en,
            position=position,
        )
    plant_theme_pages()
    for told in content.THEMES:
        picture = store_picture(
            file=world.drawings.take(f"theme {told.slug}"),
            title=told.name_nl,
            uploaded_by=None,
            alt_text=told.picture.alt,
        )
        ThemePage.objects.filter(theme__slug=told.slug).update(picture=picture)


def _make_deals(world: World) -> None:
    world.say("a programme with a deal in each shop, and who joined")
    start = world.now - timedelta(days=_DAYS)
    for told, terms, budget_minor in zip(content.SHOPS, _TERMS, _BUDGETS_MINOR, strict=True):
        shop, owner = world.shops[told.slug], world.people[told.owner]
        programme = create_programme(
            shop=shop, name=f"Vrienden van {told.name}", description=told.promise, at=start
        )
        publish_deal(programme=programme, terms=terms, by=owner, at=start)
        open_programme(programme=programme, at=start)
        if budget_minor is not None:
            fund_programme(programme=programme, amount_minor=budget_minor, by=owner, at=start)
        world.programmes[told.slug] = programme
    for person in content.PEOPLE:
        for slug in person.deals:
            _join(world, person, slug, at=start + timedelta(hours=6))


def _join(world: World, person: records.Person, slug: str, *, at: datetime) -> None:
    told = next(shop for shop in content.SHOPS if shop.slug == slug)
    user = world.people[person.username]
    motivation = person.bio.split(". ")[0]
    enrolment = request_to_join(user=user, programme=world.programmes[slug], motivation=motivation, at=at)
    approve_enrolment(enrolment=enrolment, by=world.people[told.owner], at=at + timedelta(hours=1))
    enrolment = Enrolment.objects.get(pk=enrolment.pk)
    code = f"{told.code_prefix}{person.username}"[:30]
    create_code(enrolment=enrolment, code=code, at=at + timedelta(hours=2))


def _relation(disclosure: str | None) -> Relation:
    return Relation(disclosure) if disclosure else Relation.NONE


def _make_boards(world: World) -> None:
    world.say(f"{len(content.BOARDS)} boards")
    days = _spread(world, len(content.BOARDS))
    for told, day in zip(content.BOARDS, days, strict=True):
        at = world.now - timedelta(days=day)
        board = boards.create_board(
            owner=world.people[told.author],
            title=told.title,
            description=told.description,
            language=told.language,
            themes=[world.themes[slug] for slug in told.themes],
            relation=_relation(told.disclosure),
            at=at,
        )
        for number in range(len(told.pins)):
            _pin(world, board, told, number, at=at)
        boards.publish_board(board=board, state=PublicationState.PUBLIC, at=at)
        world.publications[told.slug] = board.publication


def _pin(world: World, board: Board, told: records.Board, number: int, *, at: datetime) -> None:
    pin = told.pins[number]
    if pin.heading:
        pins.add_section(board=board, heading=pin.heading, by=board.owner, at=at)
    elif pin.photo is not None:
        key = f"board {told.slug} {number}"
        file, places = world.drawings.take_scene(key)
        picture = _stored(file, pin.photo, board.owner)
        pinned = boards.add_picture(board=board, picture=picture, by=board.owner, note=pin.note, at=at)
        for place, (x_bps, y_bps) in sorted(places.items()):
            product = world.products[pin.photo.products[place]]
            hotspots.add_hotspot(pin=pinned, product=product, x_bps=x_bps, y_bps=y_bps, at=at)
    elif pin.product is not None:
        product = world.products[pin.product]
        boards.add_product(board=board, by=board.owner, product=product, note=pin.note, at=at)


def _store(world: World, key: str, spec: records.PictureSpec, author: str) -> Picture:
    return _stored(world.drawings.take(key), spec, world.people[author])


def _stored(file: io.BytesIO, spec: records.PictureSpec, author: User) -> Picture:
    return store_picture(file=file, title=spec.alt, uploaded_by=author, alt_text=spec.alt)


def _make_posts(world: World) -> None:
    world.say(f"{len(content.POSTS)} stories, each read by the moderator")
    moderator = next(user for user in world.people.values() if user.groups.filter(name=MODERATORS).exists())
    for told, day in zip(content.POSTS, _spread(world, len(content.POSTS)), strict=True):
        author = world.people[told.author]
        post = posts.start_post(author=author, title=told.title, language=told.language)
        draft = posts.Draft(
            title=told.title,
            intro=told.intro,
            language=told.language,
            relation=_relation(told.disclosure),
            themes=[world.themes[slug] for slug in told.themes],
            cover=_store(world, f"post {told.slug}", told.cover, told.author),
            blocks=_blocks(world, told),
            is_guide=told.is_guide,
        )
        posts.save_draft(post=post, draft=draft, by=author)
        post.refresh_from_db()
        posts.submit_post(post=post, by=author)
        approve(post, moderator)
        world.publications[told.slug] = _date_back(post, world.now - timedelta(days=day))


def approve(post: PostPage, moderator: User) -> None:
    """Let a moderator approve a submitted story, as the admin's button does."""
    state = post.current_workflow_state.current_task_state
    state.task.specific.on_action(state, moderator, "approve")


def _date_back(post: PostPage, at: datetime) -> Publication:
    post.refresh_from_db()
    Publication.objects.filter(pk=post.publication_id).update(published_at=at)
    PostPage.objects.filter(pk=post.pk).update(first_published_at=at, last_published_at=at)
    return Publication.objects.get(pk=post.publication_id)


def _blocks(world: World, told: records.Post) -> list[dict[str, object]]:
    numbers = itertools.count()
    blocks = [_block(world, told, block, numbers) for block in told.body]
    if told.less_good:
        blocks.append({"type": "less_good", "text": told.less_good})
    return blocks


def _block(
    world: World, told: records.Post, block: records.Block, numbers: Iterator[int]
) -> dict[str, object]:
    """A block as the story's editor sends it; `numbers` counts the pictures as `_pictures` does."""

    def stored(spec: records.PictureSpec) -> dict[str, object]:
        picture = _store(world, f"post {told.slug} {next(numbers)}", spec, told.author)
        return {"picture": picture.pk, "alt": spec.alt}

    fields: dict[str, object]
    match block.kind:
        case "heading":
            fields = {"text": block.text}
        case "quote":
            fields = {"text": block.text, "source": block.who}
        case "picture" if block.picture is not None:
            fields = {**stored(block.picture), "caption": block.text}
        case "products":
            ids = [world.products[product_id].pk for product_id in block.products]
            fields = {"products": ids, "note": block.text}
        case "gallery":
            fields = {"pictures": [stored(one) for one in block.pictures]}
        case "before_after":
            before, after = (stored(one) for one in block.pictures)
            fields = {"before": before, "after": after, "change": block.text}
        case "craft":
            made = content.PRODUCT_BY_ID[block.products[0]]
            fields = {
                "maker": made.maker,
                "material": made.material,
                "process": made.process,
                "repair": made.repair,
            }
        case "board":
            fields = {"board": [world.publications[block.text].board.pk], "note": ""}
        case _:
            return {"type": "text", "html": f"<p>{block.text}</p>"}
    return {"type": block.kind, **fields}


def _spread(world: World, count: int) -> list[float]:
    """Days ago, the first long ago and the last lately, a little uneven."""
    rng = random.Random(world.seed)
    step = (_DAYS - 8) / max(1, count)
    return [_DAYS - 6 - step * number - rng.uniform(0, step * 0.8) for number in range(count)]
