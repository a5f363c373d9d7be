"""Accounts at Stripe: opened once, and known as Stripe last described them."""

import pytest

from payouts.enums import AccountRole, AccountStatus
from payouts.gateway import GatewayUnknown
from payouts.models import ConnectedAccount
from payouts.onboarding import UnableToOnboard, refresh_account, start_onboarding, status_of
from payouts.stripe_rows import Account
from tests.factories import NOW, make_payee, make_payer
from tests.payouts.settling import BACK, DUE, ready_payee

pytestmark = pytest.mark.django_db


def accounts_at_stripe(stand_in):
    return stand_in.dump().get("v2.core.account", [])


def test_a_payee_gets_an_account_that_receives_and_a_page_to_complete_it(stand_in):
    ada = make_payee("Ada Vermeer")

    url = start_onboarding(payee=ada, **BACK, at=NOW)

    assert url.startswith(f"{stand_in.url}/onboarding/")
    account = ConnectedAccount.objects.get()
    assert ada.account == account
    assert (account.role, account.status) == (AccountRole.RECIPIENT, AccountStatus.CREATED)
    row = accounts_at_stripe(stand_in)[0]
    assert (row["dashboard"], row["contact_email"]) == ("express", ada.user.email)


def test_a_shop_gets_an_account_that_sells(stand_in):
    klei = make_payer()

    start_onboarding(payer=klei, **BACK, at=NOW)

    assert klei.account.role == AccountRole.MERCHANT
    assert accounts_at_stripe(stand_in)[0]["dashboard"] == "full"


def test_asking_again_gives_another_page_of_the_same_account(stand_in):
    ada = make_payee()

    pages = {start_onboarding(payee=ada, **BACK, at=NOW) for _time in range(2)}

    assert len(pages) == 2
    assert len(accounts_at_stripe(stand_in)) == 1


def test_an_account_whose_answer_was_lost_is_found_again(stand_in):
    ada = make_payee()
    stand_in.fault("timeout_after", path="/v2/core/accounts")
    with pytest.raises(UnableToOnboard):
        start_onboarding(payee=ada, **BACK, at=NOW)
    assert ada.account is None

    start_onboarding(payee=ada, **BACK, at=NOW)

    assert [row["id"] for row in accounts_at_stripe(stand_in)] == [ada.account.stripe_account_id]


def test_the_status_follows_the_account(stand_in):
    ada = ready_payee(stand_in)
    account = ada.account
    assert account.status == AccountStatus.ACTIVE
    told = []

    for action in ("restrict", "onboard", "disable"):
        stand_in.act_on_account(account.stripe_account_id, action=action)
        refresh_account(account=account, at=DUE)
        told.append((account.status, bool(account.requirements), account.can_receive))

    assert told == [
        (AccountStatus.RESTRICTED, True, False),
        (AccountStatus.ACTIVE, False, True),
        (AccountStatus.DISABLED, False, False),
    ]
    account.refresh_from_db()
    assert (account.status, account.checked_at) == (AccountStatus.DISABLED, DUE)
    with pytest.raises(UnableToOnboard):
        start_onboarding(payee=ada, **BACK, at=DUE)


def test_a_disconnected_account_is_known_as_such_and_replaced(stand_in):
    ada = ready_payee(stand_in)
    former = ada.account
    stand_in.act_on_account(former.stripe_account_id, action="deauthorise")

    assert refresh_account(account=former, at=DUE).status == AccountStatus.DEAUTHORISED

    start_onboarding(payee=ada, **BACK, at=DUE)
    assert ada.account != former
    assert ConnectedAccount.objects.count() == 2


def test_nothing_changes_when_stripe_does_not_answer(stand_in):
    ada = ready_payee(stand_in)
    stand_in.fault("timeout_before", path="/v2/core/accounts/*")

    with pytest.raises(GatewayUnknown):
        refresh_account(account=ada.account, at=DUE)

    assert ConnectedAccount.objects.get().status == AccountStatus.ACTIVE


@pytest.mark.parametrize(
    ("capability", "requirements", "before", "status"),
    [
        ("restricted", ("iban",), "created", "created"),
        ("restricted", (), "created", "onboarding"),
        ("pending", (), "created", "onboarding"),
        ("pending", (), "onboarding", "onboarding"),
        ("active", (), "onboarding", "active"),
        ("active", ("later",), "active", "active"),
        ("pending", (), "active", "restricted"),
        ("restricted", ("iban",), "active", "restricted"),
        ("restricted", (), "disabled", "restricted"),
        ("rejected", (), "created", "disabled"),
        ("unsupported", (), "active", "disabled"),
    ],
)
def test_status_is_read_from_capability_and_requirements(capability, requirements, before, status):
    found = Account("acct_1", capability, requirements, is_closed=False, livemode=False)

    assert status_of(found, before=AccountStatus(before)) == status


def test_a_closed_account_is_disabled():
    found = Account("acct_1", "active", (), is_closed=True, livemode=False)

    assert status_of(found, before=AccountStatus.ACTIVE) == AccountStatus.DISABLED
