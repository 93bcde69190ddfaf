"""Progress that says what has happened, and nothing that has not."""

import time

from django.core.management.base import OutputWrapper

WIDTH = 30


class Progress:
    """One line for one piece of work: a bar that grows on a terminal, elsewhere the line of the end alone."""

    def __init__(self, label: str, total: int, out: OutputWrapper) -> None:
        self.label, self.total, self.out = label, total, out
        self.done = self.new = 0
        self._began = time.monotonic()
        self._is_alive = out.isatty()
        self._draw()

    def step(self, *, new: bool) -> None:
        """One more is there; `new` when it was not there before."""
        self.done += 1
        self.new += new
        self._draw()

    def finish(self) -> None:
        """The last word: how many there are, how many of them are new, how long it took."""
        seconds = time.monotonic() - self._began
        were_there = self.done - self.new
        said = f"{self.label}: {self.new} added" + (f", {were_there} were there" if were_there else "")
        self.out.write(("\r" if self._is_alive else "") + f"{said} ({seconds:.0f} s)".ljust(WIDTH + 40) + "\n")
        self.out.flush()

    def _draw(self) -> None:
        if self._is_alive:
            filled = WIDTH * self.done // self.total
            self.out.write(f"\r{self.label:<10} [{'#' * filled}{'.' * (WIDTH - filled)}] {self.done}/{self.total} ")
            self.out.flush()
