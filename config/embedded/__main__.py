"""python -m config.embedded start|stop|status"""

import sys

from config import embedded

HOW = "python -m config.embedded start|stop|status"


def main(arguments: list[str]) -> int:
    """Exit code 0 when done, 1 with a sentence when a server cannot start, 2 for a wrong call, 3 when one is down."""
    try:
        match arguments:
            case ["start"]:
                embedded.ensure()
            case ["stop"]:
                embedded.stop()
            case ["status"]:
                pass
            case _:
                print(HOW, file=sys.stderr)
                return 2
    except embedded.ServiceFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    answering = embedded.status()
    for name, address in zip(answering, (embedded.database_url(), embedded.redis_url()), strict=True):
        print(f"{name:12} {'runs' if answering[name] else 'stopped':8} {address}")
    return 3 if arguments == ["status"] and not all(answering.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
