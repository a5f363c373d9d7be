"""What Lighthouse says of the pages that people meet first: `make lighthouse`.

It makes a database of its own with the small world of the browser tests, serves it with the settings of production
behind what plays the reverse proxy, asks Lighthouse (npm) with the machine's Chromium, and drops everything at the
end. The last line is JSON; the exit code says whether every goal holds.
"""

import argparse
import json
import logging
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

GOALS = {"performance": 95, "accessibility": 100, "best-practices": 95, "seo": 100}
LIGHTHOUSE = ROOT / "tests/lighthouse/node_modules/.bin/lighthouse"
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage"
#: Of performance the median counts: a busy machine is slow now and then.
ROUNDS, TRIES = 3, 3


def chromium() -> str:
    """The Chromium to ask with: $CHROME_PATH, $CHROMIUM, or the system's."""
    named = os.environ.get("CHROME_PATH") or os.environ.get("CHROMIUM")
    found = named or next((path for path in CHROMIUM if Path(path).exists()), "")
    if not found:
        sys.exit("Lighthouse needs a Chromium (apt-get install chromium); none was found.")
    return found


def place(*, database_url: str, folder: Path, port: int) -> dict[str, str]:
    """The environment of a production of its own."""
    return {
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "DATABASE_URL": database_url,
        "SECRET_KEY": "lighthouse" * 6,
        "SITE_URL": f"http://localhost:{port}",
        "EMAIL_HOST": "mail.lighthouse.example",
        "DEFAULT_FROM_EMAIL": "hallo@lighthouse.example",
        "STRIPE_SECRET_KEY": "sk_test_lighthouse",
        "STRIPE_WEBHOOK_SECRET_ACCOUNT": "whsec_lighthouse",
        "STRIPE_WEBHOOK_SECRET_CONNECT": "whsec_lighthouse",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "VAR_DIR": str(folder),
    }


def build(database: str, port: int) -> dict[str, str]:
    """Furnish the database and build the world; the pages to look at."""
    import django

    logging.disable(logging.INFO)
    django.setup()
    from django.core.management import call_command
    from django.test import override_settings
    from django.utils import timezone, translation

    from tests.browser.world import build_world
    from tests.furnished import furnish

    translation.activate("nl")
    furnish(database)
    with open(os.devnull, "w") as nothing:  # noqa: PTH123
        call_command("plant", stdout=nothing)
        call_command("collectstatic", interactive=False, verbosity=0, stdout=nothing)

    # Nobody reads the mails of this world, and its mail server is not there.
    with override_settings(MAILERS={"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}):
        world = build_world(
            hostname="localhost", port=port, shop_url="https://klei.example/", now=timezone.now()
        )
    return {
        "home": "/",
        "board": world.board.get_absolute_url(),
        "post": f"/stories/{world.post.slug}/",
        "product": world.products[0].get_absolute_url(),
    }


def ask(url: str, *, folder: Path, only: str) -> dict[str, object]:
    """Lighthouse's own report of one page on a simulated phone; on a busy machine it may need a second try."""
    report = folder / "report.json"
    command = [str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--chrome-flags={FLAGS}", f"--only-categories={only}"]
    environment = {**os.environ, "CHROME_PATH": chromium(), "TMPDIR": str(folder)}
    for _try in range(TRIES):
        done = subprocess.run(command, check=False, env=environment)  # noqa: S603 -- our own dependency
        if done.returncode == 0:
            told: dict[str, object] = json.loads(report.read_text())
            return told
    sys.exit(f"Lighthouse could not look at {url}.")


def scores(told: dict[str, object]) -> dict[str, int]:
    return {name: round(100 * (category["score"] or 0)) for name, category in told["categories"].items()}


def complaints(told: dict[str, object]) -> list[str]:
    """The audits that cost points, the heaviest first."""
    lines = []
    for category in told["categories"].values():
        for audit in category["auditRefs"]:
            found = told["audits"][audit["id"]]
            if audit["weight"] and found["score"] is not None and found["score"] < 0.9:
                lines.append(
                    f"{category['id']}: {found['title']} {found.get('displayValue', '')} ({found['id']})"
                )
    return lines


def measure(pages: dict[str, str], *, base: str, folder: Path, rounds: int) -> dict[str, dict[str, int]]:
    measured = {}
    for page, path in pages.items():
        with urllib.request.urlopen(f"{base}{path}", timeout=60):  # noqa: S310 -- makes the renditions that are missing
            pass
        told = ask(f"{base}{path}", folder=folder, only=",".join(GOALS))
        found = scores(told)
        speeds = [found["performance"]]
        for _round in range(rounds - 1):
            again = ask(f"{base}{path}", folder=folder, only="performance")
            speeds.append(scores(again)["performance"])
        found["performance"] = int(statistics.median(speeds))
        measured[page] = found
        line = "  ".join(f"{name} {found[name]:>3}" for name in GOALS)
        print(f"{page:<8} {line}", flush=True)
        for complaint in complaints(told):
            print(f"           {complaint}")
    return measured


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ask once a page instead of three times")
    parser.add_argument("--keep", action="store_true", help="wait for Enter before everything is dropped")
    options = parser.parse_args()
    if not LIGHTHOUSE.exists():
        sys.exit("Lighthouse is not installed: run `make lighthouse`")
    chromium()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from cms.demo.supervisor import Supervisor, free_port
    from cms.postgres import drop_database, start_embedded

    server_url = os.environ.get("DATABASE_URL") or start_embedded(data_directory=ROOT / "var/postgres")
    database = f"lighthouse_{os.getpid()}"
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))
        environment = place(database_url=url, folder=folder, port=port)
        try:
            os.environ.update(environment)
            pages = build(database, port)
            with Supervisor(logs=folder / "logs", environment=environment) as supervisor:
                served = ["-m", "gunicorn", "tests.browser.proxied:application", "--worker-class", "gthread"]
                supervisor.start(
                    "web", [*served, "--workers", "1", "--threads", "8", "--bind", f"127.0.0.1:{port}"]
                )
                supervisor.wait_for("web", f"http://127.0.0.1:{port}/healthz")
                rounds = 1 if options.quick else ROUNDS
                base = f"http://localhost:{port}"
                measured = measure(pages, base=base, folder=folder, rounds=rounds)
                if options.keep:
                    input(f"{base} is up; Enter ends it. ")
        finally:
            from django.db import connections

            connections.close_all()
            drop_database(database, server_url=server_url)
    holds = all(found[name] >= goal for found in measured.values() for name, goal in GOALS.items())
    print(json.dumps({"bench": "lighthouse", "goals": GOALS, "pages": measured, "holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
