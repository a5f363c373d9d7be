"""A real place: everything secret comes from the environment, and what is missing is named at start."""

from urllib.parse import urlsplit

from cms.settings.environment import choice, names, require, text, whole_number

# Before anything else: without DATABASE_URL the next import would start the embedded server.
require(
    "DATABASE_URL",
    "SECRET_KEY",
    "SITE_URL",
    "EMAIL_HOST",
    "DEFAULT_FROM_EMAIL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET_ACCOUNT",
    "STRIPE_WEBHOOK_SECRET_CONNECT",
)

from cms.settings.base import *  # noqa: E402, F403 -- settings are layered by import, after the check above
from cms.settings.base import SITE_URL  # noqa: E402 -- the same

DEBUG = False
SECRET_KEY = text("SECRET_KEY")
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "", *names("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
TRUSTED_PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = whole_number("TRUSTED_PROXY_COUNT", 1)

_EMAIL_SECURITY = choice("EMAIL_SECURITY", ("starttls", "tls", "none"))
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": text("EMAIL_HOST"),
            "port": whole_number("EMAIL_PORT", 587),
            "username": text("EMAIL_HOST_USER"),
            "password": text("EMAIL_HOST_PASSWORD"),
            "use_tls": _EMAIL_SECURITY == "starttls",
            "use_ssl": _EMAIL_SECURITY == "tls",
            # Without a limit a mail server that hangs would hold the process that serves people.
            "timeout": 20,
        },
    }
}
