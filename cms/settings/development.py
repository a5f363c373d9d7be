"""One machine, no secrets: the demo and a developer's own work."""

from cms.settings.base import *  # noqa: F403 -- settings are layered by import
from cms.settings.base import STORAGES as _RELEASED
from cms.settings.base import VAR_DIR
from cms.settings.environment import folder

DEBUG = True
SECRET_KEY = "development-only-never-used-where-people-log-in"  # noqa: S105 -- says so itself
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
INTERNAL_IPS = ["127.0.0.1"]
STAFF_NEED_SECOND_FACTOR = False
# A newcomer logs in as everybody of the demo, one after the other.
ACCOUNT_RATE_LIMITS = False
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": str(folder("MAIL_FOLDER", VAR_DIR / "mail"))},
    }
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "statements": _RELEASED["statements"],
}
# Somebody has to stand on the invoices of the demo.
PLATFORM = {
    "name": "Voorspraak B.V.",
    "street": "Voorbeeldkade 1",
    "postal_code": "1000 AA",
    "city": "Amsterdam",
    "country": "NL",
    "vat_number": "NL123456789B13",
    "chamber_number": "12345678",
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
