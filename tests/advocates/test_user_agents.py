"""Who is a person by what a browser calls itself: lists of what really calls, in-app browsers among the people."""

from pathlib import Path

import pytest

from advocates.touches import is_counted

LISTS = Path(__file__).parent / "user_agents"
MACHINES, PEOPLE = ((LISTS / f"{name}.txt").read_text().splitlines() for name in ("machines", "people"))


@pytest.mark.parametrize("user_agent", MACHINES)
def test_previews_crawlers_and_programs_are_not_counted(user_agent):
    """Trap 31: messengers and social networks that draw a preview, search engines, assistants, libraries."""
    assert not is_counted(user_agent=user_agent, method="GET", headers={})


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people_are_counted_in_whatever_app_they_click(user_agent):
    assert is_counted(user_agent=user_agent, method="GET", headers={"sec-fetch-dest": "document"})


def test_lists_are_long_enough_to_say_something():
    assert (len(set(MACHINES)) >= 90, len(set(PEOPLE)) >= 45) == (True, True)
