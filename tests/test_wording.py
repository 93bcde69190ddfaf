"""Every text has its Chinese, and no word of the insurance trade is on any screen, letter or file of ours."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation.template import templatize

from claims.enums import State
from config.kernel import pages
from config.kernel.roles import ROLES
from members.models import Covenant
from members.rules.vocabulary import trade_words
from members.services.shipping import load_shipped
from tests.factories import JOINED, case_in, staff

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
APPS = ("config", "members", "claims", "investigations", "payouts")

PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def messages_in(source: bytes) -> Iterator[tuple[str | None, str]]:
    """Context and msgid of every marked text of a Python source."""
    for _line, message, _comments, context in extract("python", BytesIO(source), keywords=KEYWORDS):
        msgid = message[0] if isinstance(message, tuple) else message
        if msgid:
            yield context, msgid


def sources() -> Iterator[tuple[Path, bytes]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_bytes()


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def test_the_catalogue_is_whole_and_certain() -> None:
    for message in catalogue():
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        msgids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert all(strings), message.id
        for string in strings:
            assert sorted(PLACE.findall(string)) == sorted(PLACE.findall(msgids[-1])), message.id


def test_the_catalogue_has_no_word_of_the_trade() -> None:
    for message in catalogue():
        for text in (message.id, message.string):
            whole = " ".join(text) if isinstance(text, tuple | list) else text
            assert trade_words(whole) == [], whole


def test_every_marked_text_of_the_code_is_in_the_catalogue() -> None:
    known = catalogue()
    for path, source in sources():
        for context, msgid in messages_in(source):
            assert known.get(msgid, context) is not None, f"{path.relative_to(ROOT)}: {msgid}"


def test_every_marked_text_of_the_templates_is_in_the_catalogue() -> None:
    known = catalogue()
    for path in templates():
        python = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for context, msgid in messages_in(_as_python(python)):
            assert known.get(msgid, context) is not None or _is_djangos(msgid), f"{path.relative_to(ROOT)}: {msgid}"


def _as_python(templatized: str) -> bytes:
    """What templatize leaves of a template, without the X's that keep its lines."""
    quoted = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
    calls = re.findall(rf"""(?:n?p?gettext|_)\((?:{quoted}|[^'")])*\)""", templatized, re.DOTALL)
    return "\n".join(calls).encode()


def _is_djangos(msgid: str) -> bool:
    assert get_language() == "zh-hans"
    return gettext(msgid) != msgid


def test_the_extraction_would_notice_a_new_text() -> None:
    """The test of the test: a text that nobody translated is seen in code and in a template."""
    assert list(messages_in(b'_("nobody said this")')) == [(None, "nobody said this")]
    template = (
        '{% load i18n %}<p>{% translate "nor this" %}</p>'
        "{% blocktranslate count n=1 trimmed %}a{% plural %}b{% endblocktranslate %}"
    )
    assert [msgid for _context, msgid in messages_in(_as_python(templatize(template)))] == ["nor this", "a"]


def test_the_templates_speak_by_the_catalogue() -> None:
    """No bare Chinese in a template, but for the one sentence, and no word of the trade."""
    for path in templates():
        text = path.read_text(encoding="utf-8")
        assert re.findall("[\u4e00-\u9fff]+", text.replace("互助计划不是保险", "")) == [], path
        assert trade_words(text) == [], path


@pytest.mark.parametrize("path", sorted((ROOT / "members/plans").glob("*.json")), ids=lambda path: path.stem)
def test_the_plans_say_nothing_of_the_trade(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        assert trade_words(line) == [], line


def test_the_trade_is_recognised() -> None:
    assert trade_words("互助计划不是保险") == []
    assert trade_words("《重大疾病保险的疾病定义使用规范》") == []
    assert trade_words("理赔金额与保额") == ["理赔", "保额"]
    assert trade_words("an insured person") == ["insured"]
    assert trade_words("Premiums and underwriting, reinsured by a policyholder") != []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_of_the_desk_says_a_word_of_the_trade(db: None, language: str) -> None:
    load_shipped(at=JOINED)
    for state in (State.COLLECTING, State.PUBLICISED, State.APPROVED):
        case_in(state)
    user = staff(*(role for role in ROLES if role != "system"))
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("set_language"), {"language": language})
    for url in _addresses():
        response = client.get(url)
        assert response.status_code == 200, url
        text = re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
        assert trade_words(text) == [], url
        assert "互助计划不是保险" in text, url


def _addresses() -> Iterator[str]:
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        shown = 3 if pages.moves_of(model) else 1
        for row in model._default_manager.order_by("pk")[:shown]:
            yield reverse(f"{name}_change", args=[row.pk])
            for move in pages.moves_of(model).values():
                if move.form is None:
                    continue
                for other in move.rows(row):
                    if move.belongs_to(other):
                        yield reverse(f"{name}_move", args=[row.pk, move.name, other.pk])


def test_every_published_clause_is_free_of_the_trade(db: None) -> None:
    load_shipped(at=JOINED)
    for covenant in Covenant.objects.published():
        for number, texts in covenant.clauses.items():
            for text in texts.values():
                assert trade_words(text) == [], f"{covenant} {number}: {text}"
