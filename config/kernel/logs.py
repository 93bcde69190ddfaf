"""Log lines without what an exception says: a database's error quotes the row it refused, a parser's its input."""

import copy
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

_ROW = re.compile(r"(DETAIL|CONTEXT):  .*", re.DOTALL)


class WithoutTexts(logging.Formatter):
    """Of an exception, and of all that caused it, the type and the frames."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_text = None  # another handler's formatter may have left its own
        error = record.exc_info[1] if record.exc_info else None
        said = {text: _name(one) for one in _chain(error) for text in (str(one), repr(one))}
        if isinstance(record.args, Mapping):
            record.args = {key: _without(value, said) for key, value in record.args.items()}
        elif record.args:
            record.args = tuple(_without(value, said) for value in record.args)
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _ROW.sub(r"\1: …", record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        _kind, error, frames = ei
        blocks = [
            "".join(traceback.format_tb(frames if one is error else one.__traceback__)) + _name(one)
            for one in _chain(error)
        ]
        return "\n\nled to\n\n".join(reversed(blocks))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, what caused it, what caused that."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _without(value: object, said: dict[str, str]) -> object:
    if isinstance(value, BaseException):
        return _name(value)
    return said.get(value, value) if isinstance(value, str) else value


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
