"""The ASGI entry: clicks on the event loop, everything else by Django's WSGI handler in threads.

`granian --interface asgi cms.asgi:application`, beside or instead of `gunicorn cms.wsgi` (docs/operations.md).
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

_pages = get_wsgi_application()

# Models can be imported once Django is set up, and that is what the line above does.
from advocates.redirect import Application  # noqa: E402

application = Application(pages=_pages)
