"""Pages, read back, and texts that would break a page in which they are not escaped."""

from html.parser import HTMLParser

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script> -->",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" \'',
    "{{ 7 * 7 }} {% raw %}",
    "&lt;b&gt; &amp; \\u003c",
    "line\u2028separator\u2029\r\n\ttab\0nul",
    "lone surrogate \ud83d",
    "Größe 𝄞 اللغة",
]


class Page(HTMLParser):
    """The elements, their attributes and the text of a page, which must be well nested."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else None, data))

    def text_of(self, tag):
        return "".join(text for inside, text in self.texts if inside == tag)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]
