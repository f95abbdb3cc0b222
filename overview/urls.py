"""URLs of the shell: home, sign-in, account, team, set-up, health."""

from django.urls import include, path

from saifa_crm.access import AGENT, MARKETER, OWNER, allow, public, signed_in

from . import views_account, views_auth, views_health, views_invite, views_palette, views_setup, views_team

owner = allow(OWNER)
team_urls = [
    path("team/", owner(views_team.team_list), name="list"),
    path("team/add/", owner(views_team.add), name="add"),
    path("team/<int:pk>/", owner(views_team.person), name="person"),
    path("team/<int:pk>/role/", owner(views_team.role), name="role"),
    path("team/<int:pk>/link/", owner(views_team.link), name="link"),
    path("team/<int:pk>/deactivate/", owner(views_team.deactivate), name="deactivate"),
    path("team/<int:pk>/reactivate/", owner(views_team.reactivate), name="reactivate"),
    path("invite/<str:token>/", public(views_invite.invite), name="invite"),
]
urlpatterns = [
    path("", allow(AGENT, MARKETER, OWNER)(views_auth.home), name="home"),
    path("search/", allow(AGENT, MARKETER, OWNER)(views_palette.search), name="search"),
    path("login/", public(views_auth.SignIn.as_view()), name="login"),
    path("logout/", public(views_auth.SignOut.as_view()), name="logout"),
    path("language/", public(views_account.language), name="language"),
    path("account/", signed_in(views_account.account), name="account"),
    path("account/password/", signed_in(views_account.ChangePassword.as_view()), name="password_change"),
    path("welcome/", owner(views_setup.setup), name="setup"),
    path("healthz", public(views_health.healthz), name="healthz"),
    path("readyz", public(views_health.readyz), name="readyz"),
    path("", include((team_urls, "team"))),
]
