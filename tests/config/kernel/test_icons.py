"""The icons of the skin come from a small font of our own: a name that it lacks would stand there as a word."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[3]
FONT = ROOT / "config/kernel/static/desk/icons.woff"
IN_A_SPAN = re.compile(r"material-symbols-outlined[^>]*>\s*([a-z_0-9]+)\s*<")
IN_A_STYLE = re.compile(r"""content: ?["']([a-z_0-9]{3,})["']""")
AS_AN_ARGUMENT = re.compile(r"""\bicon["']?\s?[=:]\s?["']([a-z_0-9]+)["']""")


def ligatures() -> set[str]:
    """The words that the font draws as icons."""
    font = TTFont(FONT)
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    tables = [table for lookup in font["GSUB"].table.LookupList.Lookup for table in lookup.SubTable]
    pairs = [pair for table in tables for pair in getattr(table, "ExtSubTable", table).ligatures.items()]
    return {"".join(letters[glyph] for glyph in (first, *word.Component)) for first, words in pairs for word in words}


def named() -> Iterator[str]:
    """Icons that our templates and the skin's name."""
    skin = Path(str(resources.files("unfold")))
    for style in skin.rglob("static/**/*.css"):
        yield from IN_A_STYLE.findall(style.read_text(encoding="utf-8"))
    for source in [*skin.rglob("*.html"), *skin.rglob("*.py"), *(ROOT / "templates").rglob("*.html")]:
        text = source.read_text(encoding="utf-8")
        yield from IN_A_SPAN.findall(text)
        yield from AS_AN_ARGUMENT.findall(text)


def test_the_font_has_every_icon_that_a_page_names() -> None:
    names = set(named()) - {"icon"}

    assert len(names) > 30
    assert names <= ligatures()
