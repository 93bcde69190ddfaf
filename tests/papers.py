"""Files that people send, good and hostile, drawn for the tests."""

import io
import struct
import zlib

from fpdf import FPDF
from PIL import Image


def pdf(pages: int = 1, *, locked: bool = False, text: str = "sample") -> bytes:
    """A PDF of A4 pages with a line of text on each."""
    drawn = FPDF()
    drawn.set_font("helvetica", size=30)
    for number in range(pages):
        drawn.add_page()
        drawn.cell(0, 20, f"{text} {number + 1}")
    if locked:
        drawn.set_encryption(owner_password="o", user_password="u")
    return bytes(drawn.output())


def png(width: int = 60, height: int = 80, colour: str = "navy") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def jpeg(width: int = 80, height: int = 60, *, turned: bool = False) -> bytes:
    """With the place where it was taken in its EXIF data; `turned`: to be shown upright, its pixels lie on the side."""
    exif = Image.Exif()
    exif[0x010F] = "CANARY-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = "2025:04:05"
    if turned:
        exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (width, height), "olive").save(out, "JPEG", exif=exif)
    return out.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that unfolds to gigabytes."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 + side * 3)) for _row in range(300)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 512
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
POLYGLOT = png() + b"<html><script>alert(1)</script></html>"
"""An image that is a page of HTML to whoever believes its end."""
