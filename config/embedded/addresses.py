"""Where the embedded servers are, known from the checkout's path alone. Importing this starts and touches nothing."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCAL = ROOT / ".local"

RUN = Path("/var/tmp") / f"mutual-aid-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
"""Holds the sockets, whose path must be short; and all the rest where the servers' user cannot work in the checkout."""

PORT = 5432  # a part of the socket's name: nothing listens on the network
ROLE = "claims"
DATABASE = "claims"
VALKEY_SOCKET = RUN / "valkey.sock"


def database_url(name: str = DATABASE) -> str:
    """The embedded PostgreSQL's database `name`, entered as the plain role that owns it."""
    return f"postgresql://{ROLE}@:{PORT}/{name}?host={RUN}"


def redis_url(db: int = 0) -> str:
    """The embedded Valkey's database number `db` (0 … 63); 0 is the broker's, 1 the tests'."""
    return f"unix://{VALKEY_SOCKET}?db={db}"
