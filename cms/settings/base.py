"""What is the same everywhere. What a place must decide comes from the environment (docs/operations.md)."""

from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from cms.postgres import database_settings
from cms.settings.environment import choice, days_of_month, folder, names, site_address, text, whole_number

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = folder("VAR_DIR", BASE_DIR / "var")

SITE_URL = site_address("SITE_URL", "http://localhost:8000")

INSTALLED_APPS = [
    "cms",
    "community",
    "advocates",
    "payouts",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "django_htmx",
    "ninja",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "cms.middleware.content_security",
    "cms.caching.keep_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cms.middleware.staff_need_second_factor",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.csp",
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["cms.templatetags.ui"],
        },
    }
]

DATABASES = {"default": database_settings(data_directory=VAR_DIR / "postgres")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = text("CACHE_URL")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"}
    ),
    # Lists fetch the renditions of their pictures at once; Wagtail would write each of them into the cache again.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

TASKS = {
    "default": {
        "BACKEND": text("TASKS_BACKEND", "django_tasks_db.DatabaseBackend"),
        "QUEUES": ["default"],
    }
}

# People and log-in -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "community.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
# By name, so that it is the home page in the language that somebody was reading.
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "community.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "community.forms.SignupNameForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_REQUIRED = False
# Three minutes, as allauth has it, is shorter than some mail is under way.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Voorspraak"
STAFF_NEED_SECOND_FACTOR = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Languages -------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
FORMAT_MODULE_PATH = ["cms.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_I18N = True
USE_TZ = True

# Files -----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = folder("STATIC_ROOT", VAR_DIR / "static")
_NPM = {
    "npm/fraunces": BASE_DIR / "node_modules/@fontsource-variable/fraunces/files",
    "npm/instrument-sans": BASE_DIR / "node_modules/@fontsource-variable/instrument-sans/files",
    "npm/sortablejs": BASE_DIR / "node_modules/sortablejs/modular",
}
# What npm brings is optional: without it the site runs with system fonts and up/down buttons.
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *((prefix, folder) for prefix, folder in _NPM.items() if folder.is_dir()),
]
if _NPM["npm/fraunces"].is_dir() and _NPM["npm/instrument-sans"].is_dir():
    # A manifest of static files cannot hold a stylesheet whose fonts are missing.
    STATICFILES_DIRS.append(("fonts", BASE_DIR / "cms" / "fonts"))
MEDIA_URL = "/media/"
MEDIA_ROOT = folder("MEDIA_ROOT", VAR_DIR / "media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cms.static_files.BundledStaticFilesStorage"},
    # Invoices and statements: never served but by a page that asks who is reading, and kept for seven years.
    "statements": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder("STATEMENTS_ROOT", VAR_DIR / "statements")},
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Wagtail ---------------------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "Voorspraak"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_USER_TIME_ZONES = ["Europe/Amsterdam", "Europe/Brussels", "Europe/London", "UTC"]
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_I18N_ENABLED = False
WAGTAILIMAGES_IMAGE_MODEL = "community.Picture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "community.picture_forms.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["avif", "heic", "jpeg", "jpg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
#: Whether the worker also makes AVIF of what pages show: a fifth smaller than WebP, for seconds of a processor each.
PICTURES_AS_AVIF = choice("PICTURES_AS_AVIF", ("yes", "no")) == "yes"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILEMBEDS_RESPONSIVE_HTML = True

# Mail ------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "Voorspraak <hallo@localhost>")

# Security --------------------------------------------------------------------------------------------------

STRIPE_API_BASE = text("STRIPE_API_BASE")
#: Where Stripe's hosted pages are: its own hosts, or those of the stand-in.
STRIPE_PAGES = (
    [STRIPE_API_BASE] if STRIPE_API_BASE else ["https://checkout.stripe.com", "https://connect.stripe.com"]
)

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    # Players of videos in stories, and only after a click (cms/videos.py).
    "frame-src": ["https://www.youtube-nocookie.com", "https://player.vimeo.com"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    # Browsers hold the redirect that answers a form to this too: some of ours lead to pages that Stripe hosts.
    "form-action": [CSP.SELF, *STRIPE_PAGES],
    "frame-ancestors": [CSP.NONE],
}
# The admin frames its own previews: cms.middleware.content_security answers for it.
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Reviews ---------------------------------------------------------------------------------------------------

#: Days after delivery until a buyer is asked how it was; a week more after the order where delivery is not known.
REVIEW_INVITE_DAYS = whole_number("REVIEW_INVITE_DAYS", 14)

# Attribution and money -------------------------------------------------------------------------------------

#: First-party cookie that joins the touches of one visitor; days it lives.
VISITOR_COOKIE = "vp_visitor"
VISITOR_COOKIE_DAYS = 90
#: Where the law lets that cookie be set without a question ("exempt"); elsewhere ("ask") the visitor says yes first.
ATTRIBUTION_COOKIE = {"NL": "exempt"}
#: Reverse proxies of ours between the visitor and this process, each of which appends to X-Forwarded-For.
TRUSTED_PROXY_COUNT = 0
#: Days that touches are kept themselves (at least as long as any deal can ask for them); their counts stay.
TOUCHES_KEPT_DAYS = whole_number("TOUCHES_KEPT_DAYS", 400)
#: How long a shared cache may keep a page that was drawn for nobody in particular.
PUBLIC_PAGE_SECONDS = 60
#: A price that was checked longer ago than this is not shown: "price unknown".
PRICE_KNOWN_DAYS = 14
#: Days in which a shop answers a claim of a sale, in which a refusal can be appealed, and any appeal is answered.
CLAIM_ANSWER_DAYS = whole_number("CLAIM_ANSWER_DAYS", 14)
CLAIM_APPEAL_DAYS = whole_number("CLAIM_APPEAL_DAYS", 14)
APPEAL_ANSWER_DAYS = whole_number("APPEAL_ANSWER_DAYS", 14)
#: Days in which an advocate can appeal against a rejected commission (docs/review.md says where the law asks more).
REVIEW_APPEAL_DAYS = whole_number("REVIEW_APPEAL_DAYS", 14)
#: Claims that one advocate may make at one shop in a day.
CLAIMS_PER_DAY = whole_number("CLAIMS_PER_DAY", 5)
#: Days in which a shop decides on a finding of fraud; what is late is reminded of, never decided by itself.
FRAUD_ANSWER_DAYS = whole_number("FRAUD_ANSWER_DAYS", 14)
#: From where on a rule against fraud finds something (docs/fraud.md): clicks on one link in an hour, clicks of one
#: network on one advocate's links in a day, orders of one buyer through one advocate in 30 days, and what part of an
#: advocate's commissions of 90 days was taken back, from so many orders on.
FRAUD_CLICKS_PER_LINK = whole_number("FRAUD_CLICKS_PER_LINK", 300)
FRAUD_CLICKS_PER_NETWORK = whole_number("FRAUD_CLICKS_PER_NETWORK", 25)
FRAUD_ORDERS_PER_BUYER = whole_number("FRAUD_ORDERS_PER_BUYER", 4)
FRAUD_REFUND_PERCENT = whole_number("FRAUD_REFUND_PERCENT", 40)
FRAUD_REFUND_ORDERS = whole_number("FRAUD_REFUND_ORDERS", 10)
#: Hosts (host:port) that may be fetched over plain http or on a private address: none, but for demo and tests.
FETCH_PRIVATE_HOSTS = names("FETCH_PRIVATE_HOSTS")

STRIPE_SECRET_KEY = text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET_ACCOUNT = text("STRIPE_WEBHOOK_SECRET_ACCOUNT")
STRIPE_WEBHOOK_SECRET_CONNECT = text("STRIPE_WEBHOOK_SECRET_CONNECT")
#: Thin (v2) events may have an endpoint, and so a secret, of their own.
STRIPE_WEBHOOK_SECRET_THIN = text("STRIPE_WEBHOOK_SECRET_THIN", STRIPE_WEBHOOK_SECRET_CONNECT)
#: The table that says who hears which Stripe event: it joins the floors, so it stands on the top one.
STRIPE_HANDLERS = "cms.stripe_events.HANDLERS"
#: Whether Stripe events of live mode are ours; those of the other mode are stored and left alone.
STRIPE_LIVEMODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
#: How buyers may pay for what they buy on the site; each shop's account must be able to take it.
BUYING_METHODS = text("BUYING_METHODS", "card,ideal").split(",")
#: Transfers a second, of all processes together; below Stripe's own limit.
TRANSFERS_PER_SECOND = whole_number("TRANSFERS_PER_SECOND", 20)
#: Who runs this site, as it stands on invoices to shops; they wait until name, street, town and VAT number are known.
PLATFORM = {
    "name": text("PLATFORM_NAME"),
    "street": text("PLATFORM_STREET"),
    "postal_code": text("PLATFORM_POSTAL_CODE"),
    "city": text("PLATFORM_CITY"),
    "country": "NL",
    "vat_number": text("PLATFORM_VAT_NUMBER"),
    "chamber_number": text("PLATFORM_CHAMBER_NUMBER"),
}
#: Where VIES answers whether VAT numbers exist; empty: they stand as "not checked".
VIES_URL = text("VIES_URL")
#: Days of the month on which settlements begin.
SETTLEMENT_DAYS = days_of_month("SETTLEMENT_DAYS", text("SETTLEMENT_DAYS", "1,16"))
#: Of a shop's direct debits that can still come back, how much may be paid on to advocates, in minor units.
SEPA_EXPOSURE_MINOR = {"EUR": whole_number("SEPA_EXPOSURE_MINOR", 250_000)}
#: Days after which a shop is reminded of a settlement that waits for it; with the last it counts as behind.
DUNNING_DAYS = (0, 3, 7, 14)
#: Days for which a commission taken back after its payout is carried before it may be written off.
WRITE_OFF_AFTER_DAYS = whole_number("WRITE_OFF_AFTER_DAYS", 365)
#: Smallest payout in minor units, per currency; less is carried to the next run.
MINIMUM_PAYOUT_MINOR = {"EUR": 1000}

# Watching --------------------------------------------------------------------------------------------------

#: Who is mailed about alarms; nobody when it is empty.
ALARM_EMAILS = names("ALARM_EMAILS")
#: What Prometheus shows to read /metrics; without it there is no such address.
METRICS_TOKEN = text("METRICS_TOKEN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "cms.logs.LineFormatter"},
        "json": {"()": "cms.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": choice("LOG_FORMAT", ("line", "json")),
        }
    },
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "WARNING")},
}
