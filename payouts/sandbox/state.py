"""Everything the stand-in remembers: rows by id, in the order they were made, on disk when asked to.

Rows are plain JSON objects with an `id` and an `object` (their kind). `_account` says whose they are. A
change goes through `add`, `update` or `remove`, which note the row; `flush` writes what was noted in one
SQLite transaction.
"""

import json
import secrets
import sqlite3
from pathlib import Path
from typing import Any

from payouts.sandbox.errors import Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    row TEXT NOT NULL
)
"""
META = "_meta"


class State:
    def __init__(self, path: Path | None = None, *, seed: str | None = None) -> None:
        """Read what a file holds, or begin empty. `seed` is part of each id, so that two worlds never share
        one.
        """
        self._rows: dict[str, Row] = {}
        self._kinds: dict[str, dict[str, Row]] = {}
        self._owned: dict[tuple[str, str], dict[str, Row]] = {}
        self._changed: set[str] = set()
        self._positions: dict[str, int] = {}
        self._next_position = 0
        self._connection = self._open(path) if path else None
        if META not in self._rows:
            self.add({"id": META, "object": META, "counter": 0, "seed": seed or secrets.token_hex(4)})
        self.meta = self._rows[META]

    def _open(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(SCHEMA)
        for _id, position, text in connection.execute("SELECT id, position, row FROM item ORDER BY position"):
            self._place(json.loads(text), position=position)
        return connection

    def _place(self, row: Row, *, position: int) -> None:
        self._rows[row["id"]] = row
        self._kinds.setdefault(row["object"], {})[row["id"]] = row
        self._owned.setdefault((row["object"], row.get("_account", "")), {})[row["id"]] = row
        self._positions[row["id"]] = position
        self._next_position = max(self._next_position, position + 1)

    def new_id(self, prefix: str) -> str:
        """Make an id that sorts by age: Stripe's prefix, this world's seed, a counter."""
        number = self.meta["counter"] + 1
        self.update(self.meta, counter=number)
        return f"{prefix}_{self.meta['seed']}{number:010d}"

    def add(self, row: Row) -> Row:
        self._place(row, position=self._next_position)
        self._changed.add(row["id"])
        return row

    def update(self, row: Row, **changes: Any) -> Row:
        row.update(changes)
        self._changed.add(row["id"])
        return row

    def remove(self, row: Row) -> None:
        del self._rows[row["id"]]
        del self._kinds[row["object"]][row["id"]]
        del self._owned[row["object"], row.get("_account", "")][row["id"]]
        self._changed.add(row["id"])

    def get(self, row_id: str, *, kind: str | None = None) -> Row | None:
        row = self._rows.get(row_id)
        return row if row is not None and kind in (None, row["object"]) else None

    def all(self, kind: str, *, account: str | None = None) -> list[Row]:
        """All rows of a kind, oldest first; of one account when named."""
        found = self._kinds.get(kind, {}) if account is None else self._owned.get((kind, account), {})
        return list(found.values())

    def dump(self) -> dict[str, list[Row]]:
        """Show every row, private keys and all, by kind."""
        return {kind: list(rows.values()) for kind, rows in sorted(self._kinds.items()) if rows}

    def flush(self) -> None:
        """Write what changed, all or nothing. Without a file this only forgets what was noted."""
        changed, self._changed = self._changed, set()
        if self._connection is None or not changed:
            return
        with self._connection:
            self._connection.execute("BEGIN")
            for row_id in changed:
                row = self._rows.get(row_id)
                if row is None:
                    self._connection.execute("DELETE FROM item WHERE id = ?", (row_id,))
                else:
                    self._connection.execute(
                        "INSERT INTO item VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET row = excluded.row",
                        (row_id, self._positions[row_id], json.dumps(row)),
                    )

    def close(self) -> None:
        self.flush()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
