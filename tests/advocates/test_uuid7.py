from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from advocates.uuid7 import uuid7

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- the zone comes with `timezones`
def test_uuid7_carries_version_variant_and_the_milliseconds(at):
    made = uuid7(at=at)

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(at.timestamp() * 1000)


def test_uuid7_reads_the_timestamp_of_the_example_in_rfc_9562():
    """Appendix A.6: 2022-02-22 14:22:22.00 at -05:00 is 017F22E2-79B0-7…"""
    assert str(uuid7(at=datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC))).startswith("017f22e2-79b0-7")


def test_uuid7_ascends_within_one_millisecond_and_over_time():
    made = [uuid7(at=NOW + timedelta(milliseconds=number // 2000)) for number in range(6000)]

    assert made == sorted(made)
    assert len(set(made)) == 6000


def test_uuid7_is_unique_over_threads():
    made = []
    threads = [
        Thread(target=lambda: made.extend(uuid7(at=NOW) for _n in range(2000))) for _thread in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 8000


def test_uuid7_gives_a_past_moment_its_own_place():
    late = uuid7(at=NOW)
    early = uuid7(at=NOW - timedelta(days=90))

    assert early < late
    assert early.int >> 80 == int((NOW - timedelta(days=90)).timestamp() * 1000)
