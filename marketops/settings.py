"""One settings file, driven by the environment. `docs/guide/settings.md` lists every variable."""

import functools
import os
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.http import HttpRequest
from django.templatetags.static import static

from marketops.local import embedded

# Estimators thread themselves in processes of their own; everywhere else one thread a process is right, and
# the libraries read this only when first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
HOME = embedded.home()

DEBUG = env.bool("DEBUG", default=False)
LOCAL = env.bool("MARKETOPS_LOCAL", default=embedded.needed())  # a laptop or a demo, not a public server


def _local_secret() -> str:
    """A secret of this installation's own, kept beside its data, so that sessions survive a restart."""
    path = HOME / "secret_key"
    if not path.exists():
        embedded.make_home()
        path.write_text(os.urandom(40).hex())
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = env("SECRET_KEY", default="") or _local_secret()
# Of the hashes that keep erased people out: whoever changes SECRET_KEY keeps the former one here.
ERASURE_KEY = env("ERASURE_KEY", default="") or SECRET_KEY
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if LOCAL else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "marketops.apps.MarketopsConfig",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "axes",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "backoffice",
    "shop",
    "intake",
    "profiles",
    "predictions",
    "segments",
    "recommendations",
    "delivery",
    "ads",
    "campaigns",
]

MIDDLEWARE = [
    "marketops.middleware.kept_by_nobody",
    "marketops.middleware.problems_for_programs",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "marketops.middleware.reader",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "marketops.middleware.ReadableInput",
    "marketops.middleware.display_time_zone",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "marketops.urls"
WSGI_APPLICATION = "marketops.wsgi.application"
AUTH_USER_MODEL = "backoffice.User"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "home"

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
            ],
            "builtins": ["backoffice.templatetags.formats", "backoffice.templatetags.frame"],
        },
    }
]

# -- data ----------------------------------------------------------------------------------------------------

DATABASES = {
    "default": {
        **env.db_url_config(embedded.database_url()),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
_redis_socket = embedded.redis_socket()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env("CACHE_URL", default=REDIS_URL or f"unix://{_redis_socket}?db=1"),
        "OPTIONS": {"socket_timeout": 0.4, "socket_connect_timeout": 0.4},  # nothing waits for a hung Redis
    }
}

MEDIA_ROOT = HOME / "files"  # uploads and artefacts; never served directly
STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # no collectstatic step on a laptop
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_TEMP_DIR = None
# Uploads hold addresses: no other account of the machine reads them, and they go after a while.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
UPLOADS_KEPT_DAYS = env.int("UPLOADS_KEPT_DAYS", default=30)
LARGEST_IMPORT = env.int("LARGEST_IMPORT", default=20 * 2**30)  # characters of an imported file, unpacked

# -- background work: PostgreSQL is the only truth, Celery only wakes workers --------------------------------

CELERY_BROKER_URL = env("BROKER_URL", default=REDIS_URL or f"redis+socket://{_redis_socket}?virtual_host=0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # tasks are idempotent; attempts are counted in the database
CELERY_TASK_DEFAULT_QUEUE = "quick"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 6 * 3600,  # above the longest job's hard limit
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": not _redis_socket or bool(REDIS_URL),
    "health_check_interval": 5,
    "retry_on_timeout": True,
}
CELERY_BEAT_SCHEDULER = "marketops.schedule:RegisteredScheduler"
DJANGO_CELERY_BEAT_TZ_AWARE = True

# Which tasks are queued when facts about customers have arrived, and which apps answer before a segment is
# archived: floors below do not know the floors above them.
AFTER_FACTS = ["segments.catch_up"]
# What is computed once a shop has its first orders. The learning queue works them off in this order, and each
# builds on the one before; the figures have a queue of their own.
FIRST_REFRESH = [
    "marketops.figures",
    "segments.recount",
    "segments.refresh",
    "recommendations.refresh",
    "ads.plan_budget",
    "segments.portraits",
    "predictions.refresh",
    "recommendations.market_baskets",
]
PREDICTION_USERS = ["segments.actions.rules.evaluation.follow_predictions"]
SEGMENT_USERS = ["campaigns.datasets.segment_users.waiting_campaigns"]

# What sends messages, by the type that its deliveries carry: delivery knows no campaign.
DELIVERY_SOURCES = {"campaign": "campaigns.actions.delivery_source.CampaignSource"}

# -- mail: SMTP always; on a laptop the supervisor runs a mailbox that answers on this port ------------------

MAILBOX_PORT = env.int("MAILBOX_PORT", default=0)
OWN_MAILBOX = not env("EMAIL_URL", default="")  # no mail leaves this machine
_email = env.email_url("EMAIL_URL", default=f"smtp://127.0.0.1:{MAILBOX_PORT or 1025}")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _email["EMAIL_BACKEND"], _email["EMAIL_HOST"], _email["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"], _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="shop@example.com")
PUBLIC_URL = env("PUBLIC_URL", default=f"http://127.0.0.1:{env('PORT', default='8000')}")

# -- language and place --------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["marketops.formats"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "UTC"  # Celery and the database; people see SHOP_TIME_ZONE
SHOP_TIME_ZONE = env("SHOP_TIME_ZONE", default="UTC")  # where the shop's days begin: shop/calendar.py
SHOP_CURRENCY = env("SHOP_CURRENCY", default="")  # of totals; empty: what most orders use (shop/currency.py)

# -- safety --------------------------------------------------------------------------------------------------

SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = env.bool("HTTPS", default=not LOCAL)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if LOCAL else 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "marketops.logins.StaffBackend"]
# A name that was tried with wrong passwords from one address waits there, whether it exists or not.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "marketops.logins.address"
AXES_LOCKOUT_CALLABLE = "marketops.logins.locked"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The admin frame's Alpine evaluates attribute expressions and sets inline styles.
        "script-src": [SELF, "'unsafe-eval'", NONCE],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "https:"],  # product images live wherever the shop keeps them
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# -- API -----------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backoffice.api.keys.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backoffice.api.parsers.StorableJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "backoffice.api.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "backoffice.api.schema.Schema",
    "EXCEPTION_HANDLER": "backoffice.api.problems.problem_details",
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Marketops",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,  # what is only sent is not promised in answers, and the other way round
    "SCHEMA_PATH_PREFIX": "/(api/)?v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "intake.api.schema.describe_tracking",
        "backoffice.api.schema.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {  # fields of one name with different choices
        "CampaignStateEnum": "campaigns.models.Campaign.State",
        "PredictionKindEnum": "predictions.models.PredictionKind",
        "RecommendationMethodEnum": "recommendations.presenters.methods.METHOD_CHOICES",
    },
}

# -- logging: never personal data ----------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},  # a refusal is an answer, not an incident
        "implicit": {"level": "WARNING"},
        "axes": {"level": "ERROR"},  # it names who logs in, and from where
        "celery.beat": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},  # the mailbox's SMTP server names every recipient at INFO
    },
}

# -- the frame around every page -----------------------------------------------------------------------------


def _stylesheet(name: str, request: HttpRequest) -> str:
    return static(f"marketops/{name}.css")


UNFOLD = {
    "SITE_TITLE": "Marketops",
    "SITE_HEADER": "Marketops",
    "SITE_URL": "/",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("marketops/favicon.svg")}
    ],
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [
        functools.partial(_stylesheet, name)
        for name in ("colours", "frame", "parts", "tables", "forms", "rules")
    ],
    "COLORS": {  # colours have one home: static/marketops/colours.css
        theirs: {str(shade): f"var(--mo-{ours}-{shade})" for shade in (50, *range(100, 1000, 100), 950)}
        for theirs, ours in (("primary", "accent"), ("base", "base"))
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "marketops.navigation.navigation",
    },
}
