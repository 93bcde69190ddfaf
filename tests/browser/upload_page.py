"""The addresses of the whole site, and one page that is the upload fragment alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from config.urls import urlpatterns as site
from investigations.models import Commission


def page(request: HttpRequest, pk: int) -> HttpResponse:
    commission = Commission.objects.get(pk=pk)
    told = {"upload_url": reverse("field:uploads", args=[pk]), "exhibits": commission.exhibits.all()}
    fragment = render(request, "field/upload.html", told).content.decode()
    head = '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head += '<link rel="icon" href="data:,">'
    return HttpResponse(f"{head}<title>x</title><main>{fragment}</main></html>")


urlpatterns = [*site, path("upload-page/<int:pk>/", page)]
