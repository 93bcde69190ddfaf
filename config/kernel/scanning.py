"""Asking a virus scanner (clamd) about a file, by its INSTREAM command: lengths and bytes, then one line of answer."""

import re
import socket
import struct
from collections.abc import Iterable

PATIENCE = 60
"""Seconds that the scanner may be silent."""
LONGEST_ANSWER = 4096

FOUND = re.compile(r"stream: (.+) FOUND")


ADDRESS = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


def is_address(text: str) -> bool:
    """Whether this is `host:port`."""
    found = ADDRESS.fullmatch(text)
    return found is not None and 0 < int(found[1]) < 65536


class ScannerSilent(Exception):
    """It cannot be reached, breaks off, or answers neither that the file is clean nor what it found."""


def scan(pieces: Iterable[bytes], *, scanner: str) -> str | None:
    """What was found in the file, None where nothing was; `scanner` is `host:port`."""
    host, _colon, port = scanner.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE) as line:
            line.sendall(b"zINSTREAM\0")
            for piece in pieces:
                line.sendall(struct.pack("!I", len(piece)))
                line.sendall(piece)
            line.sendall(bytes(4))
            said = _answer(line)
    except OSError as error:
        raise ScannerSilent(type(error).__name__) from error
    if said == "stream: OK":
        return None
    if found := FOUND.fullmatch(said):
        return "".join(sign for sign in found[1] if sign.isprintable())[:80]
    raise ScannerSilent("an answer that is none")


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER and (more := line.recv(LONGEST_ANSWER)):
        said += more
    return said.rstrip(b"\0").decode("utf-8", "replace")
