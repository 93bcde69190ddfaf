"""Addresses: the admin is the desk; each app adds its own pages."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("field/", include("investigations.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler403 = "config.kernel.error_pages.not_permitted"
handler404 = "config.kernel.error_pages.not_found"
handler500 = "config.kernel.error_pages.stumbled"
