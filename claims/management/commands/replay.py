"""Play case scripts through the services, and say what came of them."""

import json
import traceback
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from claims.replaying.output import output
from claims.replaying.play import Play
from claims.replaying.script import Malformed, read
from config.kernel.clock import database_now
from members.rules.plan_files import plan_codes, read_plan
from members.services.shipping import load_shipped


class Command(BaseCommand):
    help = "Play case scripts (JSON files) through the services, in a transaction that is rolled back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON list instead of a story")
        parser.add_argument("--keep", action="store_true", help="commit what was played")
        parser.add_argument("--questions", action="store_true", help="list the health questions of each plan")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["questions"]:
            self.stdout.write(json.dumps(_questions(), ensure_ascii=False, indent=2))
            return
        load_shipped(at=database_now())
        told = [self._play(path, keep=options["keep"]) for path in options["files"]]
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            for story in told:
                self.stdout.write(_story(story))
        if any("error" in story for story in told):
            raise SystemExit(2)

    def _play(self, path: Path, *, keep: bool) -> dict[str, Any]:
        """One file in a transaction of its own; a malformed one says so in its place and holds up no other."""
        try:
            script = read(path)
            with transaction.atomic():
                _wait_for_the_stage()
                play = Play(script)
                for _event in play.run():
                    pass
                told = output(play)
                transaction.set_rollback(not keep)
            return told
        except Malformed as error:
            return {"name": _name_in(path), "error": {"path": error.path, "message": str(error)}}
        except Exception as error:
            self.stderr.write(traceback.format_exc())
            return {"name": _name_in(path), "error": {"path": "", "message": f"Could not be played: {error!r}"}}


def _wait_for_the_stage() -> None:
    """Two replays at once cast the same people: the second waits, however long, until the first file is through."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('replay'))")
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _name_in(path: Path) -> str:
    """The name that a malformed script gives itself, or its file's."""
    try:
        name = json.loads(path.read_text(encoding="utf-8")).get("name")
    except (OSError, ValueError, AttributeError, RecursionError):
        name = None
    return name if isinstance(name, str) else path.stem


def _questions() -> dict[str, list[dict[str, str]]]:
    return {code: [dict(question) for question in read_plan(code).questions] for code in plan_codes()}


def _story(told: dict[str, Any]) -> str:
    """A script's story for a reader: a line an event, then how it ended."""
    if "error" in told:
        return f"✗ {told['name']}: {told['error']['path']}: {told['error']['message']}\n"
    lines = [f"■ {told['name']}"]
    for event in told["events"]:
        mark, end = ("✓", event["state"]) if event["ok"] else ("✗", event["refusal"])
        lines.append(f"  {event['at']}  {mark} {event['do']:<18} {end}")
    lines.append(f"  → {told['state'] or told['admission']['outcome']}")
    if said := told["assessment"]:
        lines.append(f"    {said['outcome']} {', '.join(said['codes'])} {said['net_fen']}")
        lines += [f"    · {finding['rule']} {finding['because']}" for finding in said["findings"] if finding["code"]]
    return "\n".join(lines) + "\n"
