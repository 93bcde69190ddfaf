"""The scanner's client, against a server that speaks as clamd does."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from config.kernel.scanning import ScannerSilent, scan


class Clamd:
    """Takes one file, keeps it, and answers what it was told to."""

    def __init__(self, answer: bytes, *, listens_to: int | None = None) -> None:
        self.answer, self.listens_to, self.received, self.command = answer, listens_to, b"", b""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.door.getsockname()[1]}"

    def serve(self) -> None:
        line, _who = self.door.accept()
        with line, line.makefile("rb") as stream:
            self.command = stream.read(10)
            while length := struct.unpack("!I", stream.read(4))[0]:
                self.received += stream.read(length)
                if self.listens_to is not None and len(self.received) >= self.listens_to:
                    break
            line.sendall(self.answer)


@contextmanager
def clamd(answer: bytes, *, listens_to: int | None = None) -> Iterator[Clamd]:
    server = Clamd(answer, listens_to=listens_to)
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        thread.join(10)
        server.door.close()


def test_a_clean_file_is_clean_and_arrived_whole() -> None:
    with clamd(b"stream: OK\0") as server:
        assert scan([b"one", b"two" * 1000], scanner=server.address) is None

    assert server.command == b"zINSTREAM\0"
    assert server.received == b"one" + b"two" * 1000


def test_what_was_found_is_named() -> None:
    with clamd(b"stream: Win.Test.EICAR_HDB-1 FOUND\0") as server:
        assert scan([b"x"], scanner=server.address) == "Win.Test.EICAR_HDB-1"


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"x" * 10_000, b"\xff\xfe\0", b"stream: OK FOUN\0"]
)
def test_any_other_answer_is_none(answer: bytes) -> None:
    with clamd(answer) as server, pytest.raises(ScannerSilent):
        scan([b"x"], scanner=server.address)


def test_a_scanner_that_hangs_up_in_the_middle_is_no_answer() -> None:
    with clamd(b"", listens_to=10) as server, pytest.raises(ScannerSilent):
        scan((bytes(1 << 20) for _piece in range(64)), scanner=server.address)


def test_nobody_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"127.0.0.1:{door.getsockname()[1]}"

    with pytest.raises(ScannerSilent):
        scan([b"x"], scanner=address)
