"""Many rows at once: ids taken ahead, rows written by COPY, and those found that have one of many values.

An ORM insert costs more per row than the database takes to store it. Triggers and constraints see the rows of a COPY
as those of one INSERT. Whoever writes this way names every column that has no default in the database, and gives a
moment or a UUID that stands in many rows as text: the driver would write it out for each.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL


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
        cursor.copy(statement) as copy,
    ):
        write_row = copy.write_row
        for row in rows:
            write_row(row)


def copy_all(objects: Sequence[models.Model]) -> None:
    """Write new rows of one model with all their columns; the objects get ids, and are those rows from then on."""
    if not objects:
        return
    model = type(objects[0])
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    for row, pk in zip(objects, next_ids(model, len(objects)), strict=True):
        row.pk = pk
    copy_rows(
        model,
        [str(field.column) for field in fields],
        ([_as_copied(field, getattr(row, field.attname)) for field in fields] for row in objects),
    )
    for row in objects:
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 -- as bulk_create does


def _as_copied(field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(field, models.JSONField) and value is not None:
        return json.dumps(value)
    return str(value) if isinstance(value, str) else value  # a choice is its value


def among(ids: Iterable[int]) -> RawSQL:
    """For `…__in=`: rows whose number is one of these, given as one parameter however many there are."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def ids_with(model: type[models.Model], column: str, values: Sequence[Any]) -> list[Any]:
    """The keys of the rows with one of these values, as one parameter however many there are."""
    key, table = model._meta.pk.column, model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{key}" FROM "{table}" WHERE "{column}" = ANY(%s)', [list(values)])  # noqa: S608 -- names of the model
        return [found for (found,) in cursor.fetchall()]
