"""How many clicks a second `/go/` stores and redirects, beside what the machine could do at best.

Run it as `python bench/redirect.py [--quick]` (quick: one short round). It needs `wrk` and `pgbench`, which Debian has
(`apt-get install wrk postgresql-contrib`). It makes a database of its own on the server of `DATABASE_URL` (or on the
project's embedded one), starts each contender on a free port with the settings of production, and drops all at the
end. Measured, with 1, 32 and 256 connections, in interleaved rounds:

- *ours*: cms.asgi with all that it must do (bots, consent, network, the visitor's cookie), one process
- *empty*: the same server answering an empty 302
- *ordinary*: the Django view under gunicorn as docs/operations.md starts it
- *pgbench*: a prepared INSERT of one row into the same table, one transaction each

Touches in the table are counted against answers; processor time is what a server's processes used, by answer. Pages are
not measured here: in production gunicorn serves them, and this process nothing but clicks (docs/operations.md); what
gunicorn gives is in bench/server.py. Beside the goals stands how much of the empty 302 pgbench comes to: whoever waits
for a commit of each click has that before him. The last line is JSON.
"""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

CONNECTIONS = (1, 32, 256)
ROUNDS, SECONDS, QUICK_SECONDS = 5, 5, 1
CODE = "bench234"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HEADERS = {
    "Host": "bench.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.7",
    "User-Agent": BROWSER,
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "nl,en;q=0.5",
    "Referer": "https://bench.example/@ada/tafel/",
    "Sec-Fetch-Dest": "document",
}
#: Ours beside the others: at least this much of their clicks a second; of processor time, at most.
GOALS_AT_32 = {"ordinary": 10.0, "empty": 0.3, "pgbench": 0.75}
GOAL_PROCESSOR = 1 / 12
SERVERS = {
    "ours": ["-m", "granian", "cms.asgi:application"],
    "empty": ["-m", "granian", "redirect:empty"],
    "ordinary": [
        *("-m", "gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--log-level", "error", "--bind", "127.0.0.1:{port}", "cms.wsgi"),
    ],
}
GRANIAN = [
    *("--interface", "asgi", "--loop", "uvloop", "--workers", "1", "--no-access-log"),
    *("--log-level", "error", "--host", "127.0.0.1", "--port", "{port}"),
]
INSERT = """
INSERT INTO advocates_touch (id, kind, visitor_key, shop_id, advocate_id, link_id, publication_id, product_id,
  is_own, network, is_paid_search, occurred_at)
VALUES ({id}, 'click', gen_random_uuid(), {shop}, {advocate}, {link}, NULL, {product}, false, 42, false, now());
"""


async def empty(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What the server alone can do."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
        return
    headers = [(b"location", b"https://klei.example/"), (b"content-length", b"0")]
    status = 302 if scope["path"].startswith("/go/") else 404
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@dataclass
class Run:
    """What one contender did in one cell: answers, the seconds they took, processor seconds of its processes."""

    answers: int
    seconds: float
    processor: float
    stored: int
    failed: int

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


def wrk(port: int, connections: int, seconds: int) -> tuple[int, float, int]:
    """Answers, the seconds they took, and how many of them were none."""
    headers = [part for name, value in HEADERS.items() for part in ("-H", f"{name}: {value}")]
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        *headers,
        f"http://127.0.0.1:{port}/go/{CODE}",
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests, took = re.search(r"(\d+) requests in ([\d.]+)s", said).groups()
    errors = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    failed = sum(map(int, errors.groups())) if errors else 0
    return int(requests), float(took), failed + (int(wrong[1]) if wrong else 0)


def pgbench_program() -> str | None:
    """Debian keeps it out of the path; the embedded server has its own."""
    found = shutil.which("pgbench")
    return found or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), None
    )


def pgbench(program: str, url: str, script: Path, connections: int, seconds: int) -> tuple[int, float]:
    """Transactions and their seconds; the connections a server allows are fewer than a web server's."""
    clients = min(connections, 64)
    command = [
        *(program, "--no-vacuum", "-M", "prepared", "-c", str(clients), "-j", "1"),
        *("-T", str(seconds), "-f", str(script), url),
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    done = int(re.search(r"transactions actually processed: (\d+)", said)[1])
    return done, done / float(re.search(r"tps = ([\d.]+)", said)[1])


def fill(database: str) -> dict[str, int]:
    """Furnish the database, and make one link of an advocate's; the keys of its rows."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from tests.furnished import furnish

    furnish(database)
    with open(os.devnull, "w") as nothing:  # noqa: PTH123
        call_command("plant", stdout=nothing)
    from advocates.enrolments import advocate_of
    from advocates.models import Link, Product
    from advocates.shops import create_shop
    from community.models import User
    from community.profiles import create_profile

    now = timezone.now()
    mila, ada = (
        User.objects.create_user(email=f"{name.split()[0].lower()}@bench.example", name=name)
        for name in ("Mila de Boer", "Ada Vermeer")
    )
    for person in (mila, ada):
        create_profile(user=person, at=now)
    shop = create_shop(owner=mila, name="Klei & Co", homepage_url="https://klei.example/", at=now)
    product = Product.objects.create(
        shop=shop,
        external_id="P1",
        title="Theekop",
        url="https://klei.example/p/1",
        created_at=now,
        updated_at=now,
    )
    advocate = advocate_of(user=ada, at=now)
    link = Link.objects.create(code=CODE, shop=shop, advocate=advocate, product=product, created_at=now)
    return {"shop": shop.pk, "advocate": advocate.pk, "link": link.pk, "product": product.pk}


def touches() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM advocates_touch")
        return int(cursor.fetchone()[0])


def new_id() -> str:
    """An id as the database makes it; from version 18 on one that sorts by time, like ours."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int >= 180000")
        return "uuidv7()" if cursor.fetchone()[0] else "gen_random_uuid()"


def measure(
    ports: dict[str, int], pids: dict[str, int], script: Path, rounds: int, seconds: int
) -> dict[str, dict[int, list[Run]]]:
    """Every contender at every number of connections, one after the other, `rounds` times."""
    from server import processor_seconds

    program = pgbench_program()
    found: dict[str, dict[int, list[Run]]] = {}
    for number in range(1, rounds + 1):
        for connections in CONNECTIONS:
            line = []
            for name in (*ports, *(["pgbench"] if program else [])):
                before = touches()
                if name == "pgbench":
                    answers, took = pgbench(program, os.environ["DATABASE_URL"], script, connections, seconds)
                    run = Run(answers, took, 0.0, touches() - before, 0)
                else:
                    wrk(ports[name], 4, 1)
                    before, used = touches(), processor_seconds(pids[name])
                    answers, took, failed = wrk(ports[name], connections, seconds)
                    used = processor_seconds(pids[name]) - used
                    run = Run(answers, took, used, touches() - before, failed)
                found.setdefault(name, {}).setdefault(connections, []).append(run)
                line.append(f"{name} {run.rate:.0f}/s")
            print(f"round {number} of {rounds}, {connections} connections: {', '.join(line)}", flush=True)
    return found


def goal(value: float, wanted: float, *, at_most: bool = False) -> dict[str, Any]:
    holds = value <= wanted if at_most else value >= wanted
    return {"value": round(value, 3), "goal": round(wanted, 3), "holds": holds}


def report(found: dict[str, dict[int, list[Run]]]) -> bool:
    """Print figures and goals; whether all hold. A ratio is the median of those of each round."""

    def ratio(other: str, connections: int) -> float:
        pairs = zip(found["ours"][connections], found[other][connections], strict=True)
        return statistics.median(ours.rate / theirs.rate for ours, theirs in pairs)

    def processor_us(name: str, connections: int) -> float:
        runs = found[name][connections]
        return 1e6 * sum(run.processor for run in runs) / sum(run.answers for run in runs)

    goals = {
        f"clicks_at_32_by_{name}": goal(ratio(name, 32), wanted)
        for name, wanted in GOALS_AT_32.items()
        if name in found
    }
    if "pgbench" in found:
        goals["clicks_at_256_by_pgbench"] = goal(ratio("pgbench", 256), 1.0)
    spent = processor_us("ours", 32) / processor_us("ordinary", 32)
    goals["processor_by_ordinary"] = goal(spent, GOAL_PROCESSOR, at_most=True)
    ours = [run for runs in found["ours"].values() for run in runs]
    missing = sum(max(0, run.answers - run.stored) for run in ours)
    goals["answers_without_a_touch"] = goal(missing, 0, at_most=True)
    goals["failed"] = goal(sum(run.failed for run in ours), 0, at_most=True)
    beside = {}
    if "pgbench" in found:
        pairs = zip(found["pgbench"][32], found["empty"][32], strict=True)
        beside["pgbench_by_empty_at_32"] = round(
            statistics.median(one.rate / other.rate for one, other in pairs), 3
        )
    measured = {
        name: {
            str(connections): {
                "per_second": round(statistics.median(run.rate for run in runs)),
                "processor_us": round(processor_us(name, connections)),
                "answers": sum(run.answers for run in runs),
                "stored": sum(run.stored for run in runs),
            }
            for connections, runs in cells.items()
        }
        for name, cells in found.items()
    }
    print(json.dumps({"bench": "redirect", "goals": goals, "beside": beside, "measured": measured}))
    return all(one["holds"] for one in goals.values())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, help="how many rounds (default 5, quick 1)")
    options = parser.parse_args()
    rounds = options.rounds or (1 if options.quick else ROUNDS)
    seconds = QUICK_SECONDS if options.quick else SECONDS
    if not shutil.which("wrk"):
        print("wrk was not found: apt-get install wrk", file=sys.stderr)
        return 1

    # So that the servers and the database go with it when it is stopped from outside.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from server import place

    from cms.demo.supervisor import Supervisor, free_port
    from cms.postgres import drop_database, start_embedded

    server_url = os.environ.get("DATABASE_URL") or start_embedded(data_directory=ROOT / "var/postgres")
    database = f"bench_{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        url = urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))
        environment = {
            **place(database_url=url, folder=folder),
            "VAR_DIR": str(folder),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "bench")]),
        }
        try:
            os.environ.update(environment)
            script = folder / "insert.sql"
            rows = fill(database)
            script.write_text(INSERT.format(id=new_id(), **rows).replace("\n", " ").strip() + "\n")
            with Supervisor(logs=folder / "logs", environment=environment) as supervisor:
                ports = {}
                for name, arguments in SERVERS.items():
                    ports[name] = free_port()
                    full = [*arguments[:2], *GRANIAN, *arguments[2:]] if "granian" in arguments else arguments
                    supervisor.start(name, [part.format(port=ports[name]) for part in full])
                for name, port in ports.items():
                    supervisor.wait_for(
                        name, f"http://127.0.0.1:{port}/{'healthz' if name != 'empty' else ''}"
                    )
                pids = {name: child.pid for name, child in supervisor.running.items()}
                found = measure(ports, pids, script, rounds, seconds)
        finally:
            from django.db import connections

            connections.close_all()
            drop_database(database, server_url=server_url)
    return 0 if report(found) else 1


if __name__ == "__main__":
    sys.exit(main())
