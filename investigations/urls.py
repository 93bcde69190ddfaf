"""Addresses of the investigators, below `/field/`."""

from django.urls import path

from investigations.views import exhibits, uploads

app_name = "field"

urlpatterns = [
    path("uploads/to/<int:pk>/", uploads.make, name="uploads"),
    path("uploads/<int:pk>/", uploads.upload, name="upload"),
    path("exhibits/<int:pk>/", exhibits.original, name="exhibit"),
    path("exhibits/<int:pk>/pages/<int:number>/", exhibits.page, name="exhibit-page"),
]
