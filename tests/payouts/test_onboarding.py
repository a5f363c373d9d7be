"""Accounts at Stripe: opened once, and known as Stripe last described them."""

import pytest

from payouts.addresses import address_hash
from payouts.enums import AccountRole, AccountStatus
from payouts.gateway import GatewayUnknown
from payouts.models import ConnectedAccount
from payouts.onboarding import (
    UnableToOnboard,
    refresh_account,
    refresh_bank_accounts,
    start_onboarding,
    status_of,
)
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


def test_two_accounts_at_one_bank_account_have_one_hash(stand_in):
    ada, bob = ready_payee(stand_in), ready_payee(stand_in, "Bob Visser")
    for payee in (ada, bob):
        stand_in.set_bank_account(payee.account.stripe_account_id, iban="NL91ABNA0417164300")
        refresh_bank_accounts(account=payee.account)

    assert len(ada.account.bank_hashes) == 1
    assert ada.account.bank_hashes == bob.account.bank_hashes

    stand_in.set_bank_account(bob.account.stripe_account_id, iban="NL39RABO0300065264")
    refresh_bank_accounts(account=bob.account)

    assert ada.account.bank_hashes != bob.account.bank_hashes
    # What is kept is made with our key: nobody else's list of fingerprints finds it.
    fingerprints = {row["fingerprint"] for row in stand_in.dump()["bank_account"]}
    assert fingerprints.isdisjoint(bob.account.bank_hashes)


def test_bank_accounts_that_stripe_does_not_show_stay_as_they_were_known(stand_in):
    ada = ready_payee(stand_in)
    refresh_bank_accounts(account=ada.account)
    known = ada.account.bank_hashes
    stand_in.act_on_account(ada.account.stripe_account_id, action="deauthorise")

    refresh_bank_accounts(account=ada.account)

    assert known
    assert ConnectedAccount.objects.get().bank_hashes == known


def test_the_address_of_an_account_is_kept_as_a_hash(stand_in):
    ada = ready_payee(stand_in)

    assert ada.account.email_hash == address_hash(ada.user.email.upper())


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
