"""Who works on a board: invitations that work once, roles, leaving, and that strangers find nothing of it."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from advocates.enums import ContributorRole, PublicationState
from advocates.models import Contributor
from community import board_people as people
from community import boards
from community.models import Block, BoardInvitation
from tests.community.test_board_page import make_board
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def bob():
    return make_user("Bob Smit", handle="bob")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


@pytest.fixture
def board(ada):
    return make_board(ada, make_product(make_shop(), "Kop"), state=PublicationState.HIDDEN)


def invite(board, role=ContributorRole.ADD, at=NOW):
    return people.invite(board=board, by=board.owner, role=role, at=at)


def join(board, user, role=ContributorRole.ADD):
    return people.accept(invitation=invite(board, role).invitation, by=user, at=NOW)


def test_invitation_lets_one_person_in_with_its_role(board, bob):
    invited = invite(board, ContributorRole.EDIT)
    assert people.find_invitation(invited.token) == invited.invitation

    contributor = people.accept(invitation=invited.invitation, by=bob, at=NOW + timedelta(days=13))

    assert (contributor.user, contributor.publication, contributor.role) == (
        bob,
        board.publication,
        ContributorRole.EDIT,
    )
    stored = BoardInvitation.objects.get()
    assert (stored.accepted_by, stored.accepted_at) == (bob, NOW + timedelta(days=13))
    assert boards.may(bob, board).may_edit
    assert not boards.may(bob, board).may_own


def test_token_itself_is_kept_nowhere(board):
    invited = invite(board)

    kept = [str(value) for value in BoardInvitation.objects.values().get().values()]

    assert invited.token not in " ".join(kept)
    assert people.find_invitation(invited.invitation.token_hash) is None


def test_invitation_works_once(board, bob, eve):
    invitation = invite(board).invitation
    people.accept(invitation=invitation, by=bob, at=NOW)

    with pytest.raises(people.UnableToChangePeople):
        people.accept(invitation=invitation, by=eve, at=NOW)

    assert [contributor.user for contributor in people.contributors_of(board)] == [bob]


@pytest.mark.parametrize("why", ["expired", "revoked"])
def test_invitation_that_is_over_lets_nobody_in(board, bob, why):
    invitation, at = invite(board).invitation, NOW
    if why == "expired":
        at = NOW + people.INVITATION_LIVES
    else:
        assert people.revoke(invitation=invitation, at=NOW)

    with pytest.raises(people.UnableToChangePeople):
        people.accept(invitation=invitation, by=bob, at=at)

    assert not people.contributors_of(board).exists()


def test_accepted_invitation_is_not_taken_back(board, bob):
    invitation = invite(board).invitation
    people.accept(invitation=invitation, by=bob, at=NOW)

    assert not people.revoke(invitation=invitation, at=NOW)


@pytest.mark.parametrize("blocker", ["ada", "bob"])
def test_blocked_people_do_not_come_together(board, ada, bob, blocker):
    one, other = (ada, bob) if blocker == "ada" else (bob, ada)
    Block.objects.create(user=one, blocked=other, created_at=NOW)

    with pytest.raises(people.UnableToChangePeople):
        join(board, bob)


def test_nobody_comes_twice_and_the_owner_not_at_all(board, ada, bob):
    join(board, bob)
    invitation = invite(board).invitation

    for person in (bob, ada):
        with pytest.raises(people.UnableToChangePeople):
            people.accept(invitation=invitation, by=person, at=NOW)

    assert people.is_open(BoardInvitation.objects.get(pk=invitation.pk), at=NOW)
    with pytest.raises(IntegrityError, match="contributor_once"), transaction.atomic():
        Contributor.objects.create(publication=board.publication, user=bob, role="add", joined_at=NOW)


def test_board_has_room_for_so_many(board):
    for _number in range(people.MOST_PEOPLE):
        invite(board)

    with pytest.raises(people.UnableToChangePeople):
        invite(board)


def test_who_goes_leaves_what_was_pinned(board, bob):
    join(board, bob)
    pin = boards.add_product(board=board, product=make_product(make_shop(), "Kan"), by=bob, at=NOW)

    assert people.remove(board=board, user_id=bob.pk)
    assert not people.remove(board=board, user_id=bob.pk)

    pin.refresh_from_db()
    assert (pin.added_by, pin.board) == (bob, board)
    assert not boards.may(bob, board).may_add


def test_people_of_another_board_stay(board, ada, bob):
    other = make_board(ada, title="Een andere")
    join(board, bob)
    join(other, bob)

    people.remove(board=board, user_id=bob.pk)
    people.change_role(board=board, user_id=bob.pk, role=ContributorRole.EDIT)

    assert people.contributors_of(other).get().role == ContributorRole.ADD


# Through the pages ----------------------------------------------------------------------------------------------


def test_ada_invites_and_bob_joins(client, ada, bob, board):
    client.force_login(ada)
    page = client.post(f"/en/studio/boards/{board.pk}/people/invite/", {"role": "add"}).text
    [address] = re.findall(r"http://testserver(/en/boards/invitation/[\w-]+/)", page)
    assert address not in client.get(f"/en/studio/boards/{board.pk}/people/").text

    client.logout()
    assert f"/en/account/login/?next={address}" in client.get(address).text
    client.force_login(bob)
    asked = client.get(address).text
    assert "Ada Vermeer asks you to make a board together" in asked
    assert "Een tafel voor acht" in asked
    assert not boards.may(bob, board).may_add

    answer = client.post(address)

    assert answer.url == f"/en/studio/boards/{board.pk}/"
    assert boards.may(bob, board).may_add
    assert client.get(f"/en{board.publication.path}").status_code == 200


def test_used_invitation_says_so(client, bob, eve, board):
    invited = invite(board, at=NOW)
    BoardInvitation.objects.update(expires_at=NOW + timedelta(days=10_000))
    people.accept(invitation=invited.invitation, by=bob, at=NOW)
    client.force_login(eve)

    shown = client.get(f"/en/boards/invitation/{invited.token}/")
    answer = client.post(f"/en/boards/invitation/{invited.token}/")

    assert "This invitation no longer works" in shown.text
    assert "Een tafel voor acht" not in shown.text
    assert answer.status_code == 422
    assert not boards.may(eve, board).may_add


def test_who_has_no_account_yet_reads_what_they_are_asked_for(client, board):
    invited = invite(board)
    here = f"/en/boards/invitation/{invited.token}/"

    page = client.get(here)

    assert "Ada Vermeer asks you to make a board together" in page.text
    assert "Een tafel voor acht" in page.text
    assert f'href="/en/account/signup/?next={here}"' in page.text
    assert f'href="/en/account/login/?next={here}"' in page.text
    assert "csrfmiddlewaretoken" not in page.text
    answer = client.post(here)
    assert answer.url == f"/en/account/login/?next={here}"
    assert people.is_open(BoardInvitation.objects.get(), at=NOW)


def test_over_invitation_tells_nobody_the_name_of_the_board(client, board):
    invited = invite(board)
    people.revoke(invitation=invited.invitation, at=NOW)

    page = client.get(f"/en/boards/invitation/{invited.token}/")

    assert "This invitation no longer works" in page.text
    assert "Een tafel voor acht" not in page.text


@pytest.mark.parametrize("token", ["x", "0" * 64, "a" * 5000, "%00", "%F0%9F%92%A9", "..%2f..%2fadmin"])
def test_token_that_is_none_finds_nothing(client, bob, board, token):
    invite(board)
    client.force_login(bob)

    assert client.get(f"/en/boards/invitation/{token}/").status_code == 404
    assert client.post(f"/en/boards/invitation/{token}/").status_code == 404


def test_invitation_of_somebody_blocked_is_not_found(client, ada, bob, board):
    invited = invite(board)
    Block.objects.create(user=bob, blocked=ada, created_at=NOW)
    client.force_login(bob)

    assert client.get(f"/en/boards/invitation/{invited.token}/").status_code == 404
    assert client.post(f"/en/boards/invitation/{invited.token}/").status_code == 404


def test_ada_changes_a_role_and_lets_somebody_go(client, ada, bob, board):
    join(board, bob)
    client.force_login(ada)
    person = f"/en/studio/boards/{board.pk}/people/{bob.pk}"

    client.post(f"{person}/role/", {"role": "edit"})
    assert boards.may(bob, board).may_edit
    refused = client.post(f"{person}/role/", {"role": "owner"})
    assert refused.status_code == 422
    assert boards.may(bob, board).may_edit

    asked = client.get(f"{person}/remove/")
    assert "Remove Bob Smit from this board?" in asked.text
    assert boards.may(bob, board).may_add
    client.post(f"{person}/remove/")
    assert not boards.may(bob, board).may_add


def test_bob_sees_who_works_on_it_and_leaves(client, bob, board):
    join(board, bob)
    invite(board)
    client.force_login(bob)
    page = client.get(f"/en/studio/boards/{board.pk}/people/").text
    assert "Ada Vermeer" in page
    assert "Take back" not in page

    client.get(f"/en/studio/boards/{board.pk}/people/leave/")
    assert boards.may(bob, board).may_add
    client.post(f"/en/studio/boards/{board.pk}/people/leave/")

    assert not boards.may(bob, board).may_add
    assert client.get(f"/en/studio/boards/{board.pk}/people/").status_code == 404


@pytest.mark.parametrize("role", ["stranger", "add", "edit"])
def test_only_the_owner_says_who_works_on_it(client, bob, eve, board, role):
    join(board, bob)
    invitation = invite(board).invitation
    if role != "stranger":
        join(board, eve, ContributorRole(role))
    client.force_login(eve)
    here = f"/en/studio/boards/{board.pk}"

    answers = [
        client.post(f"{here}/people/invite/", {"role": "edit"}),
        client.post(f"{here}/people/{bob.pk}/role/", {"role": "edit"}),
        client.get(f"{here}/people/{bob.pk}/remove/"),
        client.post(f"{here}/people/{bob.pk}/remove/"),
        client.post(f"{here}/invitations/{invitation.pk}/revoke/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert client.get(f"{here}/people/").status_code == (404 if role == "stranger" else 200)
    assert people.contributors_of(board).get(user=bob).role == ContributorRole.ADD
    assert people.is_open(BoardInvitation.objects.get(pk=invitation.pk), at=NOW)


def test_owner_does_not_leave(client, ada, board):
    client.force_login(ada)

    assert client.post(f"/en/studio/boards/{board.pk}/people/leave/").status_code == 404


def test_invitation_of_another_board_is_not_taken_back_here(client, ada, board):
    other = make_board(ada, title="Een andere")
    invitation = invite(other).invitation
    client.force_login(ada)

    answer = client.post(f"/en/studio/boards/{board.pk}/invitations/{invitation.pk}/revoke/")

    assert answer.status_code == 404
    assert people.is_open(BoardInvitation.objects.get(), at=NOW)


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_people_takes_the_same_queries(client, ada, board, number, django_assert_num_queries):
    for _number in range(number):
        join(board, make_user("Bob Smit"))
        invite(board)
    client.force_login(ada)
    client.get(f"/en/studio/boards/{board.pk}/people/")

    with django_assert_num_queries(6):  # session, person, board, contributors, invitations, renditions
        client.get(f"/en/studio/boards/{board.pk}/people/")
