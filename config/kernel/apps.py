from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "config.kernel"
    label = "kernel"
    verbose_name = _("Accounts and calendar")

    def ready(self) -> None:
        import config.celery  # noqa: F401  (web processes would talk to a broker that nobody set)
        from config.kernel.roles import sync_roles

        post_migrate.connect(sync_roles, dispatch_uid="kernel.sync_roles")
        autodiscover_modules("sweeps", "panels", "replaying", "resources")
