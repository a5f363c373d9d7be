"""The tests: the same engine and the same guards, quicker where nothing is asserted."""

from cms.settings.base import *  # noqa: F403 -- settings are layered by import
from cms.settings.base import VAR_DIR

DEBUG = False
SECRET_KEY = "tests-only"  # noqa: S105 -- says so itself
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
# Tasks run at once here, and AVIF takes seconds: its own tests switch it on.
PICTURES_AS_AVIF = False
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "statements": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
}
PLATFORM = {
    "name": "Voorspraak B.V.",
    "street": "Voorbeeldkade 1",
    "postal_code": "1000 AA",
    "city": "Amsterdam",
    "country": "NL",
    "vat_number": "NL123456789B13",
    "chamber_number": "12345678",
}
VIES_URL = ""
MEDIA_ROOT = VAR_DIR / "test-media"
STATIC_ROOT = VAR_DIR / "test-static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STRIPE_SECRET_KEY = "sk_test_stand_in"  # noqa: S105 -- the stand-in's
STRIPE_WEBHOOK_SECRET_ACCOUNT = "whsec_account"  # noqa: S105 -- the stand-in's
STRIPE_WEBHOOK_SECRET_CONNECT = "whsec_connect"  # noqa: S105 -- the stand-in's
STRIPE_WEBHOOK_SECRET_THIN = "whsec_thin"  # noqa: S105 -- the stand-in's
# Tests expect the texts as the code says them; tests/tree/test_translations.py holds the Dutch catalogue to them.
LOCALE_PATHS = []
