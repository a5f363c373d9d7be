"""Numbers without gaps: the next of a series is taken in the transaction that issues the document."""

from datetime import datetime

from django.db import connection
from django.utils import timezone


def next_number(series: str, *, at: datetime) -> str:
    """The next number of a series of this year ("S12" → "S12-2026-0001"); to be called inside a transaction.

    The row of the series is locked until that ends, so two that issue at once wait for each other, and one that fails
    gives its number back.
    """
    name = f"{series}-{timezone.localtime(at).year}-"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payouts_numberseries AS series (name, last) VALUES (%s, 1)"
            " ON CONFLICT (name) DO UPDATE SET last = series.last + 1 RETURNING last",
            [name],
        )
        ((last,),) = cursor.fetchall()
    return f"{name}{last:04d}"
