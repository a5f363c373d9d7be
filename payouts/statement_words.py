"""The words of documents, in the active language: what one is called, what the law wants said about VAT."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from payouts.enums import StatementKind, TaxTreatment
from payouts.models import Statement
from payouts.money import rate_of
from payouts.tax_rules import SELF_BILLED, plain_treatment
from payouts.vat import EU_COUNTRIES

#: Days after which a document that nobody disputed stands as accepted.
ACCEPTED_AFTER = timedelta(days=14)


def title_of(statement: Statement) -> str:
    """What the document is called."""
    if statement.kind == StatementKind.CREDIT_NOTE:
        return _("Credit note") if statement.treatment in SELF_BILLED else _("Correction of a statement")
    if statement.kind == StatementKind.STATEMENT:
        return _("Statement")
    return _("Invoice")


def treatment_of_document(statement: Statement) -> TaxTreatment:
    """How it was treated for VAT; what is older than treatments goes by its tax profile."""
    return TaxTreatment(statement.treatment or plain_treatment(statement.tax_profile))


def notes_of(statement: Statement) -> list[str]:
    """What the law wants said on the document, and what it corrects; a sentence each."""
    notes = []
    if statement.kind in {StatementKind.SELF_BILLED, StatementKind.CREDIT_NOTE} and (
        statement.treatment in SELF_BILLED
    ):
        # Article 35a, first paragraph, under k, of the Wet op de omzetbelasting 1968.
        notes.append(_("Self-billing (factuur uitgereikt door afnemer)."))
    if statement.refers_to is not None:
        notes.append(
            _("It corrects %(number)s of %(day)s.")
            % {
                "number": statement.refers_to.number,
                "day": timezone.localtime(statement.refers_to.issued_at).strftime("%d-%m-%Y"),
            }
        )
    notes.append(vat_note(statement))
    if statement.kind == StatementKind.SHOP_INVOICE:
        notes.append(
            _(
                "The commissions are your advocates' money, collected on their behalf: no part of our turnover. The "
                "VAT in them stands on the documents between you and them."
            )
        )
    return notes


def vat_note(statement: Statement) -> str:
    """What the document says about VAT, in the active language.

    The reverse charge (article 196 of Directive 2006/112/EC) is named only where it applies: between two businesses
    with numbers of different countries of the EU.
    """
    numbers = {"payer": statement.payer_vat_number, "payee": statement.vat_number}
    match treatment_of_document(statement):
        case TaxTreatment.SMALL_BUSINESS:
            return _(
                "Exempt from VAT: the payee uses the small-business scheme (KOR), article 25 of the Dutch VAT act "
                "(Wet op de omzetbelasting 1968)."
            )
        case TaxTreatment.OWN_INVOICE:
            name = (
                f"{statement.payee_name} ({numbers['payee']})" if numbers["payee"] else statement.payee_name
            )
            return _(
                "The amount is without VAT. This statement is not an invoice: %(name)s sends one, with the VAT that "
                "is due."
            ) % {"name": name}
        case TaxTreatment.NL_VAT:
            return _("%(rate)s %% Dutch VAT.") % {"rate": f"{rate_of(statement.vat_rate_bps):f}"}
        case TaxTreatment.REVERSE_CHARGE:
            return (
                _("VAT reverse charge, from %(payee)s to %(payer)s (article 196 of Directive 2006/112/EC).")
                % numbers
            )
        case TaxTreatment.OUTSIDE_EU:
            return _outside_eu(statement)
    return _("No VAT: paid to a private person. This statement is not an invoice.")


def _outside_eu(statement: Statement) -> str:
    if statement.parties["customer"]["country"] in EU_COUNTRIES:
        return _(
            "No VAT is charged: the supplier is established outside the EU. The customer accounts for the VAT that "
            "is due."
        )
    return _("No VAT: taxed where the customer is, outside the EU (article 44 of Directive 2006/112/EC).")
