"""What the demo's people say to each other, through the verbs that real people go through.

Questions, comments, saves and follows belong to the world; reviews come after its history, because a review needs
an order.
"""

import random
from datetime import datetime, timedelta

from django.db import transaction

from advocates.enums import ContributorRole, PublicationState, Relation, SaleSource
from advocates.models import BuyerContact, Product, Publication, SaleLine
from advocates.sales import SaleLineReport, SaleReport, record_sale
from cms.demo import content
from cms.demo.content import voices
from cms.demo.world import World
from community import answers, board_people, boards, comments, follows, questions, remixes, reviews, saves
from community.models import Board

_DAYS = 60
_VAT = (2100, 12_100)
#: After so many days, who did not answer the invitation to review is not asked any more.
_ANSWERED_WITHIN = timedelta(days=20)


def let_people_talk(world: World) -> None:
    """Questions, answers, comments, follows, saves, a shared board and a remix."""
    told, publications = content.VOICES, world.publications
    world.say(
        f"{len(told.questions)} questions, {len(told.comments)} comments, and what people follow and save"
    )
    moments = _moments(world, len(told.questions) + len(told.comments))
    for question, at in zip(told.questions, moments, strict=False):
        _ask(world, question, at=at)
    for comment, at in zip(told.comments, moments[len(told.questions) :], strict=True):
        _comment(world, publications[comment.on], comment, at=at)
    for saved in told.saves:
        _save(world, publications[saved.origin], saved)
    for contributor in told.contributors:
        _contribute(world, publications[contributor.board].board, contributor)
    for remix in told.remixes:
        _remix(world, publications[remix.of].board, remix)
    for followed in told.follows:
        _follow(world, followed)


def _moments(world: World, count: int) -> list[datetime]:
    rng = random.Random(world.seed + 1)
    return sorted(world.now - timedelta(days=rng.uniform(2, _DAYS)) for _ in range(count))


def _ask(world: World, told: voices.Question, *, at: datetime) -> None:
    subject = questions.Subject(
        product=world.products.get(told.product),
        publication=world.publications.get(told.board),
        person=world.people.get(told.person),
    )
    question = questions.ask(
        asker=world.people[told.asker],
        subject=subject,
        title=told.title,
        text=told.text,
        language=told.language,
        at=at,
    )
    for number, one in enumerate(told.answers, start=1):
        answer = answers.give_answer(
            question=question,
            author=world.people[one.by],
            text=one.text,
            products=[world.products[product_id] for product_id in one.products],
            at=at + timedelta(hours=7 * number),
        )
        if one.accepted:
            answers.accept_answer(answer=answer)


def _comment(world: World, publication: Publication, told: voices.Comment, *, at: datetime) -> None:
    comment = comments.write_comment(
        publication=publication, author=world.people[told.by], text=told.text, at=at
    )
    for number, (who, text) in enumerate(told.replies, start=1):
        comments.write_comment(
            publication=publication,
            author=world.people[who],
            text=text,
            parent=comment,
            at=at + timedelta(hours=3 * number),
        )


def _save(world: World, origin: Publication, told: voices.Saves) -> None:
    who, at = world.people[told.who], world.now - timedelta(days=9)
    mine = Board.objects.filter(owner=who, publication__title=told.board).first()
    board = mine or saves.begin_board(owner=who, title=told.board, at=at)
    for product_id in told.products:
        wish = saves.Wish(product=world.products[product_id], pin=None, origin=origin)
        saves.save(wish=wish, board=board, by=who, visitor_key=None, at=at)


def _contribute(world: World, board: Board, told: voices.Contributor) -> None:
    who, at = world.people[told.who], world.now - timedelta(days=12)
    invited = board_people.invite(board=board, by=board.owner, role=ContributorRole.EDIT, at=at)
    board_people.accept(invitation=invited.invitation, by=who, at=at)
    for number, product_id in enumerate(told.products):
        boards.add_product(
            board=board,
            by=who,
            product=world.products[product_id],
            note="" if number else told.note,
            at=at + timedelta(hours=2),
        )


def _remix(world: World, source: Board, told: voices.Remix) -> None:
    who, at = world.people[told.who], world.now - timedelta(days=6)
    remix = remixes.remix_board(source=source, by=who, at=at)
    boards.change_board(
        board=remix,
        title=told.title,
        description=told.text,
        language=source.publication.language,
        themes=list(source.themes.all()),
        relation=Relation.NONE,
        at=at,
    )
    boards.publish_board(board=remix, state=PublicationState.PUBLIC, at=at)


def _follow(world: World, told: voices.Follows) -> None:
    things: list[follows.Followed] = [
        *(world.people[name] for name in told.people),
        *(world.publications[slug].board for slug in told.boards),
        *(world.themes[slug] for slug in told.themes),
        *(world.shops[slug] for slug in told.shops),
    ]
    for thing in things:
        follows.follow(follower=world.people[told.who], followed=thing, at=world.now - timedelta(days=14))


def write_reviews(*, seed: int, now: datetime) -> int:
    """The content's reviews, each of an order; how many. Other buyers of the history were asked long ago."""
    rng = random.Random(seed + 2)
    told = content.VOICES.reviews
    for review in told:
        product = Product.objects.select_related("shop", "offer").get(external_id=review.product)
        line = _line_of(product, rng, now=now)
        written = line.sale.placed_at + timedelta(days=rng.uniform(15, 25))
        _review(line, review, at=min(written, now - timedelta(hours=rng.uniform(1, 60))))
    BuyerContact.objects.filter(sale__placed_at__lt=now - _ANSWERED_WITHIN).delete()
    return len(told)


def _line_of(product: Product, rng: random.Random, *, now: datetime) -> SaleLine:
    """A line of the history with this product that nobody reviewed, or else of an order made at the shop's own till."""
    sold = SaleLine.objects.filter(
        product=product, review=None, sale__placed_at__lt=now - timedelta(days=16)
    ).select_related("sale")
    return sold.order_by("pk").first() or _order(product, rng, now=now)


def _order(product: Product, rng: random.Random, *, now: datetime) -> SaleLine:
    at = now - timedelta(days=rng.uniform(25, 80))
    price = product.offer.current_minor(at=product.offer.checked_at)
    number = rng.randrange(10**6)
    sale, _is_new = record_sale(
        shop=product.shop,
        source=SaleSource.API,
        report=SaleReport(
            external_id=f"KASSA-{number:06d}",
            placed_at=at,
            delivered_at=at,
            currency=product.shop.currency,
            lines=(
                SaleLineReport(
                    line_id="1",
                    product_id=product.external_id,
                    title=product.title,
                    quantity=1,
                    gross_minor=price,
                    vat_minor=price * _VAT[0] // _VAT[1],
                ),
            ),
            customer_email=f"toonbank{number}@example.com",
        ),
        at=at,
    )
    return sale.lines.select_related("sale").get()


def _review(line: SaleLine, told: voices.Review, *, at: datetime) -> None:
    judgement = reviews.Judgement(
        stars=told.stars, title=told.title, text=told.text, less_good=told.less_good
    )
    with transaction.atomic():
        review = reviews.review_purchase(
            line=line, author=None, judgement=judgement, name=told.name, language="nl", at=at
        )
        BuyerContact.objects.filter(sale=line.sale).delete()
    if told.reply:
        shop = line.sale.shop
        owner = shop.memberships.get(role="owner").user
        reviews.reply_to_review(review=review, by=owner, text=told.reply, seen="", at=at + timedelta(days=1))
