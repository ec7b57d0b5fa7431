"""A plain HTTP client: cookies, and forms filled as a page offers them; no script, no browser."""

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar


@dataclass
class Form:
    """One form of a page: where it goes, and what it holds already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = True
            self.found.append(Form(given.get("action", "")))
        elif tag == "input" and self.open and given.get("type") == "hidden":
            self.found[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != "form"


class Visitor:
    """Somebody at a web browser of whom the server sees nothing but requests."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> str:
        """A page's text, redirects followed."""
        with self.opener.open(self.url + path, timeout=60) as answer:
            return str(answer.read().decode())

    def status(self, path: str) -> int:
        """The status of a page."""
        try:
            with self.opener.open(self.url + path, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    def forms(self, path: str) -> list[Form]:
        """The forms on a page."""
        parser = _Forms()
        parser.feed(self.get(path))
        return parser.found

    def send(self, path: str, ending: str, **typed: str) -> str:
        """Fill the form of a page whose action ends so, send it; the page that follows."""
        found = [form for form in self.forms(path) if form.action.endswith(ending)]
        assert found, f"{path} has no form {ending}"
        action = urllib.parse.urljoin(self.url + path, found[0].action)
        body = urllib.parse.urlencode(found[0].fields | typed).encode()
        with self.opener.open(action, body, timeout=60) as answer:
            return str(answer.read().decode())
