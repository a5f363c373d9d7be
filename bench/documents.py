"""Documents of money: how many pages a second one process draws, with their data inside.

python bench/documents.py [--quick]. No database: each document is a row that was never stored, of five lines or of
sixty; the PDF is drawn and the XML of an invoice written, as `manage.py make_documents` does for each.
"""

import argparse
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")

import django

django.setup()

# What follows needs the settings.
import pypdfium2  # noqa: E402

from payouts.models import Statement  # noqa: E402
from payouts.statement_pdf import statement_pdf  # noqa: E402
from payouts.statement_xml import has_xml, statement_xml  # noqa: E402
from payouts.statements import hash_of  # noqa: E402

DAY = datetime(2026, 11, 16, 12, tzinfo=UTC)
SIDE = {
    "street": "Kleiweg 12",
    "postal_code": "2801 GD",
    "city": "Gouda",
    "country": "NL",
    "chamber_number": "12345678",
}


def document(number: int, *, lines: int, kind: str) -> Statement:
    """A document of so many lines."""
    is_invoice = kind == "self_billed"
    rows = [
        {
            "kind": "commission",
            "commission": one,
            "description": f"Order {1000 + one}, theekop met grijs glazuur",
            "occurred_at": (DAY - timedelta(hours=one)).isoformat(),
            "amount_minor": 1000 + one,
        }
        for one in range(lines)
    ]
    net = sum(int(str(row["amount_minor"])) for row in rows)
    vat = net * 21 // 100 if is_invoice else 0
    return Statement(
        kind=kind,
        treatment="nl_vat" if is_invoice else "private_person",
        number=f"F12-34-2026-{number:04d}",
        issued_at=DAY,
        language="nl",
        payer_name="Klei & Co",
        payee_name="Ada Vermeer",
        payer_vat_number="NL123456789B13",
        parties={
            "supplier": {"name": "Ada Vermeer", "vat_number": "NL004495445B01", **SIDE},
            "customer": {"name": "Klei & Co", "vat_number": "NL123456789B13", **SIDE},
        },
        currency="EUR",
        amount_minor=net + vat,
        vat_minor=vat,
        vat_rate_bps=2100 if is_invoice else 0,
        lines=rows,
        sha256=hash_of(rows),
    )


def measure(name: str, documents: list[Statement]) -> None:
    """Draw them all, and say how many documents and pages a second that is."""
    statement_pdf(documents[0])  # the first cuts the fonts
    begun = time.perf_counter()
    drawn = []
    for one in documents:
        drawn.append(statement_pdf(one))
        if has_xml(one):
            statement_xml(one)
    seconds = time.perf_counter() - begun
    pages = 0
    for content in drawn:
        pdf = pypdfium2.PdfDocument(content)
        pages += len(pdf)
        pdf.close()
    size = sum(map(len, drawn)) // len(drawn) // 1024
    print(
        f"{name:28} {len(documents) / seconds:6.1f} documents/s {pages / seconds:6.1f} pages/s {size:5d} KB each"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    count = 10 if parser.parse_args().quick else 100
    measure("statements of 5 lines", [document(one, lines=5, kind="statement") for one in range(count)])
    measure("invoices of 5 lines, data", [document(one, lines=5, kind="self_billed") for one in range(count)])
    measure(
        "invoices of 60 lines, data", [document(one, lines=60, kind="self_billed") for one in range(count)]
    )
