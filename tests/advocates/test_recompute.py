"""docs/recompute.py comes to the same cents as the split, on every model and on sales that nobody would think of."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from hypothesis import given, settings

from advocates.enums import AttributionModel
from advocates.split import inputs_as_json, split
from tests.advocates.deals_at_random import first_sales, sales
from tests.advocates.test_commission_tables import EXAMPLES, inputs_of

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "recompute.py"
spec = spec_from_file_location("recompute", SCRIPT)
recompute = module_from_spec(spec)
spec.loader.exec_module(recompute)


def cents_of(inputs):
    return {share.advocate: list(share.amounts) for share in split(inputs).shares if sum(share.amounts)}


@given(sales())
@settings(max_examples=250, deadline=None)
def test_script_comes_to_the_same_cents(inputs):
    assert recompute.recompute(inputs_as_json(inputs)) == cents_of(inputs)


@given(first_sales())
@settings(max_examples=80, deadline=None)
def test_script_reads_what_engine_one_stored(inputs):
    stored = inputs_as_json(inputs)
    del stored["advocates"]
    if stored["terms"]:
        for name in ("first_bps", "last_bps", "assists", "new_customer_rate_bps", "rates", "tiers"):
            del stored["terms"][name]

    assert recompute.recompute(stored) == cents_of(inputs)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_script_comes_to_the_tables_of_the_document(example):
    inputs = inputs_of(example)

    assert recompute.recompute(inputs_as_json(inputs)) == cents_of(inputs)


def test_every_model_has_its_table():
    models = {example.facts["Deal"].split(" · ")[1].split()[0] for example in EXAMPLES}

    assert models == set(AttributionModel.values)


def test_script_stands_alone_in_forty_lines(tmp_path):
    inputs = inputs_of(EXAMPLES[0])
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps(inputs_as_json(inputs)))

    # Isolated from our code and everything that is installed: the standard library is all there is.
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(file)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603 -- our own script

    told = {int(advocate): amounts for advocate, amounts in json.loads(done.stdout).items()}
    assert told == cents_of(inputs)
    assert len(SCRIPT.read_text().splitlines()) <= 40


def test_anybody_may_take_the_script_along(client):
    answer = client.get("/en/recompute.py")

    assert b"".join(answer.streaming_content) == SCRIPT.read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="recompute.py"'
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/x-python", "public, max-age=3600")
    assert client.post("/en/recompute.py").status_code == 405
