"""The months of touches: made ahead, read alone, dropped when they are counted and past keeping."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from advocates.enrolments import advocate_of
from advocates.enums import TouchKind
from advocates.fraud import examine_shares
from advocates.insight import insight_of
from advocates.links import create_link
from advocates.models import Deal, Link, Touch, TouchCount
from advocates.periods import Period
from advocates.shop_insight import funnel_of
from advocates.touch_counts import count_day, count_days
from advocates.touch_months import drop_old_months, kept_since, make_months, months
from advocates.uuid7 import uuid7, uuid7_floor
from tests.advocates.market import Market
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
migration = import_module("advocates.migrations.0012_touch_months")


@pytest.fixture(autouse=True)
def _no_months(db):
    """Without the months that a test which commits (a tick, say) has left in this process's database."""
    with connection.cursor() as cursor:
        for month in months():
            cursor.execute("SELECT advocates_touch_drop_month(%s)", [month])
        # Dropping one has the constraints looked at, at once and from then on.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def touch(at, **fields):
    return Touch.objects.create(**{"id": uuid7(at=at), "kind": TouchKind.VIEW, "occurred_at": at, **fields})


def rows(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def lies_in(one):
    return rows("SELECT tableoid::regclass::text FROM advocates_touch WHERE id = %s", [one.pk])[0][0]


def shape():
    """Names and definitions of all that guards the table or finds in it."""
    constraints = rows(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'advocates_touch'::regclass"
        " AND contype IN ('p', 'c', 'f')"
    )
    indexes = rows(
        "SELECT relname, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index"
        " JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = 'advocates_touch'::regclass"
    )
    return sorted(constraints), sorted(indexes)


def test_months_are_made_ahead_and_once():
    assert make_months(at=AT) == 4
    assert make_months(at=AT) == 0

    assert months() == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]


def test_a_touch_lies_in_its_month_to_the_millisecond():
    make_months(at=AT)
    first, last = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

    assert lies_in(touch(first)) == "advocates_touch_202612"
    assert lies_in(touch(last)) == "advocates_touch_202612"
    assert lies_in(touch(first - timedelta(milliseconds=1))) == "advocates_touch_202611"
    assert lies_in(touch(last + timedelta(microseconds=1))) == "advocates_touch_202701"


def test_what_came_before_its_month_moves_into_it():
    early = touch(datetime(2027, 6, 3, tzinfo=UTC), network=7)
    stray = Touch.objects.create(id=uuid4(), kind=TouchKind.VIEW, occurred_at=AT)
    assert lies_in(early) == "advocates_touch_default"

    make_months(at=datetime(2027, 6, 1, tzinfo=UTC))

    assert lies_in(early) == "advocates_touch_202706"
    assert lies_in(stray) == "advocates_touch_default"
    assert Touch.objects.get(pk=early.pk).network == 7


def test_a_question_about_some_days_looks_at_their_month_alone():
    make_months(at=AT)

    asked = Touch.objects.between(
        datetime(2026, 12, 5, tzinfo=UTC), datetime(2026, 12, 9, tzinfo=UTC)
    ).explain()

    assert "advocates_touch_202612" in asked
    assert not [other for other in ("202611", "202701", "202702", "default") if f"touch_{other}" in asked]


def test_a_path_looks_at_the_months_of_its_window_alone():
    market = Market()
    make_months(at=AT)

    path = Touch.objects.path_of(uuid4(), shop=market.shop, until=datetime(2027, 1, 20, tzinfo=UTC), days=30)

    asked = path.explain()
    assert "advocates_touch_202612" in asked
    assert "advocates_touch_202701" in asked
    assert "advocates_touch_202611" not in asked
    assert "advocates_touch_default" not in asked


def test_between_takes_the_start_and_leaves_the_end():
    start, end = AT, AT + timedelta(hours=1)
    inside = [touch(start), touch(end - timedelta(microseconds=1))]
    touch(start - timedelta(microseconds=1))
    touch(end)

    assert set(Touch.objects.between(start, end)) == set(inside)


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_any_moment_has_a_floor(at):
    assert uuid7_floor(at) <= uuid7(at=max(at, datetime(1970, 1, 1, tzinfo=UTC)))


def test_every_partition_is_guarded_like_the_table():
    make_months(at=AT)
    known = touch(AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        touch(AT, id=known.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        touch(AT, occurred_at=None)


@pytest.mark.parametrize("name", ["shop", "advocate", "link", "publication", "product"])
def test_what_a_touch_points_at_cannot_be_deleted(name):
    shop, ada = make_shop("Klei & Co"), make_user("Ada Vermeer")
    product = make_product(shop)
    pointed_at = {
        "shop": shop,
        "advocate": advocate_of(user=ada, at=AT),
        "link": Link.objects.create(code="klei2345", shop=shop, product=product, created_at=AT),
        "publication": make_publication(ada),
        "product": product,
    }[name]
    known = touch(AT, **{name: pointed_at})

    with pytest.raises(ProtectedError) as refused:
        pointed_at.delete()
    assert known in refused.value.protected_objects
    # And past Django, whose other rows would only be missed at the end of the transaction.
    table = pointed_at._meta.db_table
    for verb in ("DELETE FROM {}", "UPDATE {} SET id = -1"):
        with pytest.raises(IntegrityError, match="pointed at by touches"), transaction.atomic():
            rows(f"{verb.format(table)} WHERE id = %s RETURNING id", [pointed_at.pk])
    assert getattr(Touch.objects.get(pk=known.pk), name) == pointed_at


def test_old_months_go_when_they_were_counted():
    make_months(at=datetime(2025, 1, 10, tzinfo=UTC))
    old = touch(datetime(2025, 1, 15, tzinfo=UTC))
    stray = Touch.objects.create(
        id=uuid4(), kind=TouchKind.VIEW, occurred_at=datetime(2025, 1, 3, tzinfo=UTC)
    )
    kept = touch(AT - timedelta(days=30))

    assert drop_old_months(at=AT) == 0, "not counted yet"
    assert Touch.objects.filter(pk=old.pk).exists()
    count_days(at=AT)
    assert drop_old_months(at=AT) == 4
    assert drop_old_months(at=AT) == 0

    assert list(Touch.objects.all()) == [kept]
    assert stray.pk != kept.pk
    assert TouchCount.objects.filter(day_date=date(2025, 1, 15)).get().touches == 1
    assert months() == []


def test_nothing_goes_that_a_deal_may_still_ask_for(settings):
    settings.TOUCHES_KEPT_DAYS = 10
    market = Market(window_days=365)
    assert Deal.objects.get().window_days == 365

    assert kept_since(at=AT) == date(2025, 9, 17)  # 365 days and two months

    month = datetime(2025, 9, 1, tzinfo=UTC)
    make_months(at=month)
    old = market.click(occurred_at=month, is_own=True)
    drop_old_months(at=AT)
    assert Touch.objects.filter(pk=old.pk).exists()


def test_the_migration_goes_back_and_forth_and_keeps_all(django_db_blocker):
    market = Market()
    clicks = {market.click(days=days).pk for days in (1, 40, 80)}
    stray = Touch.objects.create(id=uuid4(), kind=TouchKind.VIEW, occurred_at=AT)
    before = shape()

    with connection.schema_editor() as editor:
        migration.put_together(None, editor)
    plain = rows("SELECT relkind::text FROM pg_class WHERE oid = 'advocates_touch'::regclass")
    assert plain == [("r",)]
    assert shape() == before
    with connection.schema_editor() as editor:
        migration.partition(None, editor)

    assert shape() == before
    assert set(Touch.objects.values_list("pk", flat=True)) == {*clicks, stray.pk}
    assert months() == [date(2026, 8, 1), date(2026, 10, 1), date(2026, 11, 1)]
    assert lies_in(stray) == "advocates_touch_default"


def months_read(work):
    """The partitions that the queries of `work` have looked into; what a plan names and never begins is not."""
    with CaptureQueriesContext(connection) as queries:
        work()
    asked = [
        query["sql"]
        for query in queries
        if "advocates_touch" in query["sql"] and query["sql"].lstrip().startswith(("SELECT", "WITH"))
    ]
    assert asked, "nothing was asked of touches"
    found = set()
    for sql in asked:
        ((plans,),) = rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        found |= set(_begun(plans[0]["Plan"]))
    return sorted(found)


def _begun(plan):
    name = plan.get("Relation Name", "")
    if name.startswith("advocates_touch_") and plan["Actual Loops"]:
        yield name.removeprefix("advocates_touch_")
    for part in plan.get("Plans", []):
        yield from _begun(part)


@pytest.fixture
def long_kept():
    """A shop whose touches go back for more than a year, with a sale of today after a click of yesterday."""
    market = Market()
    for days in (430, 310, 190, 70, 0):
        make_months(at=AT - timedelta(days=days))
    assert len(months()) == 18
    with connection.cursor() as cursor:
        # As in a transaction of its own: making a month has them checked at once.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return market


def test_a_sale_and_its_examination_look_at_the_months_of_its_path_alone(long_kept):
    ada = long_kept.advocate()
    link = create_link(advocate=ada, product=make_product(long_kept.shop), at=NOW)
    for days in (200, 3, 1):
        click = long_kept.click(ada, days=days, link=link, network=7)

    sold = months_read(lambda: long_kept.sell(click_id=str(click.pk)))
    examined = months_read(lambda: examine_shares(at=NOW))

    # As long as a visitor is known, on either side: somebody may turn out to be the advocate herself.
    assert sold == examined == ["202608", "202609", "202610", "202611", "202612", "202701", "202702"]


def test_figures_look_at_the_months_of_their_period_alone(long_kept):
    ada = long_kept.advocate()
    long_kept.click(ada)
    period = Period(date(2026, 11, 1), date(2026, 11, 30))

    assert months_read(lambda: insight_of(advocate=ada, period=period)) == ["202610", "202611"]
    assert months_read(lambda: funnel_of(shop=long_kept.shop, period=period)) == ["202610", "202611"]
    assert months_read(lambda: count_day(day_date=date(2026, 11, 10))) == ["202611"]
