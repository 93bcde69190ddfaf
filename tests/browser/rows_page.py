"""Addresses of a page of the tests' own: rows of papers and the way to the next case, as the desk's pages mark them."""

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from config.urls import urlpatterns as of_the_desk

PAGE = """{% extends "admin/base_site.html" %}{% block content %}
<p><a id="next" data-act="next" href="#next-case">next</a> <a id="desk" data-act="desk" href="#my-desk">desk</a></p>
<ul>{% for paper in "123" %}
    <li id="row-{{ paper }}" data-row><a href="#paper-{{ paper }}">paper {{ paper }}</a>
        <button type="button" data-act="accept" x-on:click="$el.ariaPressed = 'true'">accept {{ paper }}</button>
        <a data-act="return" href="#return-{{ paper }}">return {{ paper }}</a></li>
{% endfor %}</ul>
<p><label>Note <textarea id="note"></textarea></label> <label>Search <input type="search" id="find"></label></p>
{% endblock %}"""


def rows(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template(PAGE).render(RequestContext(request, site.each_context(request))))


urlpatterns = [path("rows/", rows), *of_the_desk]
