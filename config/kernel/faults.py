"""What is wrong with a file that somebody sent, as the exit code of the child process that opened it."""

from enum import IntEnum


class Fault(IntEnum):
    UNREADABLE = 11
    LOCKED = 12
    TOO_BIG = 13
    NO_SUCH_PAGE = 14
