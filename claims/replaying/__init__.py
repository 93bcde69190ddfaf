"""Case scripts: one JSON file, one case, played through the services at the times that the script says."""

from claims.replaying import verbs  # noqa: F401  (registers this app's verbs)
