"""`make demo`: accounts for every role, some members, and cases in every step, made through the services."""

import sys
from base64 import b32encode
from contextlib import suppress
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError

from claims.replaying.registry import finales
from config.kernel import sweeping
from config.kernel.clock import database_now
from members.services.shipping import load_shipped
from payouts.management.demo import people, samples
from payouts.management.demo.desks import give_out
from payouts.management.demo.exports import take_out
from payouts.management.demo.filling import WentOtherwise, cases_by_state, play
from payouts.management.demo.looks import look_again
from payouts.management.demo.progress import Progress
from payouts.management.demo.stories import tell
from payouts.management.demo.tables import send_members

MADE_FOR = ("config.settings.development", "config.settings.test")


class Command(BaseCommand):
    help = "Fill a development database with made-up people and cases; what is there already is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SETTINGS_MODULE not in MADE_FOR:
            raise CommandError("The demo opens accounts with a known password: it runs in development only.")
        try:
            self._fill()
        except KeyboardInterrupt:
            self.stderr.write("\nStopped. What was added stays; the next run adds the rest.")
            sys.exit(130)

    def _fill(self) -> None:
        now = database_now()
        covenants = load_shipped(at=now)
        self.stdout.write(f"Plans: {', '.join(covenant.plan.code for covenant in covenants)}")
        accounts = people.open_accounts()
        self._members()
        self._cases()
        filed = samples.attach(at=database_now()) + samples.attach_rest(at=database_now())
        self.stdout.write(f"Papers: {filed} got a sample file")
        self.stdout.write(f"Exports: {take_out(at=database_now())} were asked for")
        self._clocks()
        shared = sum(finale(samples.drawn, at=database_now()) for finale in finales)
        self.stdout.write(f"Agencies: {shared} commissions were given to their people")
        self.stdout.write(f"Desks: {give_out(at=database_now())} cases were given to people")
        self.stdout.write(f"Quality: {look_again(at=database_now())} closed cases were looked at a second time")
        self.stdout.write(f"Imports: {send_members(at=database_now())} rows of a spreadsheet were looked through")
        self.stdout.write("")
        for state, count in cases_by_state():
            self.stdout.write(f"  {state:<14}{count:>4}")
        self.stdout.write(f"\nAccounts, all with the password {people.PASSWORD}:")
        for role, usernames in accounts.items():
            self.stdout.write(f"  {role:<14}{' '.join(usernames)}")
        key = b32encode(people.SECOND_FACTOR).decode()
        self.stdout.write(
            "\nInvestigators sign in under /field/, with a code of an authenticator app that has this key:"
        )
        self.stdout.write(f"  {key}")
        self.stdout.write("")

    def _clocks(self) -> None:
        """Do what is due now, messages by e-mail above all, and call off the rings that waited for a worker to do it.

        Letters are left to the worker's next beat: printing takes a second each, and nobody has to wait for it.
        """
        others = [name for name in sweeping.names() if name != "claims.print_letters"]
        while done := sum(sweeping.run(name, at=database_now()) for name in others):
            self.stdout.write(f"Clocks: {done} rows were due and are done")
        with suppress(OperationalError):
            current_app.control.purge()

    def _members(self) -> None:
        progress = Progress("Members", people.MEMBERS, self.stdout)
        wishes = {told.number: told.wish for told in tell()}
        for new in people.admit(range(people.MEMBERS), wishes, now=database_now()):
            progress.step(new=new)
        progress.finish()

    def _cases(self) -> None:
        stories = tell()
        progress = Progress("Cases", len(stories), self.stdout)
        failures = []
        for told in stories:
            try:
                progress.step(new=play(told, now=database_now()))
            except WentOtherwise as error:
                failures.append(str(error))
        progress.finish()
        for failure in failures:
            self.stderr.write(f"Not added: {failure}")
