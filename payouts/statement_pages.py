"""What a page shows of a document; the advocate's and the shop's show the same."""

from datetime import datetime
from typing import Any

from payouts.models import Statement
from payouts.statement_files import forms_of
from payouts.statement_pdf import sums_of, words_of_line
from payouts.statement_words import ACCEPTED_AFTER, notes_of, title_of
from payouts.statements import hash_of


def page_of_statement(statement: Statement) -> dict[str, Any]:
    """The document in words of the active language, for `components/statement.html`."""
    return {
        "statement": statement,
        "title": title_of(statement),
        "lines": [
            {
                **line,
                "words": words_of_line(line),
                "occurred_at": datetime.fromisoformat(line["occurred_at"]),
            }
            for line in statement.lines
        ],
        "sums": sums_of(statement),
        "notes": notes_of(statement),
        "forms": [(form.value, form.label) for form in forms_of(statement)],
        "is_unchanged": hash_of(statement.lines) == statement.sha256,
        "accepted_at": statement.issued_at + ACCEPTED_AFTER,
    }
