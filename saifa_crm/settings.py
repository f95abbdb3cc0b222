"""Settings of the project, Celery's and the log's from beside; values from outside come through `saifa_crm.env`."""

from __future__ import annotations

import sys
from datetime import timedelta
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from .env import (
    BASE_DIR,
    LOOPBACK,
    debug_fernet_key,
    env,
    redis_location,
    refuse_unsafe,
)
from .log_settings import LOGGING as LOGGING
from .log_settings import start_sentry
from .task_settings import *  # noqa: F403 Celery's, which Django's settings hold

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default=f"http://{HOST}:{PORT}").rstrip("/")
SECRET_KEY = env.str("SECRET_KEY", default="development-only-" * 3 if DEBUG or TESTING else "")
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
if not FIELD_ENCRYPTION_KEYS and (DEBUG or TESTING):
    FIELD_ENCRYPTION_KEYS = [debug_fernet_key(SECRET_KEY)]
_public = urlsplit(PUBLIC_BASE_URL)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted({_public.hostname or HOST, *LOOPBACK}))
refuse_unsafe(
    debug=DEBUG or TESTING,
    secret_key=SECRET_KEY,
    hosts=ALLOWED_HOSTS,
    keys=FIELD_ENCRYPTION_KEYS,
    base_url=PUBLIC_BASE_URL,
)

# Plain HTTP is for loopback only: there no Secure cookies, redirect or HSTS.
SECURE = not (_public.scheme == "http" and _public.hostname in LOOPBACK)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^webhooks/"]  # a redirect would lose the body; health answers before it
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "saifa_crm.sessions"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_BASE_URL])
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
if TRUSTED_PROXY_COUNT > 0:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

DATA_DIR = BASE_DIR / env.str("DATA_DIR", default=".data")
SPOOL_DIR = BASE_DIR / env.str("SPOOL_DIR", default=str(DATA_DIR / "spool"))
SPOOL_MAX_BYTES = env.int("SPOOL_MAX_BYTES", default=1024**3)
# Seconds within which a webhook's transaction must end, else the body is spooled: LINE waits 2 s in all, the others 5
# (PROTOCOLS section 0). Tests may wait for a busy machine.
WEBHOOK_DATABASE_SECONDS = {"line": 30.0, "others": 30.0} if TESTING else {"line": 1.2, "others": 3.5}
MEDIA_ROOT = BASE_DIR / env.str("MEDIA_ROOT", default=str(DATA_DIR / "media"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",  # FORM_RENDERER finds the widgets' templates there
    "django_htmx",
    "django_filters",
    "django_tables2",
    "axes",
    "csp",
    "saifa_crm",
    "labels",
    "contacts",
    "orders",
    "inbox",
    "channels_ingest",
    "overview",
]
MIDDLEWARE = [
    "overview.middleware.HealthMiddleware",
    "channels_ingest.middleware.WebhookMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "saifa_crm.compression.PageGZipMiddleware",
    "saifa_crm.middleware.ProxyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "overview.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "saifa_crm.middleware.HtmxMiddleware",
    "saifa_crm.middleware.AccessMiddleware",
    "axes.middleware.AxesMiddleware",
]
CSRF_FAILURE_VIEW = "overview.views_errors.csrf_failure"
ROOT_URLCONF = "saifa_crm.urls"
WSGI_APPLICATION = "saifa_crm.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "overview.context_processors.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "saifa_crm.templatetags.ui",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "compiled",
        "DIRS": [BASE_DIR / "templates" / "compiled"],
        "OPTIONS": {"environment": "saifa_crm.compiled.environment"},
    },
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///saifa_crm")}
DATABASES["default"].update(
    ENGINE="django.db.backends.postgresql",
    CONN_MAX_AGE=600,
    CONN_HEALTH_CHECKS=True,
    DISABLE_SERVER_SIDE_CURSORS=True,
)
# A host that vanishes sends no goodbye: noticed within about 7 s (TCP only), not after a quarter of an hour.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 2,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    **DATABASES["default"].get("OPTIONS", {}),
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_location(1),
        "KEY_PREFIX": env.str("PYTEST_XDIST_WORKER", default=""),  # parallel tests share one Redis
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "saifa_crm.sign_in.StaffBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# Five tries of one person from one address in 15 minutes, then 15 minutes' cool-off; the address alone
# only at 100, because a shop shares one (overview.throttle).
AXES_HANDLER = "overview.throttle.SignInThrottle"
AXES_FAILURE_LIMIT = 5
SIGN_IN_ADDRESS_LIMIT = 100
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "overview.throttle.address_of"
AXES_USERNAME_CALLABLE = "overview.throttle.username_of"
AXES_LOCKOUT_CALLABLE = "overview.throttle.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SIGN_IN_FAILURES_KEPT_DAYS = 30

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("th", _("Thai"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Bangkok"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Webhook bodies may reach 3 MB (PROTOCOLS section 4); the webhook views cap at 4 MB themselves.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

GRAPH_API_BASE_URL = env.str("GRAPH_API_BASE_URL", default="https://graph.facebook.com").rstrip("/")
INSTAGRAM_API_BASE_URL = env.str("INSTAGRAM_API_BASE_URL", default="https://graph.instagram.com").rstrip("/")
LINE_API_BASE_URL = env.str("LINE_API_BASE_URL", default="https://api.line.me").rstrip("/")
LINE_DATA_API_BASE_URL = env.str("LINE_DATA_API_BASE_URL", default="https://api-data.line.me").rstrip("/")
TELEGRAM_API_BASE_URL = env.str("TELEGRAM_API_BASE_URL", default="https://api.telegram.org").rstrip("/")
# Where connections flagged as sandbox talk to instead (demo and tests only).
SANDBOX_BASE_URL = env.str("SANDBOX_BASE_URL", default="http://127.0.0.1:8009").rstrip("/")
EXPORTS_PER_HOUR = env.int("EXPORTS_PER_HOUR", default=60)  # a person: downloads of the list, files asked for
STRAY_RETENTION_DAYS = 7
COUNT_RETENTION_DAYS = 8
RAW_EVENT_RETENTION_DAYS = 14

SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN and not TESTING:
    start_sentry(SENTRY_DSN)
