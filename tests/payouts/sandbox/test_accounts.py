import pytest
import stripe

from tests.payouts.sandbox.conftest import open_recipient

MINUTE = 60


def status_of(client, account):
    shown = client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient"]})
    return shown.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status


def open_link(client, account):
    return client.v2.core.account_links.create(
        {
            "account": account,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "refresh_url": "http://site.test/again",
                    "return_url": "http://site.test/back",
                },
            },
        }
    )


def test_recipient_is_restricted_until_it_is_onboarded(sandbox, client):
    ada = open_recipient(client)
    assert status_of(client, ada) == "restricted"
    before = client.v2.core.accounts.retrieve(ada, {"include": ["requirements"]})
    assert before.requirements.entries[0].description.startswith("identity.")

    sandbox.onboard(ada)

    assert status_of(client, ada) == "active"
    after = client.v2.core.accounts.retrieve(ada, {"include": ["requirements"]})
    assert after.requirements.entries == []


def test_one_bank_account_has_one_fingerprint_whoever_has_it(sandbox, client):
    ada, bob = open_recipient(client), open_recipient(client)
    for account in (ada, bob):
        sandbox.onboard(account)

    def fingerprint(account):
        (one,) = client.v1.accounts.external_accounts.list(account, {"object": "bank_account"}).data
        return one.fingerprint

    assert fingerprint(ada) != fingerprint(bob)
    for account in (ada, bob):
        sandbox.set_bank_account(account, iban="NL91ABNA0417164300")
    assert fingerprint(ada) == fingerprint(bob)
    assert client.v1.accounts.external_accounts.list(ada, {"object": "card"}).data == []


def test_only_what_is_included_is_shown(client, ada):
    bare = client.v2.core.accounts.retrieve(ada)

    assert (bare.configuration, bare.identity, bare.requirements, bare.defaults) == (None, None, None, None)
    assert bare.applied_configurations == ["recipient"]
    full = client.v2.core.accounts.retrieve(ada, {"include": ["defaults", "identity"]})
    assert full.defaults.responsibilities.losses_collector == "application"
    assert full.identity.country == "nl"


def test_express_dashboard_needs_the_platform_to_carry_fees_and_losses(client):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v2.core.accounts.create(
            {
                "dashboard": "express",
                "defaults": {"responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"}},
            }
        )

    assert caught.value.http_status == 400


def test_account_is_restricted_again_and_disabled(sandbox, client, ada):
    sandbox.act_on_account(ada, action="restrict")
    assert status_of(client, ada) == "restricted"
    assert client.v1.accounts.retrieve(ada).requirements.disabled_reason == "requirements.past_due"
    sandbox.onboard(ada)
    assert client.v1.accounts.retrieve(ada).payouts_enabled is True

    sandbox.act_on_account(ada, action="disable")

    assert status_of(client, ada) == "rejected"
    assert client.v1.accounts.retrieve(ada).payouts_enabled is False


def test_deauthorised_account_cannot_be_reached_any_more(sandbox, client, ada):
    sandbox.take_webhooks()
    sandbox.act_on_account(ada, action="deauthorise")

    assert "account.application.deauthorized" in [d.event_type for d in sandbox.take_webhooks()]
    with pytest.raises(stripe.PermissionError) as caught:
        client.v1.accounts.retrieve(ada)
    assert caught.value.error.code == "account_invalid"
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve(None, {"stripe_account": ada})


def test_account_is_updated_and_closed(client, ada):
    client.v2.core.accounts.update(ada, {"display_name": "Ada L.", "metadata": {"payee": "3"}})
    shown = client.v2.core.accounts.retrieve(ada)
    assert (shown.display_name, shown.metadata.to_dict()) == ("Ada L.", {"payee": "3"})

    assert client.v2.core.accounts.close(ada, {"applied_configurations": ["recipient"]}).closed is True
    assert status_of(client, ada) == "unsupported"
    with pytest.raises(stripe.InvalidRequestError):
        client.v2.core.accounts.close(ada)


def test_capability_that_is_asked_for_later_is_restricted_first(sandbox, client):
    ada = client.v2.core.accounts.create(
        {"contact_email": "ada@example.com", "identity": {"country": "nl"}}
    ).id
    client.v2.core.accounts.update(
        ada,
        {
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            }
        },
    )
    assert status_of(client, ada) == "restricted"

    sandbox.onboard(ada)

    assert status_of(client, ada) == "active"
    assert client.v1.accounts.retrieve(ada).capabilities.transfers == "active"


def test_merchant_can_take_payments_as_v1_sees_it(client, mila_shop):
    shown = client.v1.accounts.retrieve(mila_shop)

    assert (shown.charges_enabled, shown.details_submitted, shown.type) == (True, True, "standard")
    assert shown.capabilities.ideal_payments == "active"
    assert shown.controller.losses.payments == "stripe"


def test_platform_sees_itself(sandbox, client):
    assert client.v1.accounts.retrieve_current().id == sandbox.platform


def test_link_names_its_page_and_refuses_what_the_version_dropped(sandbox, client, ada):
    link = open_link(client, ada)

    assert link.url.startswith(f"{sandbox.url}/onboarding/")
    assert link.use_case.account_onboarding.return_url == "http://site.test/back"
    with pytest.raises(stripe.InvalidRequestError, match="configurations"):
        client.v2.core.account_links.create(
            {
                "account": ada,
                "use_case": {
                    "type": "account_onboarding",
                    "account_onboarding": {
                        "configurations": ["recipient"],
                        "refresh_url": "http://site.test/again",
                    },
                },
            }
        )
