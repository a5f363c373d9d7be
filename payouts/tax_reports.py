"""What the documents of a year come to: a payee's overview, and the data sets for the tax office of a payer.

The data sets hold what is known here. What the law asks and is not known (a citizen's number, a date of birth, a bank
account: they are never asked for, nor stored) has its column, stays empty and is named under `missing`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from payouts.enums import PayoutState, StatementKind, TaxProfile
from payouts.models import Payee, Payer, Statement
from payouts.money import as_decimal, format_minor
from payouts.paper.sheets import MUTED, Column, sheet
from payouts.statement_words import title_of
from payouts.vat import EU_COUNTRIES

#: The years that a page may ask for: the first in which this could pay, and what a date can hold.
FIRST_YEAR, LAST_YEAR = 2024, 9998

type Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True)
class YearOverview:
    """The documents of one payee in one year, the oldest first, all in one currency."""

    payee: Payee
    year: int
    documents: Sequence[Statement]

    @property
    def amount_minor(self) -> int:
        return sum(row.amount_minor for row in self.documents)

    @property
    def vat_minor(self) -> int:
        return sum(row.vat_minor for row in self.documents)

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.vat_minor

    @property
    def currency(self) -> str:
        return self.documents[0].currency if self.documents else "EUR"


def years_of(payee: Payee) -> list[int]:
    """The years in which something was paid, the newest first."""
    moments = _that_stand().filter(payee=payee).datetimes("issued_at", "year")
    return sorted({timezone.localtime(moment).year for moment in moments}, reverse=True)


def overview_of(payee: Payee, *, year: int) -> YearOverview:
    """What was paid to a payee in a year, by all payers. What was given up afterwards is not in it."""
    rows = _in_year(_that_stand().filter(payee=payee), year).order_by("issued_at", "pk")
    return YearOverview(payee, year, list(rows.select_related("refers_to")))


def overview_csv(overview: YearOverview) -> Table:
    """Header and rows: a document each."""
    header = [
        _("Document number"),
        _("Document"),
        _("Date"),
        _("Paid by"),
        _("Without VAT"),
        _("VAT"),
        _("Paid"),
        _("Currency"),
    ]
    rows = [
        [
            row.number,
            title_of(row),
            timezone.localtime(row.issued_at).date().isoformat(),
            row.payer_name,
            *_decimals(row.currency, row.net_minor, row.vat_minor, row.amount_minor),
            row.currency,
        ]
        for row in overview.documents
    ]
    return header, rows


def overview_pdf(overview: YearOverview, *, language: str) -> bytes:
    """The overview as a PDF; its date is that of the last document in it. There is at least one."""
    last = overview.documents[-1].issued_at
    title = _("Overview of %(year)d") % {"year": overview.year}
    with (
        translation.override(language),
        sheet(
            title=title, name=f"{overview.year} · {overview.payee.name}", language=language, moment=last
        ) as page,
    ):
        page.text(_("Overview of %(year)d") % {"year": overview.year}, style="title", size=22)
        page.gap(4)
        page.columns(
            [_("For"), overview.payee.name],
            [_("Up to"), date_format(timezone.localtime(last), "j F Y")],
            [_("Paid"), format_minor(overview.amount_minor, overview.currency)],
        )
        page.gap(8)
        columns = [
            Column(_("Document"), 20),
            Column(_("Date"), 104),
            Column(_("Without VAT"), 152, is_number=True),
            Column(_("VAT"), 169, is_number=True),
            Column(_("Paid"), 190, is_number=True),
        ]
        page.table(columns, [_row(one) for one in overview.documents], _sums(overview))
        page.gap(6)
        page.text(
            _("What shops paid you through this site. For a tax return it is a help, not a decision."),
            size=8,
            colour=MUTED,
        )
        return page.output()


def ib47_table(*, payer: Payer, year: int) -> Table:
    """What was paid to private persons (IB47, article 22 of the Uitvoeringsbesluit AWR): header and rows, by name.

    A business under the small-business scheme is in it too: no VAT was invoiced.
    """
    header = ["bsn", "name", "birth_date", "street", "postal_code", "city", "country"]
    header += ["paid", "currency", "payments", "last_payment", "missing"]
    profiles = [TaxProfile.PRIVATE_PERSON, TaxProfile.SMALL_BUSINESS]
    rows = []
    for total in _totals(payer, year, Q(tax_profile__in=profiles)):
        payee = total.payee
        known = [payee.street, payee.postal_code, payee.city]
        names = ["street", "postal_code", "city"]
        missing = ["bsn", "birth_date", *(name for name, text in zip(names, known, strict=True) if not text)]
        rows.append(
            [
                "",
                payee.name,
                "",
                *known,
                payee.country,
                *_decimals(total.currency, total.amount_minor),
                total.currency,
                str(total.payments),
                timezone.localtime(total.last_at).date().isoformat(),
                " ".join(missing),
            ]
        )
    return header, rows


def dac7_table(*, payer: Payer, year: int) -> Table:
    """What sellers resident in the EU were paid, by quarter (DAC7, Directive (EU) 2021/514): header and rows."""
    header = ["name", "street", "postal_code", "city", "country", "tin", "vat_number", "chamber_number"]
    header += ["birth_date", "account_identifier"]
    header += [f"{what}_q{quarter}" for what in ("paid", "activities", "fees") for quarter in range(1, 5)]
    header += ["currency", "missing"]
    rows = []
    for total in _totals(payer, year, Q(payee__country__in=EU_COUNTRIES)):
        payee = total.payee
        is_person = payee.tax_profile == TaxProfile.PRIVATE_PERSON
        known = {
            "street": payee.street,
            "postal_code": payee.postal_code,
            "city": payee.city,
            "tin": "",
            "birth_date": "" if is_person else "-",
            "account_identifier": payee.account.stripe_account_id if payee.account else "",
        }
        rows.append(
            [
                payee.name,
                known["street"],
                known["postal_code"],
                known["city"],
                payee.country,
                "",
                payee.vat_number,
                payee.chamber_number,
                "",
                known["account_identifier"],
                *_decimals(total.currency, *(total.paid[quarter] for quarter in range(1, 5))),
                *(str(total.activities[quarter]) for quarter in range(1, 5)),
                # An advocate pays no fee: the shop does.
                *_decimals(total.currency, 0, 0, 0, 0),
                total.currency,
                " ".join(name for name, text in known.items() if not text),
            ]
        )
    return header, rows


@dataclass
class _Total:
    """What one payee got of one payer in a year, in one currency."""

    payee: Payee
    currency: str
    last_at: datetime
    payments: int = 0
    paid: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    activities: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def amount_minor(self) -> int:
        return sum(self.paid.values())


def _totals(payer: Payer, year: int, wanted: Q) -> list[_Total]:
    rows = _in_year(_that_stand().filter(wanted, payer=payer, payee__isnull=False), year)
    totals: dict[tuple[int | None, str], _Total] = {}
    for row in rows.select_related("payee__account").order_by("payee__name", "payee", "issued_at").iterator():
        if row.payee is None:
            continue
        total = totals.setdefault(
            (row.payee_id, row.currency), _Total(row.payee, row.currency, row.issued_at)
        )
        quarter = (timezone.localtime(row.issued_at).month + 2) // 3
        total.payments += row.kind != StatementKind.CREDIT_NOTE
        total.last_at = row.issued_at
        total.paid[quarter] += row.amount_minor
        total.activities[quarter] += sum(line["kind"] == "commission" for line in row.lines)
    return list(totals.values())


def _that_stand() -> QuerySet[Statement]:
    """Documents of payouts, without statements whose money came back whole (an invoice has its credit note)."""
    return Statement.objects.exclude(kind=StatementKind.SHOP_INVOICE).exclude(
        kind=StatementKind.STATEMENT, payout__state=PayoutState.VOID
    )


def _in_year(rows: QuerySet[Statement], year: int) -> QuerySet[Statement]:
    zone = timezone.get_current_timezone()
    return rows.filter(
        issued_at__gte=datetime(year, 1, 1, tzinfo=zone), issued_at__lt=datetime(year + 1, 1, 1, tzinfo=zone)
    )


def _decimals(currency: str, *amounts: int) -> list[str]:
    return [f"{as_decimal(amount, currency):f}" for amount in amounts]


def _row(row: Statement) -> list[str]:
    amounts = (row.net_minor, row.vat_minor, row.amount_minor)
    return [
        f"{row.payer_name} · {row.number}",
        date_format(timezone.localtime(row.issued_at), "d-m-Y"),
        *(format_minor(amount, row.currency) for amount in amounts),
    ]


def _sums(overview: YearOverview) -> list[list[str]]:
    """A line for each payer where there are several, and the whole."""
    payers: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in overview.documents:
        for place, amount in enumerate((row.net_minor, row.vat_minor, row.amount_minor)):
            payers[row.payer_name][place] += amount
    sums = [(name, amounts) for name, amounts in sorted(payers.items())] if len(payers) > 1 else []
    sums.append((_("Together"), [overview.net_minor, overview.vat_minor, overview.amount_minor]))
    return [
        [name, "", *(format_minor(amount, overview.currency) for amount in amounts)] for name, amounts in sums
    ]
