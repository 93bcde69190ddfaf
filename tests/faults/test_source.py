"""What the source must not contain, because a worker, a broker or a clock would then hold a fact of the business."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "members", "claims", "investigations", "payouts")
MONEY = (
    "config/kernel/money.py",
    "claims/rules",
    "claims/services/assessing.py",
    "claims/services/paying.py",
    "members/services/dues.py",
    "payouts",
)
"""Where amounts are computed, moved or booked."""

Finder = Callable[[ast.AST], bool]


def timers(node: ast.AST) -> bool:
    """A task that waits in the broker: lost with it, or run many times over."""
    return isinstance(node, ast.keyword) and node.arg in ("eta", "countdown")


def task_calls(node: ast.AST) -> bool:
    """A task called from where the work arises; there is the bell for that, after the commit."""
    return isinstance(node, ast.Attribute) and node.attr in ("delay", "delay_on_commit", "apply_async")


def state_written_past_the_gate(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("update", "bulk_update")
        and (any(word.arg == "state" for word in node.keywords) or _names_state(node.args[1:]))
    )


def _names_state(arguments: list[ast.expr]) -> bool:
    return any(isinstance(node, ast.Constant) and node.value == "state" for one in arguments for node in ast.walk(one))


OF_DJANGO = {f"{when}_{what}" for when in ("pre", "post") for what in ("init", "save", "delete", "migrate")} | {
    *("m2m_changed", "class_prepared", "request_started", "request_finished", "setting_changed"),
}
"""What a module of signals has; the signals of a case are something else."""


def signals(node: ast.AST) -> bool:
    """Signals between our own apps; Django's own post_migrate is one that the roles are made on."""
    if isinstance(node, ast.ImportFrom):
        taken = {one.name for one in node.names} - {"post_migrate"}
        return node.module == "django.dispatch" or (node.module == "django.db.models.signals" and bool(taken))
    if not isinstance(node, ast.Attribute):
        return False
    module = ast.unparse(node.value).rpartition(".")[2]
    return module == "dispatch" or (module == "signals" and node.attr in OF_DJANGO)


def floats(node: ast.AST) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    return called or (isinstance(node, ast.Constant) and isinstance(node.value, float))


def found(finder: Finder, *places: str) -> list[str]:
    """Where the finder finds something, as `path:line`."""
    return [f"{path.relative_to(ROOT)}:{line}" for path in sources(places) for line in lines(finder, path.read_text())]


def lines(finder: Finder, source: str) -> list[int]:
    return [getattr(node, "lineno", 0) for node in ast.walk(ast.parse(source)) if finder(node)]


def sources(places: tuple[str, ...]) -> Iterator[Path]:
    for place in (ROOT / name for name in places):
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


@pytest.mark.parametrize("finder", [timers, task_calls, state_written_past_the_gate, signals])
def test_the_source_has_none(finder: Finder) -> None:
    assert found(finder, *APPS) == []


def test_money_is_never_a_float() -> None:
    assert found(floats, *MONEY) == []


@pytest.mark.parametrize(
    ("finder", "source"),
    [
        (timers, "app.send_task('claims.approve', eta=end)"),
        (timers, "approve.apply_async(countdown=60)"),
        (task_calls, "on_commit(ring.delay)"),
        (task_calls, "ring.apply_async(retry=False)"),
        (state_written_past_the_gate, "Claim.objects.filter(pk=1).update(state=State.APPROVED, version=2)"),
        (state_written_past_the_gate, "Claim.objects.bulk_update(rows, ['version', 'state'])"),
        (signals, "from django.dispatch import receiver"),
        (signals, "from django.db.models.signals import post_migrate, post_save"),
        (signals, "models.signals.post_save.connect(tell)"),
        (floats, "fen = float(yuan) * 100"),
        (floats, "fen = gross * 0.3"),
    ],
)
def test_each_would_be_seen(finder: Finder, source: str) -> None:
    assert lines(finder, source) == [1]


def test_every_place_is_looked_at() -> None:
    assert all(any(sources((place,))) for place in (*APPS, *MONEY))
