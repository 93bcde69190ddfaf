"""The child process that opens what somebody sent: it alone reads a PDF or an image, with little to lose.

`python -m config.kernel.drawing TASK TYPE PAGE`, the file on stdin, the answer on stdout: the number of pages
(`count`), one page as a JPEG (`draw`), or what an image or a recording says of its time and place, as JSON (`origin`).
Its exit code says what is wrong (`Fault`). It knows no Django and no secret.
"""

import io
import json
import math
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import pypdfium2
from PIL import Image, ImageOps
from pypdfium2.raw import FPDF_ERR_PASSWORD

from config.kernel import boxes
from config.kernel.children import take_little
from config.kernel.faults import Fault

WIDE, HIGH = 1600, 2200
"""Pixels within which a page is drawn."""
MOST_PIXELS = 50_000_000
"""Of an image that is opened at all."""
MOST_PAGES = 500
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
DETAILS, TAKEN_AT, ZONE, GPS = 0x8769, 0x9003, 0x9011, 0x8825
"""Where EXIF has the time (without and with a zone) and the place."""

SECONDS = 10
MEMORY = 1024 * 1024 * 1024


class Faulty(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


def count(data: bytes, content_type: str) -> int:
    """The pages of a file; an image is one, and is read to its end."""
    if content_type in FORMATS:
        _image(data, content_type).load()
        return 1
    pages = len(document := _document(data))
    if pages > MOST_PAGES:
        raise Faulty(Fault.TOO_BIG)
    if not pages:
        raise Faulty(Fault.UNREADABLE)
    document[0].get_size()
    return pages


def draw(data: bytes, content_type: str, page: int) -> bytes:
    """Page `page`, counted from one, as a JPEG that holds nothing of the file but what is seen."""
    image = _page(_document(data), page) if content_type not in FORMATS else _shrunk(_image(data, content_type))
    drawn = io.BytesIO()
    _on_white(image).save(drawn, "JPEG", quality=82)
    return drawn.getvalue()


def origin(data: bytes, content_type: str) -> bytes:
    """What the file says of when and where it was taken, as it says it; empty texts where it says nothing."""
    exif = _image(data, content_type).getexif()
    details, place = exif.get_ifd(DETAILS), exif.get_ifd(GPS)
    told = {"time": str(details.get(TAKEN_AT, "")), "zone": str(details.get(ZONE, "")), "place": _place(place)}
    return json.dumps(told).encode()


def _place(gps: dict[int, object]) -> str:
    """Latitude and longitude in degrees, north and east positive."""
    try:
        north = _degrees(gps[2]) * (-1 if gps[1] == "S" else 1)
        east = _degrees(gps[4]) * (-1 if gps[3] == "W" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ""
    is_on_earth = math.isfinite(north) and math.isfinite(east) and abs(north) <= 90 and abs(east) <= 180
    return f"{north:.6f},{east:.6f}" if is_on_earth else ""


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == FPDF_ERR_PASSWORD
        raise Faulty(Fault.LOCKED if is_locked else Fault.UNREADABLE) from error


def _page(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    if not 1 <= number <= len(document):
        raise Faulty(Fault.NO_SUCH_PAGE)
    page = document[number - 1]
    wide, high = page.get_size()
    if wide <= 0 or high <= 0:
        raise Faulty(Fault.UNREADABLE)
    return page.render(scale=min(WIDE / wide, HIGH / high, 4)).to_pil()


def _image(data: bytes, content_type: str) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # counted here, and refused in words of its own
    image = Image.open(io.BytesIO(data), formats=[FORMATS[content_type]])
    if image.width * image.height > MOST_PIXELS:
        raise Faulty(Fault.TOO_BIG)
    return image


def _shrunk(image: Image.Image) -> Image.Image:
    image.draft("RGB", (WIDE, HIGH))
    if image.mode == "P":
        image = image.convert("RGBA")
    image.thumbnail((max(WIDE, HIGH), max(WIDE, HIGH)))
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((WIDE, HIGH))
    return turned


def _on_white(image: Image.Image) -> Image.Image:
    """New pixels without alpha, and without what the file said of itself."""
    if not image.has_transparency_data:
        return Image.frombytes("RGB", image.size, image.convert("RGB").tobytes())
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.convert("RGBA").getchannel("A"))
    return paper


def origin_of(file: BinaryIO, content_type: str) -> bytes:
    """As `origin`; a recording is not in memory as a whole."""
    if content_type in boxes.TYPES:
        return json.dumps(boxes.origin(file)).encode()
    return origin(file.read(), content_type)


TASKS: dict[str, Callable[[BinaryIO, str, int], bytes]] = {
    "count": lambda file, content_type, _page: str(count(file.read(), content_type)).encode(),
    "draw": lambda file, content_type, page: draw(file.read(), content_type, page),
    "origin": lambda file, content_type, _page: origin_of(file, content_type),
}


def main(task: str, content_type: str, page: str) -> int:
    take_little(seconds=SECONDS, memory=MEMORY)
    try:
        answer = TASKS[task](sys.stdin.buffer, content_type, int(page))
    except Faulty as error:
        return error.fault
    except Exception:  # whatever the libraries say of what they cannot read
        return Fault.UNREADABLE
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
