"""A document of money as PDF, in its own language; an invoice between businesses carries its data (Factur-X).

The same document gives the same bytes: every date in the file is the moment at which it was issued.
"""

from datetime import datetime

from babel import Locale
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from payouts.enums import StatementKind
from payouts.models import Statement
from payouts.money import format_minor, rate_of
from payouts.paper.sheets import MUTED, Column, Sheet, sheet
from payouts.statement_words import ACCEPTED_AFTER, notes_of, title_of
from payouts.statement_xml import NAME, has_xml, statement_xml
from payouts.tax_rules import SELF_BILLED

#: What Factur-X 1.07 (chapter 6.3) wants said of the attachment, and the schema of those words for PDF/A.
_ATTACHED = """
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>{properties}
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
_PROPERTY = """
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{0}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{0}</pdfaProperty:description></rdf:li>"""
_PROPERTIES = ("DocumentFileName", "DocumentType", "Version", "ConformanceLevel")


def statement_pdf(statement: Statement) -> bytes:
    """The document as a PDF; it comes with the one it refers to, its payout and its collection."""
    metadata = ""
    if has_xml(statement):
        metadata = _ATTACHED.format(properties="".join(_PROPERTY.format(name) for name in _PROPERTIES))
    with (
        translation.override(statement.language),
        sheet(
            title=f"{title_of(statement)} {statement.number}",
            name=statement.number,
            language=statement.language,
            moment=statement.issued_at,
            metadata=metadata,
        ) as page,
    ):
        if has_xml(statement):
            _attach(page, statement)
        page.text(title_of(statement), style="title", size=22)
        page.gap(4)
        _facts(page, statement)
        page.gap(8)
        page.table(_columns(), _rows(statement), sums_of(statement))
        page.gap(6)
        for note in _closing(statement):
            page.text(note, size=8)
            page.gap(1)
        page.gap(2)
        page.text(_("Lines (SHA-256): %(hash)s") % {"hash": statement.sha256}, size=6, colour=MUTED)
        return page.output()


def sums_of(statement: Statement) -> list[tuple[str, str, str]]:
    """What stands below the lines: without VAT and VAT where there is any, and the whole."""
    rate = {"rate": f"{rate_of(statement.vat_rate_bps):f}"}
    amounts = [(_("Together"), statement.amount_minor)]
    if statement.kind == StatementKind.SHOP_INVOICE:
        amounts.insert(0, (_("VAT %(rate)s %% on the platform fee") % rate, statement.vat_minor))
    elif statement.treatment in SELF_BILLED:
        vat = (_("VAT %(rate)s %%") % rate, statement.vat_minor)
        amounts[:0] = [(_("Without VAT"), statement.net_minor), vat]
    return [(what, "", format_minor(amount, statement.currency)) for what, amount in amounts]


def words_of_line(line: dict[str, object]) -> str:
    """What a line is for."""
    fixed = {
        "passthrough": _("Commissions for your advocates, with their VAT"),
        "fee": _("Platform fee, without VAT"),
    }
    if str(line["kind"]) in fixed:
        return fixed[str(line["kind"])]
    if line["kind"] == "reversal":
        return _("Taken back: %(what)s") % {"what": line["description"]}
    return _("Commission: %(what)s") % {"what": line["description"]}


def _attach(page: Sheet, statement: Statement) -> None:
    page.pdf.embed_file(
        bytes=statement_xml(statement),
        basename=NAME,
        desc=statement.number,
        mime_type="text/xml",
        creation_date=statement.issued_at,
        modification_date=statement.issued_at,
        associated_file_relationship="Alternative",
    )


def _facts(page: Sheet, statement: Statement) -> None:
    supplier, customer = statement.parties.get("supplier"), statement.parties.get("customer")
    page.columns(
        [_("From"), *_address(supplier or {"name": statement.payee_name})],
        [_("To"), *_address(customer or {"name": statement.payer_name})],
        [
            _("Document number"),
            statement.number,
            _("Date: %(day)s") % {"day": _day(statement.issued_at)},
            *_paid(statement),
        ],
    )


def _address(party: dict[str, str]) -> list[str]:
    """A side of the document, line by line."""
    town = f"{party.get('postal_code', '')} {party.get('city', '')}".strip()
    numbers = [
        _("VAT number %(number)s") % {"number": party["vat_number"]} if party.get("vat_number") else "",
        _("Chamber of commerce %(number)s") % {"number": party["chamber_number"]}
        if party.get("chamber_number")
        else "",
    ]
    names = Locale.parse(to_locale(get_language() or "en")).territories
    country = party.get("country", "")
    lines = [party["name"], party.get("street", ""), town, names.get(country, country), *numbers]
    return [line for line in lines if line]


def _paid(statement: Statement) -> list[str]:
    """When the money moved."""
    payout = statement.payout or statement.carried_by
    moment = payout.sent_at if payout else statement.collection and statement.collection.succeeded_at
    return [_("Paid: %(day)s") % {"day": _day(moment)}] if moment else []


def _columns() -> list[Column]:
    return [Column(_("For"), 20), Column(_("Date"), 132), Column(_("Amount"), 190, is_number=True)]


def _rows(statement: Statement) -> list[tuple[str, str, str]]:
    return [
        (
            words_of_line(line),
            _day(datetime.fromisoformat(line["occurred_at"])),
            format_minor(line["amount_minor"], statement.currency),
        )
        for line in statement.lines
    ]


def _closing(statement: Statement) -> list[str]:
    closing = notes_of(statement)
    if statement.kind == StatementKind.SELF_BILLED:
        day = _day(statement.issued_at + ACCEPTED_AFTER)
        closing.append(
            _("Not right? Say so before %(day)s; after that this invoice stands as accepted.") % {"day": day}
        )
    return closing


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
