"""A self-billed invoice or credit note as data: the Cross Industry Invoice of EN 16931, as Factur-X carries it.

Type 389 is a self-billed invoice, 261 a self-billed credit note (UNTDID 1001), whose amounts stand above zero. The
same document gives the same bytes. tests/payouts/test_statement_xml.py holds it against the published schema.
"""

from datetime import datetime
from xml.etree import ElementTree as ET

from django.utils import timezone, translation

from payouts.enums import StatementKind, TaxTreatment
from payouts.models import Statement
from payouts.money import as_decimal, rate_of
from payouts.statement_words import notes_of, vat_note
from payouts.tax_rules import SELF_BILLED

#: What the attachment is called, which is how a reader finds it.
NAME = "factur-x.xml"

_RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
_UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
_QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
_GUIDELINE = "urn:cen.eu:en16931:2017"
#: UNTDID 5305: standard rate, reverse charge, outside the scope.
_CATEGORY = {
    TaxTreatment.NL_VAT: "S",
    TaxTreatment.REVERSE_CHARGE: "AE",
    TaxTreatment.OUTSIDE_EU: "O",
}

for _prefix, _address in (("rsm", _RSM), ("ram", _RAM), ("udt", _UDT), ("qdt", _QDT)):
    ET.register_namespace(_prefix, _address)


def has_xml(statement: Statement) -> bool:
    """Whether the document is one between businesses that is handed out as data too."""
    return statement.treatment in SELF_BILLED and statement.kind != StatementKind.SHOP_INVOICE


def statement_xml(statement: Statement) -> bytes:
    """The document as XML in UTF-8; it comes with the one it refers to. Only where `has_xml` says so."""
    with translation.override(statement.language):
        root = ET.Element(f"{{{_RSM}}}CrossIndustryInvoice")
        context = ET.SubElement(root, f"{{{_RSM}}}ExchangedDocumentContext")
        _put(context, "GuidelineSpecifiedDocumentContextParameter", ID=_GUIDELINE)
        document = ET.SubElement(root, f"{{{_RSM}}}ExchangedDocument")
        is_credit = statement.kind == StatementKind.CREDIT_NOTE
        _put(document, ID=statement.number, TypeCode="261" if is_credit else "389")
        _day(_put(document, "IssueDateTime"), statement.issued_at)
        for note in notes_of(statement):
            _put(document, "IncludedNote", Content=note)
        transaction = ET.SubElement(root, f"{{{_RSM}}}SupplyChainTradeTransaction")
        for number, line in enumerate(statement.lines, 1):
            _line(transaction, statement, number, line)
        _agreement(transaction, statement)
        _delivery(transaction, statement)
        _settlement(transaction, statement)
        ET.indent(root)
        xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return xml + b"\n"


def _put(parent: ET.Element, tag: str | None = None, /, **leaves: str) -> ET.Element:
    """A new element below `parent` with these leaves; without a tag the leaves go into `parent` itself."""
    element = parent if tag is None else ET.SubElement(parent, f"{{{_RAM}}}{tag}")
    for name, text in leaves.items():
        ET.SubElement(element, f"{{{_RAM}}}{name}").text = text
    return element


def _day(element: ET.Element, moment: datetime, *, space: str = _UDT) -> None:
    text = ET.SubElement(element, f"{{{space}}}DateTimeString", format="102")
    text.text = timezone.localtime(moment).strftime("%Y%m%d")


def _amount(statement: Statement, amount_minor: int) -> str:
    """An amount of the document; what a credit note gives back stands above zero there."""
    sign = -1 if statement.kind == StatementKind.CREDIT_NOTE else 1
    return f"{as_decimal(sign * amount_minor, statement.currency):f}"


def _tax(parent: ET.Element, statement: Statement) -> None:
    category = _CATEGORY[TaxTreatment(statement.treatment)]
    tax = _put(parent, "ApplicableTradeTax", TypeCode="VAT", CategoryCode=category)
    if category != "O":
        _put(tax, RateApplicablePercent=_rate(statement))


def _rate(statement: Statement) -> str:
    return f"{rate_of(statement.vat_rate_bps):f}"


def _line(parent: ET.Element, statement: Statement, number: int, line: dict[str, object]) -> None:
    """One commission; what was taken back of it before it was invoiced is a line of quantity −1."""
    amount = int(str(line["amount_minor"]))
    sign = -1 if (amount < 0) != (statement.kind == StatementKind.CREDIT_NOTE) else 1
    item = _put(parent, "IncludedSupplyChainTradeLineItem")
    _put(item, "AssociatedDocumentLineDocument", LineID=str(number))
    _put(item, "SpecifiedTradeProduct", Name=str(line["description"]) or "-")
    agreement = _put(item, "SpecifiedLineTradeAgreement")
    _put(
        agreement,
        "NetPriceProductTradePrice",
        ChargeAmount=f"{as_decimal(abs(amount), statement.currency):f}",
    )
    quantity = _put(item, "SpecifiedLineTradeDelivery")
    ET.SubElement(quantity, f"{{{_RAM}}}BilledQuantity", unitCode="C62").text = str(sign)
    settlement = _put(item, "SpecifiedLineTradeSettlement")
    _tax(settlement, statement)
    _put(
        settlement,
        "SpecifiedTradeSettlementLineMonetarySummation",
        LineTotalAmount=_amount(statement, amount),
    )


def _agreement(parent: ET.Element, statement: Statement) -> None:
    agreement = _put(parent, "ApplicableHeaderTradeAgreement")
    _party(agreement, "SellerTradeParty", statement, statement.parties["supplier"])
    _party(agreement, "BuyerTradeParty", statement, statement.parties["customer"])


def _party(parent: ET.Element, tag: str, statement: Statement, party: dict[str, str]) -> None:
    element = _put(parent, tag, Name=party["name"])
    if party["chamber_number"]:
        _put(element, "SpecifiedLegalOrganization", ID=party["chamber_number"])
    address = {
        "PostcodeCode": party["postal_code"],
        "LineOne": party["street"],
        "CityName": party["city"],
        "CountryID": party["country"],
    }
    _put(element, "PostalTradeAddress", **{name: text for name, text in address.items() if text})
    # Outside the scope of VAT no number may stand (EN 16931, BR-O-02 to BR-O-04).
    if party["vat_number"] and statement.treatment != TaxTreatment.OUTSIDE_EU:
        registration = _put(element, "SpecifiedTaxRegistration")
        ET.SubElement(registration, f"{{{_RAM}}}ID", schemeID="VA").text = party["vat_number"]


def _delivery(parent: ET.Element, statement: Statement) -> None:
    delivery = _put(parent, "ApplicableHeaderTradeDelivery")
    last = max(str(line["occurred_at"]) for line in statement.lines)
    event = _put(delivery, "ActualDeliverySupplyChainEvent")
    _day(_put(event, "OccurrenceDateTime"), datetime.fromisoformat(last))


def _settlement(parent: ET.Element, statement: Statement) -> None:
    settlement = _put(parent, "ApplicableHeaderTradeSettlement", InvoiceCurrencyCode=statement.currency)
    category = _CATEGORY[TaxTreatment(statement.treatment)]
    tax = _put(
        settlement,
        "ApplicableTradeTax",
        CalculatedAmount=_amount(statement, statement.vat_minor),
        TypeCode="VAT",
    )
    if category != "S":
        _put(tax, ExemptionReason=vat_note(statement))
    _put(tax, BasisAmount=_amount(statement, statement.net_minor), CategoryCode=category)
    if category != "O":
        _put(tax, RateApplicablePercent=_rate(statement))
    # Paid already: by the transfer that the document is about, or off the one that carries it.
    sums = _put(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        LineTotalAmount=_amount(statement, statement.net_minor),
        TaxBasisTotalAmount=_amount(statement, statement.net_minor),
    )
    total = ET.SubElement(sums, f"{{{_RAM}}}TaxTotalAmount", currencyID=statement.currency)
    total.text = _amount(statement, statement.vat_minor)
    amount = _amount(statement, statement.amount_minor)
    _put(sums, GrandTotalAmount=amount, TotalPrepaidAmount=amount, DuePayableAmount="0.00")
    if statement.refers_to is not None:
        reference = _put(settlement, "InvoiceReferencedDocument", IssuerAssignedID=statement.refers_to.number)
        _day(_put(reference, "FormattedIssueDateTime"), statement.refers_to.issued_at, space=_QDT)
