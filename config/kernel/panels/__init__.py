"""What the pages of the kernel's own rows show, and what can be done there."""

from config.kernel.panels import exports, imports

__all__ = ["exports", "imports"]
