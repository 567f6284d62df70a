"""A browser as small as it can be: opens pages, keeps cookies, submits forms.

What it does not do: scripts, styles, SameSite and other policies; the tests with a real browser do.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

_SECONDS = 40
_MOST_REDIRECTS = 10
_SAME_METHOD = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}


class NoSuchForm(Exception):
    """The page has no form or button like that; the message shows the page's text."""


@dataclass
class Button:
    """What submits a form, with the pair it adds."""

    name: str | None
    value: str
    text: str = ""


@dataclass
class Form:
    """A form with the fields that it would send as it stands."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    #: Unticked boxes, as pairs that would be sent if they were ticked.
    boxes: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def button(self, wanted: str) -> Button | None:
        """Find a button by its value or by its text."""
        return next(
            (one for one in self.buttons if wanted in {one.value, " ".join(one.text.split())}),
            None,
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._inside: Form | None = None
        self._button: Button | None = None
        #: A list's name, its choices, and the chosen one.
        self._list: tuple[str, list[str], list[str]] | None = None
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"style", "script", "title"}:
            self._unseen += 1
        if tag == "form":
            self._inside = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._inside)
        if self._inside is None:
            return
        kind = given.get("type", "submit" if tag == "button" else "text").lower()
        if tag == "button" or (tag == "input" and kind == "submit"):
            self._button = Button(given.get("name"), given.get("value", ""))
            self._inside.buttons.append(self._button)
        elif tag == "input" and "name" in given:
            pair = (given["name"], given.get("value", "on"))
            ticked = kind not in {"checkbox", "radio"} or "checked" in given
            (self._inside.fields if ticked else self._inside.boxes).append(pair)
        elif tag == "select" and "name" in given:
            self._list = (given["name"], [], [])
        elif tag == "option" and self._list is not None:
            _, choices, chosen = self._list
            (chosen if "selected" in given else choices).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script", "title"}:
            self._unseen -= 1
        if tag == "form":
            self._inside = None
        if tag == "select" and self._inside is not None and self._list is not None:
            name, choices, chosen = self._list
            # Where none is chosen, browsers choose the first.
            self._inside.fields += [(name, each) for each in (*chosen, *choices)[:1]]
            self._list = None
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        self.text.append(data)
        if self._button is not None:
            self._button.text += data


@dataclass(frozen=True)
class Page:
    """A page that was shown."""

    url: str
    status: int
    forms: list[Form]
    #: What a person would read, on one line.
    text: str

    def form(self, ending: str) -> Form:
        """Find a form by the end of its action; without an action it leads to the page itself.

        Raises:
            NoSuchForm: There is none.
        """
        for one in self.forms:
            if urlsplit(urljoin(self.url, one.action)).path.endswith(ending):
                return one
        raise NoSuchForm(f"{self.url} ({self.status}) has no form to {ending}: {self.text[:300]}")


class Browser:
    """One person's browser."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, url: str) -> Page:
        """Go to an address, and on to wherever it leads."""
        return self._go("GET", url)

    def submit(
        self, page: Page, form: Form, button: str | None = None, *, tick: bool = False
    ) -> Page:
        """Submit a form.

        Args:
            page: Where the form is.
            form: One of its forms.
            button: The value or text of the button to press; None for the only one.
            tick: Whether to tick all boxes first.

        Raises:
            NoSuchForm: The form has no such button.
        """
        pressed = form.button(button) if button else next(iter(form.buttons), None)
        if button and pressed is None:
            raise NoSuchForm(f"{page.url} has no button '{button}': {page.text[:300]}")
        pairs = form.fields + (form.boxes if tick else [])
        if pressed is not None and pressed.name:
            pairs = [*pairs, (pressed.name, pressed.value)]
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        url = urljoin(page.url, form.action)
        if form.method == "get":
            return self._go("GET", url, params=pairs)
        return self._go("POST", url, data=pairs, headers={"Origin": origin, "Referer": page.url})

    def _go(self, method: str, url: str, **sent: Any) -> Page:
        for _ in range(_MOST_REDIRECTS):
            response = self._session.request(
                method, url, **sent, allow_redirects=False, timeout=_SECONDS
            )
            for cookie in self._session.cookies:
                cookie.secure = False  # browsers send Secure cookies to localhost without TLS
            if not response.is_redirect:
                return _page(response)
            url = urljoin(url, response.headers["location"])
            if response.status_code not in _SAME_METHOD:
                method, sent = "GET", {}
        raise requests.TooManyRedirects(url)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


def read(html: str) -> tuple[list[Form], str]:
    """Return a page's forms, and its text on one line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.forms, " ".join(" ".join(reader.text).split())


def _page(response: requests.Response) -> Page:
    forms, text = read(response.text)
    return Page(response.url, response.status_code, forms, text)
