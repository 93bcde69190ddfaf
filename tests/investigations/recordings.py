"""Photos, recordings and films as telephones make them, small, and things that only look like them."""

import io
import struct
import zipfile
import zlib

from PIL import Image, TiffImagePlugin

from tests.papers import EXE, POLYGLOT, SVG, bomb, jpeg, pdf, png

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HTML = b"<!doctype html><script>alert(document.cookie)</script>"


def box(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


def film(brand: bytes = b"isom") -> bytes:
    head = box(b"ftyp", brand + bytes(4) + (b"qt  " if brand == b"qt  " else b"isommp41"))
    return head + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", bytes(2000))


TAKEN = 3_827_111_462
"""Seconds from 1904 to 2025-04-10 06:31:02, UTC."""


def header(seconds: int = TAKEN, *, wide: bool = False) -> bytes:
    """The box that counts the seconds since 1904."""
    if wide:
        return box(b"mvhd", b"\1\0\0\0" + struct.pack(">QQIQ", seconds, seconds, 1000, 5000) + bytes(80))
    return box(b"mvhd", struct.pack(">IIIII", 0, seconds, seconds, 1000, 5000) + bytes(80))


def placed(text: str) -> bytes:
    """Where it was, as telephones with Android write it."""
    return box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7) + text.encode()))


def apple(version: bytes = b"", **said: str) -> bytes:
    """Time and place, as telephones of Apple write them."""
    keys = b"".join(box(b"mdta", f"com.apple.quicktime.{name}".replace("_", ".").encode()) for name in said)
    values = [box(b"data", struct.pack(">II", 1, 0) + value.encode()) for value in said.values()]
    listed = b"".join(box(struct.pack(">I", number), value) for number, value in enumerate(values, start=1))
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    return box(
        b"meta", version + handler + box(b"keys", struct.pack(">II", 0, len(said)) + keys) + box(b"ilst", listed)
    )


def recorded(*told: bytes, brand: bytes = b"isom", last: bool = True) -> bytes:
    """A film that says these things of itself, behind its pictures as cameras write it, or before them."""
    head, moov, pictures = (
        box(b"ftyp", brand + bytes(4) + b"isommp41"),
        box(b"moov", b"".join(told)),
        box(b"mdat", bytes(9000)),
    )
    return head + (pictures + moov if last else moov + pictures)


def sound() -> bytes:
    """M4A."""
    return box(b"ftyp", b"M4A " + bytes(4) + b"M4A mp42isom") + box(b"moov", bytes(100)) + box(b"mdat", bytes(500))


def wav(samples: int = 800) -> bytes:
    """Silence, of which 8000 samples of a byte are a second."""
    shape = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    data = (
        b"WAVEfmt " + struct.pack("<I", len(shape)) + shape + b"data" + struct.pack("<I", samples) + b"\x80" * samples
    )
    return b"RIFF" + struct.pack("<I", len(data)) + data


MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 4
AMR = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 20
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + bytes(
    500
)
HEIC = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + bytes(200)


def located(*, seconds: object = TiffImagePlugin.IFDRational(15, 1), south: bool = True) -> bytes:
    """A JPEG that says when and where it was taken: 30°35'15", 114°18'15"."""
    exif = Image.Exif()
    details, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    details[0x9003], details[0x9011] = "2025:04:10 14:31:02", "+08:00"
    gps[1], gps[3] = "S" if south else "N", "E"
    gps[2] = (TiffImagePlugin.IFDRational(30, 1), TiffImagePlugin.IFDRational(35, 1), seconds)
    gps[4] = (
        TiffImagePlugin.IFDRational(114, 1),
        TiffImagePlugin.IFDRational(18, 1),
        TiffImagePlugin.IFDRational(15, 1),
    )
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "olive").save(out, "JPEG", exif=exif)
    return out.getvalue()


def archive(*names: str, data: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, data)
    return out.getvalue()


def drawn(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(out, kind, **options)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that names a size and has next to no pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body)) + bytes(40)


OFFICE = archive("[Content_Types].xml", "word/document.xml", "xl/workbook.xml")

WELCOME: dict[str, tuple[bytes, str]] = {
    "a photo": (jpeg(), "photo"),
    "a drawing": (png(), "photo"),
    "a document": (pdf(2), "pdf"),
    "an MP3": (MP3, "audio"),
    "an M4A": (sound(), "audio"),
    "a WAV": (wav(), "audio"),
    "an AMR": (AMR, "audio"),
    "an MP4": (film(), "video"),
    "a MOV": (film(b"qt  "), "video"),
    "a WebM": (WEBM, "video"),
    "an image with a page of HTML behind it": (POLYGLOT, "photo"),
    "a film that is a page of HTML": (box(b"ftyp", b"isom" + bytes(4) + b"mp41") + HTML, "video"),
    "a film whose boxes lie about their size": (film()[:20] + b"\x7f\xff\xff\xffmoov" + header(), "video"),
    "a film of boxes without end": (box(b"ftyp", b"isom" + bytes(4) + b"mp41") + box(b"free") * 20_000, "video"),
    "a sound that is a page of HTML": (b"ID3\x04\0\0\0\0\0\0" + HTML, "audio"),
    "a WAV that is a page of HTML": (b"RIFF<!--WAVE-->" + HTML, "audio"),
    "a document with an archive behind it": (pdf() + archive("evil.js"), "pdf"),
}
"""What is taken, and as what it is shown."""

HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "one zero": (b"\0", "type"),
    "only zeros": (bytes(5000), "type"),
    "a newline": (b"\n", "type"),
    "plain text": ("病历".encode(), "type"),
    "EICAR": (EICAR, "type"),
    "EICAR in an archive": (archive("eicar.com", data=EICAR), "type"),
    "SVG with a script": (SVG, "type"),
    "SVG behind a BOM": (b"\xef\xbb\xbf" + SVG, "type"),
    "HTML": (HTML, "type"),
    "HTML of two bytes a sign": (HTML.decode().encode("utf-16"), "type"),
    "HTML that begins like a film": (b"<!--ftypisom-->" + HTML, "type"),
    "a page saved as mail": (b"MIME-Version: 1.0\nContent-Type: multipart/related; type=text/html\n\n" + HTML, "type"),
    "a list of films to fetch": (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\nhttp://127.0.0.1/\n", "type"),
    "a shortcut of Windows": (b"L\0\0\0\x01\x14\x02\0" + bytes(60), "type"),
    "WebAssembly": (b"\0asm\1\0\0\0", "type"),
    "an extension of a browser": (b"Cr24\3\0\0\0" + bytes(50), "type"),
    "a database": (b"SQLite format 3\0" + bytes(100), "type"),
    "a GIF that is an archive": (drawn("GIF") + archive("evil.class"), "type"),
    "HTML behind a comment": (b"<!--\xff\xd8\xff-->" + HTML, "type"),
    "XML with an entity bomb": (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>', "type"),
    "a Windows program": (EXE, "type"),
    "a Linux program": (b"\x7fELF\x02\x01\x01" + bytes(200), "type"),
    "a macOS program": (b"\xcf\xfa\xed\xfe" + bytes(200), "type"),
    "a shell script": (b"#!/bin/sh\nrm -rf /\n", "type"),
    "PHP": (b"<?php system($_GET['c']); ?>", "type"),
    "a GIF that is a script": (b"GIF89a/*" + bytes(10) + b"*/=1;alert(1)", "type"),
    "GIF": (drawn("GIF"), "type"),
    "BMP": (drawn("BMP"), "type"),
    "TIFF": (drawn("TIFF"), "type"),
    "WebP": (drawn("WEBP"), "type"),
    "HEIC": (HEIC, "heic"),
    "AVIF": (box(b"ftyp", b"avif" + bytes(4) + b"mif1avif") + bytes(90), "type"),
    "ZIP": (archive("a.txt"), "type"),
    "ZIP that climbs": (archive("../../../../etc/cron.d/x"), "type"),
    "a bomb of zeros": (archive("bomb", data=bytes(20_000_000)), "type"),
    "Word or Excel": (OFFICE, "type"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "type"),
    "RTF": (b"{\\rtf1 {\\object\\objdata }}", "type"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "type"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(50), "type"),
    "RAR": (b"Rar!\x1a\x07\x00" + bytes(50), "type"),
    "Flash": (b"FWS\x09" + bytes(50), "type"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF\n", "type"),
    "Java": (b"\xca\xfe\xba\xbe" + bytes(50), "type"),
    "a PDF a long way in": (b"x" * 300 + pdf(), "type"),
    "AVI": (b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(90), "type"),
    "Matroska": (b"\x1a\x45\xdf\xa3\x42\x82\x88matroska" + bytes(90), "type"),
    "Ogg": (b"OggS" + bytes(90), "type"),
    "an ftyp that names a length of 4 GB": (b"\xff\xff\xff\xffftypheix" + bytes(60), "type"),
    "an ftyp of no length": (b"\0\0\0\0ftyp", "type"),
    "an ftyp that is not text": (b"\0\0\0\x18ftyp\xff\xfe\xfd\xfc\0\0\0\0\xff\xff\xff\xff", "type"),
    "a cut ftyp": (b"\0\0\0\x20ftypis", "type"),
    "a cut RIFF": (b"RIFF\xff\xff\xff\xffWAV", "type"),
    "a cut EBML": (b"\x1a\x45\xdf\xa3\x42\x82", "type"),
    "three bytes of a JPEG": (b"\xff\xd8\xff", "damaged"),
    "a cut JPEG": (jpeg()[:200], "damaged"),
    "a JPEG of noise": (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "damaged"),
    "HTML that says it is a JPEG": (b"\xff\xd8\xff" + HTML, "damaged"),
    "the signature of a PNG": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "a cut PNG": (png()[:60], "damaged"),
    "a PNG without pixels": (png_of(0, 0), "damaged"),
    "a PNG that unfolds to gigabytes": (bomb(), "costly"),
    "a PNG of two thousand million pixels": (png_of(2_000_000_000, 1), "damaged"),
    "a PDF of noise": (b"%PDF-1.7\n" + bytes(range(256)) * 20, "damaged"),
    "a cut PDF": (pdf(3)[:200], "damaged"),
    "a locked PDF": (pdf(locked=True), "locked"),
    "a PDF that refers to itself": (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF",
        "damaged",
    ),
    "a PDF without pages": (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF",
        "damaged",
    ),
    "a PDF of a thousand pages": (pdf(501, text="x"), "costly"),
}
"""What is not taken, and with which code."""

NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\a.jpg",
    "/etc/shadow",
    "a.jpg\x00.php",
    "a\r\nSet-Cookie: s=1.jpg",
    "gpj.\u202eexe",
    "<img src=x onerror=alert(1)>.jpg",
    '"; filename="a.html',
    "x" * 5000,
    "",
    ".",
    "..",
    "CON",
    "$(reboot).jpg",
    "%2e%2e%2f%2e%2e%2fa",
    "病历.jpg\ud83d".encode("utf-8", "replace").decode(),
]
"""What a sender may call a file."""
