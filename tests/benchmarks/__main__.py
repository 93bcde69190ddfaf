"""`python -m tests.benchmarks [G4 G5 …]`: print ratios against the machine's own limit, all measured in this run.

Works on a database of its own, beside the developer's, made anew and dropped. A goal that is missed is printed, not
punished: the exit code is 0; it is 2 for an unknown name.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module

WORK = {
    "G1": "g1",
    "G2": "g2",
    "G3": "g3",
    "G4": "g4",
    "G5": "g5",
    "G7": "g7",
    "UPLOADS": "uploads",
    "FIGURES": "figures",
}
ROWS = {"G1", "G2", "G3", "G4", "G5", "UPLOADS", "FIGURES"}
"""Those that work on tables."""


def main(names: list[str]) -> int:
    """Run the benchmarks of these names, or all."""
    wanted = names or list(WORK)
    if unknown := [name for name in wanted if name not in WORK]:
        print(f"No benchmark is named {', '.join(unknown)}; there are {', '.join(WORK)}.", file=sys.stderr)
        return 2
    _set_up()
    with _database_of_its_own() if ROWS & set(wanted) else nullcontext():
        for name in wanted:
            import_module(f"tests.benchmarks.{WORK[name]}").run()
            print(flush=True)
    return 0


def _set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    from config import embedded

    embedded.ensure()
    django.setup()


@contextmanager
def _database_of_its_own() -> Iterator[None]:
    """`<database>_bench`, migrated; the bell rings where nobody listens."""
    from celery import current_app
    from django.db import connection

    from tests.benchmarks.measuring import server

    theirs = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"{theirs}_bench"
    current_app.conf.update(broker_url="memory://localhost", broker_transport_options={})
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        print(f"On {server()}\n", flush=True)
        yield
    finally:
        connection.creation.destroy_test_db(theirs, verbosity=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
