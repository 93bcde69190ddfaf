"""What the child process that opens a spreadsheet takes at most, and how it says no. It knows no Django."""

from typing import Any

MOST_ROWS = 100_000
MOST_CELLS = 5_000_000
"""Of the rectangle that holds all that is in the sheet: a reader keeps it in memory."""
MOST_COLUMNS = 200
LONGEST_CELL = 5_000
"""Characters."""
MOST_MEMBERS = 200
MOST_UNPACKED = 128 * 1024 * 1024
MOST_RATIO = 100
BATCH = 500

SECONDS = 30
MEMORY = 512 * 1024 * 1024

Row = tuple[int, list[Any]]


class No(Exception):
    """Why the file is not taken: a code, and what its sentence names."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.answer = {"no": code, **data}
