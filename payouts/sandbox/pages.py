"""The hosted pages that a person visits: onboarding, Checkout, the bank. Each says that no money moves."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from payouts.sandbox import accounts, checkout, events, payment_links, payments
from payouts.sandbox.api import Call
from payouts.sandbox.errors import Row
from payouts.sandbox.lines import lines_of
from payouts.sandbox.parameters import decode_form
from payouts.sandbox.world import World

STYLES = Path(__file__).with_name("pages.css")
METHOD_LABELS = {
    "card": "Card",
    "customer_balance": "Bank transfer",
    "ideal": "iDEAL",
    "sepa_debit": "SEPA debit",
}
BEHAVIOUR_LABELS = {
    "works": "works",
    "declined": "is declined (card)",
    "fails_later": "bounces after some days (SEPA debit)",
    "returned_later": "comes back after it succeeded (SEPA debit)",
}
CODE_FIELD = '<p><label>Promotion code <input name="code" autocomplete="off"></label></p>'
EXPONENTS = {"jpy": 0, "tnd": 3}


@dataclass(frozen=True)
class Page:
    status: int
    content: str = ""
    content_type: str = "text/html; charset=utf-8"
    location: str | None = None


class Pages:
    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, call: Call) -> Page:
        """Show a page, or do what its form asks and send the person on."""
        address = urlsplit(call.target)
        parts = address.path.strip("/").split("/")
        if parts == ["stand-in.css"]:
            return Page(200, STYLES.read_text(), "text/css; charset=utf-8")
        form = decode_form(call.body.decode()) if call.method == "POST" else None
        with self.world.lock:
            try:
                page = self._link(parts[-1], address.query) if parts[0] == "link" else self._find(parts, form)
            finally:
                self.world.state.flush()
        return page or _message(
            "There is no such page", "The stand-in does not know this address.", status=404
        )

    def _link(self, wanted: str, query: str) -> Page | None:
        """A payment link leads each who follows it to a session of its own."""
        link = self.world.state.get(wanted, kind=payment_links.KIND)
        if link is None:
            return None
        reference = dict(parse_qsl(query)).get("client_reference_id", "")
        return _redirect(str(payment_links.follow_link(self.world, link, client_reference=reference)["url"]))

    def _find(self, parts: list[str], form: Row | None) -> Page | None:
        match parts:
            case ["onboarding", wanted] if link := self.world.state.get(wanted, kind=accounts.LINK):
                return self._onboarding(link, form)
            case ["checkout", wanted] if session := self.world.state.get(wanted, kind=checkout.KIND):
                return self._checkout(session, form)
            case ["bank", wanted] if intent := self.world.state.get(wanted, kind=payments.KIND):
                return self._bank(intent, form)
            case ["bank-transfer", wanted] if intent := self.world.state.get(wanted, kind=payments.KIND):
                return self._bank_transfer(intent, form)
        return None

    def _onboarding(self, link: Row, form: Row | None) -> Page:
        """A link works once: used or old, it leads to the refresh address, where a new one can be made."""
        use = link["use_case"][link["use_case"]["type"]]
        back = use.get("return_url") or use["refresh_url"]
        account = accounts.find_account(self.world, link["account"])
        if link["_used"] or link["_expires_at"] < self.world.now:
            return _redirect(use["refresh_url"])
        if form is None:
            name = account["display_name"] or account["contact_email"] or account["id"]
            return _page(
                "Get ready to receive money",
                f"<p>{escape(name)}, Stripe would now ask who you are and where your money should go.</p>"
                '<form method="post"><button class="first" name="action" value="finish">Finish</button>'
                '<button name="action" value="later">Not yet</button></form>',
            )
        self.world.state.update(link, _used=True)
        if form.get("action") == "finish":
            accounts.finish_onboarding(self.world, account)
            events.emit_thin(
                self.world,
                "v2.core.account_link.returned",
                None,
                account_id=account["id"],
                configurations=account["_configurations"],
                use_case=link["use_case"]["type"],
            )
        return _redirect(back)

    def _checkout(self, session: Row, form: Row | None) -> Page:
        if session["status"] == "complete":
            return _message("Done", "This page has done its work.")
        if session["status"] == "expired":
            return _message("Too late", "This page has expired. Go back to the shop and begin again.")
        if form is None:
            return self._checkout_page(session)
        if form.get("action") == "cancel":
            address = session["cancel_url"]
            return _redirect(address) if address else _message("Left", "Nothing was paid.")
        typed = str(form.get("code", "")).strip()
        if typed and not checkout.redeem_code(self.world, session, typed):
            return self._checkout_page(session, note="This code is invalid.", status=422)
        return self._pay(session, kind=str(form.get("method")), behaviour=str(form.get("behaviour", "works")))

    def _pay(self, session: Row, *, kind: str, behaviour: str) -> Page:
        if kind not in session["payment_method_types"] or behaviour not in BEHAVIOUR_LABELS:
            return self._checkout_page(session, note="Choose how to pay.", status=422)
        if session["mode"] == "setup":
            checkout.complete_setup_session(self.world, session, kind=kind, behaviour=behaviour)
        elif not checkout.complete_payment_session(self.world, session, kind=kind, behaviour=behaviour):
            note = "The payment was declined. Choose another way."
            return self._checkout_page(session, note=note, status=402)
        return _redirect(checkout.fill_success_url(session))

    def _checkout_page(self, session: Row, *, note: str = "", status: int = 200) -> Page:
        title = "Save how you pay" if session["mode"] == "setup" else "Pay"
        return _page(title, self._checkout_form(session, note), status=status)

    def _checkout_form(self, session: Row, note: str) -> str:
        lines = lines_of(self.world, session)
        table = "".join(
            f"<tr><th>{row['quantity']} × {escape(row['description'])}</th>"
            f"<td>{_money(row['amount_total'], row['currency'])}</td></tr>"
            for row in lines
        )
        if session["shipping_cost"]:
            amount = _money(session["shipping_cost"]["amount_total"], session["currency"])
            table += f"<tr><th>{escape(session['_shipping_name'])}</th><td>{amount}</td></tr>"
        if lines:
            total = _money(session["amount_total"], session["currency"])
            table = f'<table>{table}<tr class="total"><th>Total</th><td>{total}</td></tr></table>'
        first = "Save" if session["mode"] == "setup" else "Pay"
        methods = {name: METHOD_LABELS[name] for name in session["payment_method_types"]}
        return (
            (f'<p role="alert">{escape(note)}</p>' if note else "")
            + table
            + '<form method="post">'
            + _radios("method", "How", methods)
            + _radios("behaviour", "It then …", BEHAVIOUR_LABELS)
            + (CODE_FIELD if session["allow_promotion_codes"] and not session["discounts"] else "")
            + f'<button class="first" name="action" value="pay">{first}</button>'
            + '<button name="action" value="cancel">Cancel</button></form>'
        )

    def _bank(self, intent: Row, form: Row | None) -> Page:
        if intent["status"] != "requires_action":
            return _message("Done", "There is nothing to approve here any more.")
        if form is None:
            amount = _money(intent["amount"], intent["currency"])
            return _page(
                "Your bank",
                f"<p>Approve a payment of {amount}?</p>"
                '<form method="post"><button class="first" name="action" value="approve">Approve</button>'
                '<button name="action" value="refuse">Refuse</button></form>',
            )
        payments.authorise_at_bank(self.world, intent, agreed=form.get("action") == "approve")
        back = intent.get("_return_url")
        return _redirect(back) if back else _message("Done", "You can close this page.")

    def _bank_transfer(self, intent: Row, form: Row | None) -> Page:
        action = intent["next_action"] or {}
        if action.get("type") != "display_bank_transfer_instructions":
            return _message("Done", "This payment does not wait for a bank transfer.")
        instructions = action["display_bank_transfer_instructions"]
        if form is None:
            amount = _money(instructions["amount_remaining"], intent["currency"])
            iban = instructions["financial_addresses"][0]["iban"]["iban"]
            return _page(
                "Pay by bank transfer",
                f"<table><tr><th>Amount</th><td>{amount}</td></tr><tr><th>IBAN</th><td>{iban}</td></tr>"
                f"<tr><th>Reference</th><td>{instructions['reference']}</td></tr></table>"
                '<form method="post"><button class="first" name="action" value="pay">The transfer arrived'
                "</button></form>",
            )
        payments.receive_bank_transfer(self.world, intent, amount=instructions["amount_remaining"])
        return _message("Received", "The transfer has arrived.")


def _radios(name: str, legend: str, choices: dict[str, str]) -> str:
    inputs = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"{" checked" if number == 0 else ""}>'
        f"{escape(label)}</label>"
        for number, (value, label) in enumerate(choices.items())
    )
    return f"<fieldset><legend>{escape(legend)}</legend>{inputs}</fieldset>"


def _money(amount: int, currency: str) -> str:
    exponent = EXPONENTS.get(currency, 2)
    whole, rest = divmod(amount, 10**exponent)
    return f"{currency.upper()} {whole}" + (f".{rest:0{exponent}d}" if exponent else "")


def _page(title: str, inner: str, *, status: int = 200) -> Page:
    return Page(
        status,
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · stand-in for Stripe</title>"
        '<link rel="stylesheet" href="/stand-in.css"></head><body>'
        '<p class="banner">Stand-in for Stripe: no money moves</p>'
        f"<main><h1>{escape(title)}</h1>{inner}</main></body></html>",
    )


def _message(title: str, text: str, *, status: int = 200) -> Page:
    return _page(title, f"<p>{escape(text)}</p>", status=status)


def _redirect(location: str) -> Page:
    return Page(303, location=location)
