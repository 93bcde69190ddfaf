"""Files by their content."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """A file by its content: the SHA-256 of the bytes that came in, their type by content, their number.

    The bytes lie encrypted in the file store (`config.kernel.files`); the same content is stored once. What a file was
    called, and whose it is, is said where it is referred to.
    """

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    content_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    pages = models.PositiveIntegerField(_("pages"), default=1)
    stored_at = models.DateTimeField(_("stored at"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        triggers = [pgtrigger.Protect(name="stored_file_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sha256[:12]
