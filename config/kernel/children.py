"""Child processes that open what people send: fed through a pipe, without secrets, and never left behind."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import BinaryIO

from config.embedded.addresses import ROOT

Data = bytes | Iterable[bytes]
"""A file, whole or in pieces."""


def child(module: str, task: Sequence[str], source: BinaryIO) -> "subprocess.Popen[bytes]":
    """`python -m module task …`, reading `source`; of the environment it has what a process needs to start."""
    return subprocess.Popen(
        [sys.executable, "-B", "-m", module, *task],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        start_new_session=True,
    )


def take_little(*, seconds: int, memory: int) -> None:
    """In the child, from here on: few seconds of processor and bytes of memory, no file written, no crash kept."""
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))


@contextmanager
def fed(data: Data) -> Iterator[BinaryIO]:
    """The reading end of a pipe that the file comes through.

    What goes wrong at the other end is raised here, before whatever was made of half a file.
    """
    pieces = (data,) if isinstance(data, bytes) else data
    receiving, sending = os.pipe()
    failures: list[Exception] = []
    feeder = Thread(target=_feed, args=(sending, pieces, failures), daemon=True)
    feeder.start()
    try:
        with open(receiving, "rb") as source:
            yield source
    finally:
        feeder.join()
        if failures:
            raise failures[0]


def _feed(sending: int, pieces: Iterable[bytes], failures: list[Exception]) -> None:
    try:
        with open(sending, "wb", buffering=0) as pipe:
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[pipe.write(rest) :]
    except BrokenPipeError:
        return  # the child has seen enough
    except Exception as error:  # raised in the thread that asked
        failures.append(error)
