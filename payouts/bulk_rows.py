"""Many rows at once: ids taken ahead, rows written by COPY, and those found that have one of many values.

An ORM insert costs more per row than the database takes to store it. Triggers and constraints see the rows of a COPY
as those of one INSERT. Whoever writes this way names every column that has no default in the database.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """So many ids out of the model's own sequence, ascending; one query."""
    named = f"{model._meta.db_table}_{model._meta.pk.column}_seq"
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [named, count])
        return sorted(number for (number,) in cursor.fetchall())


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of these columns (as the database names them), JSON as text. Raises IntegrityError as an insert."""
    quoted = ", ".join(f'"{column}"' for column in columns)
    statement = f'COPY "{model._meta.db_table}" ({quoted}) FROM STDIN'
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,  # type: ignore[attr-defined]  # psycopg's own
    ):
        write_row = copy.write_row
        for row in rows:
            write_row(row)


def ids_with(model: type[models.Model], column: str, values: Sequence[Any]) -> list[Any]:
    """The keys of the rows with one of these values, as one parameter however many there are."""
    key, table = model._meta.pk.column, model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{key}" FROM "{table}" WHERE "{column}" = ANY(%s)', [list(values)])  # noqa: S608 -- names of the model
        return [found for (found,) in cursor.fetchall()]
