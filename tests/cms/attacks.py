"""What has got through cleaners before: plain, broken, nested, encoded, and in strange namespaces."""

import re
from html.parser import HTMLParser

ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=x oNeRrOr=alert(1)//",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    '<p style="background:url(javascript:alert(1))" onclick="alert(1)">x</p>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=//evil.example><button formaction=javascript:alert(1)>x</button></form>",
    '<embed type="image" src="javascript:alert(1)">',
    '"><script>alert(1)</script>',
    "{{ 7|add:7 }}{% debug %}",
    "<b><b><b><a href=//evil.example onmouseover=alert(1)><i>x",
]

_ALLOWED = {"p", "b", "strong", "i", "em", "a", "ul", "ol", "li", "br"}


class _Dangers(HTMLParser):
    """The tags and attributes in a text that a cleaned one cannot hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in _ALLOWED:
            self.found.append(tag)
        for name, value in attrs:
            is_web = name == "href" and re.match(r"(https?:)?//|mailto:", value or "")
            if not is_web and (name, value) != ("rel", "ugc nofollow noopener"):
                self.found.append(f"{tag} {name}={value}")


def dangers_in(html: str) -> list[str]:
    """The tags and attributes in a text that a cleaned one cannot hold."""
    reader = _Dangers()
    reader.feed(html)
    reader.close()
    return reader.found
