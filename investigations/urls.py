"""Addresses of the investigators, below /field/. All but those of the sign-in stand behind `in_the_field`."""

from django.urls import path

from investigations.views import access, commissions, desks, exhibits, notices, offline, papers, playing, uploads

app_name = "field"

urlpatterns = [
    path("uploads/to/<int:pk>/", uploads.make, name="uploads"),
    path("uploads/<int:pk>/", uploads.upload, name="upload"),
    path("exhibits/<int:pk>/", exhibits.original, name="exhibit"),
    path("exhibits/<int:pk>/pages/<int:number>/", exhibits.page, name="exhibit-page"),
    path("exhibits/<int:pk>/play/", playing.play, name="play"),
    path("exhibits/<int:pk>/stream/", playing.stream, name="stream"),
    path("worker.js", offline.worker, name="worker"),
    path("offline/", offline.page, name="offline"),
    path("sign-in/", access.SignInView.as_view(), name="sign-in"),
    path("code/", access.code, name="code"),
    path("set-up/", access.set_up, name="set-up"),
    path("sign-out/", access.sign_out, name="sign-out"),
    path("", desks.commissions, name="commissions"),
    path("hand-over/", desks.hand_over, name="hand-over"),
    path("notices/", notices.notices, name="notices"),
    path("commissions/<int:pk>/", commissions.commission, name="commission"),
    path("commissions/<int:pk>/take/", commissions.take, name="take"),
    path("commissions/<int:pk>/decline/", commissions.decline, name="decline"),
    path("commissions/<int:pk>/assign/", commissions.assign, name="assign"),
    path("commissions/<int:pk>/reveal/", commissions.reveal, name="reveal"),
    path("commissions/<int:pk>/letters/<int:letter>/", papers.letter_scan, name="letter"),
    path("commissions/<int:pk>/letters/<int:letter>/pages/<int:number>/", papers.letter_page, name="letter-page"),
    path("commissions/<int:pk>/papers/<int:paper>/pages/<int:number>/", papers.paper_page, name="paper-page"),
    path("commissions/<int:pk>/report/", commissions.report, name="report"),
]
