"""The rows of a CSV file, in the encodings of Chinese spreadsheet programs; in the child process, without Django."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from config.kernel.cells import DANGEROUS
from config.kernel.importing.limits import LONGEST_CELL, No, Row

_QUOTED = re.compile(rf"'(?=[{re.escape(DANGEROUS)}0-9])")
"""The apostrophe that keeps a cell of a CSV file text: our own files have it, and it is not part of the value."""


def csv_rows(data: bytes) -> tuple[str, Iterator[Row]]:
    """The encoding, and the rows; a line of the sheet is a record, however many lines of the file it has."""
    encoding, text = decoded(data)
    for sign, code in (("\0", "NUL_BYTES"), ("\ufffd", "WRONG_ENCODING")):
        if (place := text.find(sign)) >= 0:
            raise No(code, line=text.count("\n", 0, place) + 1)
    csv.field_size_limit(LONGEST_CELL)
    return encoding, _records(text)


def _records(text: str) -> Iterator[Row]:
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    try:
        for line, cells in enumerate(reader, 1):
            yield line, [_QUOTED.sub("", cell, count=1) if cell[:1] == "'" else cell for cell in cells]
    except csv.Error as error:
        raise No("CELL_TOO_LONG" if "limit" in str(error) else "BROKEN_QUOTES", line=line + 1) from error


def decoded(data: bytes) -> tuple[str, str]:
    """By its mark, else UTF-8, else GB18030 where it reads like Chinese; nothing is guessed beyond that."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return encoding.removesuffix("-sig"), _strictly(data, encoding)
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" in data or _is_broken_utf_8(data):
            raise No("NUL_BYTES" if b"\0" in data else "WRONG_ENCODING", line=_bad_line(data)) from None
    text = _strictly(data, "gb18030")
    if not _reads_like_chinese(text):
        raise No("WRONG_ENCODING", line=_bad_line(data))
    return "gb18030", text


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise No("WRONG_ENCODING", line=data.count(b"\n", 0, error.start) + 1) from None


def _is_broken_utf_8(data: bytes) -> bool:
    """Most of what is not ASCII is well-formed: the file was damaged, and is in no other encoding."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(sign > "\x7f" for sign in text) - bad > bad


def _bad_line(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return data.count(b"\n", 0, data.find(b"\0")) + 1


def _reads_like_chinese(text: str) -> bool:
    """Text of another encoding read as GB18030 is made of characters that nobody writes."""
    foreign = {sign: times for sign, times in Counter(text).items() if sign > "\x7f"}
    rare = sum(times for sign, times in foreign.items() if not _is_common(sign))
    return rare * 4 <= sum(foreign.values())


def _is_common(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return not "\u3040" <= sign <= "\u30ff"  # kana, which other encodings turn into
