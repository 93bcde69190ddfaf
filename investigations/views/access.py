"""The door of /field/: a password, then a code of the second factor, which the first sign-in sets up."""

from base64 import b32encode
from datetime import datetime
from typing import Any

import django_otp
import qrcode
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from qrcode.image.svg import SvgPathImage

from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.refusals import NotPermitted, Refusal
from investigations.forms import field as forms
from investigations.refusals import SignInAgain, TooManyTries, WrongCode
from investigations.services import second_factor
from investigations.views.guarding import investigator_of, is_verified, next_of, sent_to, strictly

SIGNED_IN_AT = "signed_in_at"
"""In the session: when the password was given."""


@method_decorator(strictly, name="dispatch")
class SignInView(LoginView):
    """Name and password. Wrong ones are counted as those of the desk are."""

    template_name = "field/sign_in.html"
    authentication_form = forms.SignIn
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        self.request.session[SIGNED_IN_AT] = database_now().isoformat()
        return answer

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        return next_of(self.request)

    def get_default_redirect_url(self) -> str:
        return reverse("field:commissions")


@strictly
@never_cache
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """A code of the authenticator app, or a recovery code."""
    if not request.user.is_authenticated:
        return sent_to("field:sign-in", request)
    user = investigator_of(request).user
    if is_verified(request):
        return _on(request)
    if not second_factor.is_set_up(user):
        return sent_to("field:set-up", request)
    form = forms.Code(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _vouch(request, second_factor.check_code(user, form.cleaned_data["code"], at=database_now()))
        except Refusal as no:
            form.add_error("code", str(no))
        else:
            return _on(request)
    return _form(request, "field/code.html", form, {})


@strictly
@never_cache
@sensitive_post_parameters("code")
def set_up(request: HttpRequest) -> HttpResponse:
    """The key, as an image and as text, and a code that proves that it arrived; then the recovery codes, once."""
    if not request.user.is_authenticated:
        return sent_to("field:sign-in", request)
    user = investigator_of(request).user
    if is_verified(request) or second_factor.is_set_up(user):
        return sent_to("field:code", request)
    try:
        return _set_up(request, user, since=_signed_in_at(request))
    except SignInAgain as no:
        logout(request)
        messages.warning(request, str(no))
        return sent_to("field:sign-in", request)


def _set_up(request: HttpRequest, user: User, *, since: datetime | None) -> HttpResponse:
    form = forms.Code(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            device, codes = second_factor.set_up(user, form.cleaned_data["code"], since=since, at=database_now())
        except (WrongCode, TooManyTries, NotPermitted) as no:
            form.add_error("code", str(no))
        else:
            _vouch(request, device)
            return render(request, "field/recovery.html", {"codes": codes, "next": _going(request)})
    device = second_factor.proposed(user, since=since)
    return _form(request, "field/set_up.html", form, {"image": _image(device.config_url), "key": _key(device)})


def _signed_in_at(request: HttpRequest) -> datetime | None:
    """When this session gave the password; None where it came in by another door."""
    said = request.session.get(SIGNED_IN_AT)
    return datetime.fromisoformat(said) if said else None


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return HttpResponseRedirect(reverse("field:sign-in"))


def _form(request: HttpRequest, template: str, form: forms.Code, context: dict[str, Any]) -> HttpResponse:
    status = 409 if form.errors else 200
    return render(request, template, {"form": form, "next": next_of(request), **context}, status=status)


def _vouch(request: HttpRequest, device: Any) -> None:
    """The session is verified from now on, under another key."""
    request.session.cycle_key()
    django_otp.login(request, device)


def _going(request: HttpRequest) -> str:
    return next_of(request) or reverse("field:commissions")


def _on(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(_going(request))


def _image(address: str) -> SafeString:
    """An SVG drawing of an address that an authenticator app reads."""
    drawn = qrcode.make(address, image_factory=SvgPathImage, box_size=20)
    return mark_safe(drawn.to_string().decode())  # paths alone: the address is drawn, not written


def _key(device: Any) -> str:
    """The key in groups of four letters, for whoever types it."""
    letters = b32encode(device.bin_key).decode()
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))
