"""Settings, all from the environment; docs/reference/settings.md lists each with its meaning."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).parents[2]
VAR = Path(os.environ.get("LIANHU_VAR", BASE_DIR / "var"))


def _flag(name: str) -> bool:
    return os.environ.get(name, "") in {"1", "true", "yes"}


_SERVES_URL = os.environ.get("DATABASE_URL", "")
# Who owns the tables, where that is not who serves (PostgreSQL).
LIANHU_OWNER_URL = os.environ.get("LIANHU_OWNER_URL", "")
# A county on PostgreSQL says so when row-level security is not to repeat what each caller may
# see (keeping.guards). Who names an owner has it, whatever is said here.
LIANHU_UNGUARDED = _flag("LIANHU_UNGUARDED")
LIANHU_GUARDED = bool(LIANHU_OWNER_URL) or not (
    LIANHU_UNGUARDED or not _SERVES_URL or _SERVES_URL.startswith("sqlite:")
)


def _database(url: str) -> dict[str, object]:
    """Django's form of a database URL; empty means SQLite in the var folder."""
    if not url or url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:").lstrip("/")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path("/" + path) if path else VAR / "lianhu.sqlite3",
            # Opening the file and closing it again cost a third of a letter.
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: an acknowledged letter survives a power cut; NORMAL may lose it.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;"
                    "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "lianhu.kernel.postgres"
        if LIANHU_GUARDED
        else "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "server_side_binding": True,
            # A pooler gives each transaction another connection, where nothing was prepared.
            "prepare_threshold": None if _flag("LIANHU_POOLED") else 2,
        },
        "DISABLE_SERVER_SIDE_CURSORS": _flag("LIANHU_POOLED"),
    }


LIANHU_DEMO = _flag("LIANHU_DEMO")
LIANHU_KEYS = Path(os.environ.get("LIANHU_KEYS", VAR / "keys.json"))
# Which suite a new version of the ring gets: aes or sm4.
LIANHU_SUITE = os.environ.get("LIANHU_SUITE", "aes")
LIANHU_MEDIA = Path(os.environ.get("LIANHU_MEDIA", VAR / "media"))
# Where `lianhu daily` backs up and rehearses; empty: it does not.
LIANHU_BACKUPS = os.environ.get("LIANHU_BACKUPS", "")
# By which gateway text messages go out (kernel.sms); empty: none do.
LIANHU_SMS = os.environ.get("LIANHU_SMS", "console" if LIANHU_DEMO else "")
LIANHU_SMS_URL = os.environ.get("LIANHU_SMS_URL", "")
LIANHU_SMS_TOKEN = os.environ.get("LIANHU_SMS_TOKEN", "")
# The county's own identity provider (OpenID Connect); without an issuer there is none.
LIANHU_OIDC_ISSUER = os.environ.get("LIANHU_OIDC_ISSUER", "")
LIANHU_OIDC_CLIENT = os.environ.get("LIANHU_OIDC_CLIENT", "")
LIANHU_OIDC_SECRET = os.environ.get("LIANHU_OIDC_SECRET", "")
LIANHU_OIDC_NAME = os.environ.get("LIANHU_OIDC_NAME", "县里的统一身份")
PHONE_DIST = BASE_DIR / "web" / "phone" / "dist"
# How many proxies of the county's own stand before us and append to X-Forwarded-For.
LIANHU_PROXIES = int(os.environ.get("LIANHU_PROXIES", "0"))

SECRET_KEY = os.environ.get("LIANHU_SECRET_KEY", "")
if not SECRET_KEY and LIANHU_DEMO:
    SECRET_KEY = "demo-only-made-up-people"  # noqa: S105 - `lianhu check` refuses it elsewhere
ALLOWED_HOSTS = os.environ.get("LIANHU_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
DEBUG = False
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = False

LIANHU_SERVES = _database(_SERVES_URL)
LIANHU_OWNER = _database(LIANHU_OWNER_URL) if LIANHU_OWNER_URL else LIANHU_SERVES
# To whom the owner grants what a server needs; rules are raised together with that.
LIANHU_SERVES_AS = str(LIANHU_SERVES["USER"]) if LIANHU_OWNER_URL else ""
DATABASES = {"default": dict(LIANHU_SERVES)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    # Of those few are as long as ours must be; these all are.
    {
        "NAME": "django.contrib.auth.password_validation.CommonPasswordValidator",
        "OPTIONS": {"password_list_path": BASE_DIR / "catalogue" / "passwords.txt"},
    },
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_linear_migrations",
    "ninja",
    "lianhu.audit",
    "lianhu.territory",
    "lianhu.accounts",
    "lianhu.media",
    "lianhu.people",
    "lianhu.postings",
    "lianhu.grids",
    "lianhu.matters",
    "lianhu.grading",
    "lianhu.visits",
    "lianhu.rights",
    "lianhu.letters",
    "lianhu.keeping",
    "lianhu.web",
    "lianhu.desk",
    "lianhu.phone",
    "lianhu.board",
    "lianhu.demo",
]
MIDDLEWARE = [
    "lianhu.web.middleware.RequestLog",
    "lianhu.web.middleware.Scopes",
    # Before all that answers by itself: the phone app's page is a file.
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lianhu.web.guarding.Guard",
    "lianhu.web.middleware.Gzip",
    "lianhu.web.static.Static",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lianhu.web.signs.Signs",
    "lianhu.web.middleware.Refusals",
]
ROOT_URLCONF = "lianhu.urls"
WSGI_APPLICATION = "lianhu.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "csp.context_processors.nonce",
                "lianhu.web.context.page",
            ],
            "builtins": ["lianhu.web.templatetags.words"],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "web" / "desk"]
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
LOGIN_URL = "/desk/sign-in/"
SESSION_ENGINE = "lianhu.web.sessions"
LIANHU_TLS = _flag("LIANHU_TLS")
# A browser takes a cookie of such a name from nobody but this very host, over HTTPS.
_OURS = "__Host-" if LIANHU_TLS else ""
SESSION_COOKIE_NAME = f"{_OURS}sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = LIANHU_TLS
CSRF_COOKIE_NAME = f"{_OURS}csrftoken"
CSRF_COOKIE_SECURE = LIANHU_TLS
CSRF_COOKIE_HTTPONLY = True
LIANHU_KNOWN_COOKIE = f"{_OURS}lianhu_known"
CSRF_FAILURE_VIEW = "lianhu.web.views.forged"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if LIANHU_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Pages lead on to HTTPS; programs are refused instead (web.guarding), so that one that sends
# in clear is found out. Whether the house is well is asked from beside it.
SECURE_SSL_REDIRECT = LIANHU_TLS
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LIANHU_PROXIES else None
X_FRAME_OPTIONS = "DENY"
# Bodies: a batch of letters is at most 256 KB, a photo part 1 MB; forms are far smaller.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "lianhu.web.logs.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": os.environ.get("LIANHU_LOG", "INFO")},
    "loggers": {"django.server": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}
