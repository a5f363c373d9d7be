"""The demo: a developer's own work, served with the files of a release (one stylesheet, one script)."""

from cms.settings.base import STORAGES as _RELEASED
from cms.settings.development import *  # noqa: F403 -- settings are layered by import

STORAGES = _RELEASED
WHITENOISE_USE_FINDERS = False
