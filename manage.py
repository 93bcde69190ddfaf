#!/usr/bin/env python
"""Django's command line, for development unless DJANGO_SETTINGS_MODULE says otherwise."""

import os
import sys

NEEDS_NO_SERVER = {"help", "version", "--help", "--version", "makemessages", "compilemessages", "collectstatic"}


def main() -> None:
    """Start the embedded servers where the environment names none, then do what the command line says."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in NEEDS_NO_SERVER and os.environ["DJANGO_SETTINGS_MODULE"] != "config.settings.production":
        from config import embedded

        try:
            embedded.ensure()
        except embedded.ServiceFailure as failure:
            sys.exit(str(failure))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
