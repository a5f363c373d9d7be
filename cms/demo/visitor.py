"""A visitor with a browser's manners: cookies, forms, redirects that can be looked at."""

import email
import email.policy
import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import IO

#: What a browser says of itself: anything else counts as a bot, and rightly so.
_USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
)
_MOST_REDIRECTS = 8
_MAIL_PATIENCE_SECONDS = 20


class UnexpectedAnswer(Exception):
    """A page did not answer as it should."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(  # noqa: PLR0917 -- the library calls it so
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> None:
        """Leave redirects to the visitor."""


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    status: int
    text: str
    location: str

    def links(self, pattern: str) -> list[str]:
        """The addresses of links on the page that match a regular expression, in reading order."""
        return [
            unescape(href)
            for href in re.findall(r'href="([^"]*)"', self.text)
            if re.search(pattern, unescape(href))
        ]

    def action(self, pattern: str) -> str:
        """Where the first form posts to whose action matches; absolute."""
        for found in re.findall(r'<form[^>]*action="([^"]*)"', self.text):
            if re.search(pattern, unescape(found)):
                return urllib.parse.urljoin(self.url, unescape(found))
        raise UnexpectedAnswer(f"{self.url} has no form to {pattern}")

    def field(self, name: str) -> str:
        """The value of a form field of this name."""
        for tag in re.findall(r"<(?:input|button)[^>]*>", self.text):
            if f'name="{name}"' in tag and (value := re.search(r'value="([^"]*)"', tag)):
                return unescape(value.group(1))
        raise UnexpectedAnswer(f"{self.url} has no field {name}")


class Visitor:
    """Somebody with a browser, at home at `base_url`."""

    def __init__(self, *, base_url: str, mail_folder: Path) -> None:
        self.base_url = base_url
        self.mail_folder = mail_folder
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar), _NoRedirect()
        )

    def get(self, url: str, *, follow: bool = True, expect: int = 200) -> Page:
        """Open a page; with `follow` through redirects. Raises UnexpectedAnswer for another status."""
        return self._through(urllib.request.Request(self._absolute(url)), follow=follow, expect=expect)  # noqa: S310

    def post(
        self, url: str, fields: Mapping[str, str | list[str]], *, follow: bool = True, expect: int = 200
    ) -> Page:
        """Send a form, with the site's token if it gave one."""
        url = self._absolute(url)
        token = next((cookie.value for cookie in self.jar if cookie.name == "csrftoken"), None)
        data = {**fields, **({"csrfmiddlewaretoken": token} if token else {})}
        request = urllib.request.Request(  # noqa: S310 -- the demo's own addresses
            url, data=urllib.parse.urlencode(data, doseq=True).encode(), headers={"Referer": url}
        )
        return self._through(request, follow=follow, expect=expect)

    def log_in(self, address: str) -> None:
        """Log in by the code that is mailed to `address`."""
        before = self._mails_to(address)
        self.get("/account/login/code/")
        page = self.post("/account/login/code/", {"email": address})
        self.post(page.url, {"code": self._code_mailed_to(address, known=before)})
        if not any(cookie.name == "sessionid" for cookie in self.jar):
            raise UnexpectedAnswer(f"{address} could not log in")

    def _through(self, request: urllib.request.Request, *, follow: bool, expect: int) -> Page:
        page = self._open(request)
        redirects = 0
        while follow and page.location and redirects < _MOST_REDIRECTS:
            redirects += 1
            page = self._open(urllib.request.Request(urllib.parse.urljoin(page.url, page.location)))  # noqa: S310
        if page.status != expect and not (not follow and page.location):
            raise UnexpectedAnswer(f"{request.get_method()} {page.url} answered {page.status}, not {expect}")
        return page

    def _open(self, request: urllib.request.Request) -> Page:
        request.add_header("User-Agent", _USER_AGENT)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return Page(request.full_url, answer.status, answer.read().decode(errors="replace"), "")
        except urllib.error.HTTPError as answer:
            location = answer.headers.get("Location", "")
            return Page(request.full_url, answer.code, answer.read().decode(errors="replace"), location)

    def _absolute(self, url: str) -> str:
        return urllib.parse.urljoin(self.base_url, url)

    def _mails_to(self, address: str) -> set[Path]:
        return {
            path for path in self.mail_folder.glob("*.log") if address in path.read_text(errors="replace")
        }

    def _code_mailed_to(self, address: str, *, known: set[Path]) -> str:
        until = time.monotonic() + _MAIL_PATIENCE_SECONDS
        while time.monotonic() < until:
            for path in self._mails_to(address) - known:
                if code := _code_in(path.read_bytes()):
                    return code
            time.sleep(0.1)
        raise UnexpectedAnswer(f"no code was mailed to {address}")


def mailed_code(path: Path) -> str:
    """Who was mailed which log-in code, as a line to print; nothing for another mail."""
    mail = path.read_bytes()
    code = _code_in(mail)
    to = email.message_from_bytes(mail, policy=email.policy.default)["To"]
    return f"code for {to}: {code}" if code else ""


def _code_in(mail: bytes) -> str:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain",))
    text = body.get_content() if body else ""
    found = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", text, re.MULTILINE)
    return found.group(1) if found else ""
