"""The columns of the kernel's own tables as spreadsheets have them."""

from config.kernel.resources import exports, imports

__all__ = ["exports", "imports"]
