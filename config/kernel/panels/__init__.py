"""What the pages of the kernel's own rows show, and what can be done there."""

from config.kernel.panels import exports

__all__ = ["exports"]
