"""How long a text is, and what its marks mean."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request

#: Documentation, "sendMessage" and "sendDocument": characters after entities parsing, counted as entities are
#: ("MessageEntity": UTF-16 code units).
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "tg-spoiler": "spoiler", "a": "text_link",
}  # fmt: skip


def units(text: str) -> int:
    """The length as Telegram counts it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def marked(given: Parameters, text: str, entities: str) -> dict[str, Any]:
    """The text and its entities, from `parse_mode` or from the list that came along."""
    mode = given.string("parse_mode").lower()
    if mode == "html":
        reader = _Html()
        reader.feed(text)
        return reader.result()
    if mode in {"markdown", "markdownv2"}:
        raise bad_request("this stand-in does not read Markdown; send entities or HTML")
    if mode:
        raise bad_request("unsupported parse_mode")
    listed = given.json(entities, "entities")
    return {"text": text} | ({"entities": listed} if listed else {})


def message_text(given: Parameters, *, too_long: str = "message is too long") -> dict[str, Any]:
    """Client.cpp `get_input_message_text`; tdlib/td `get_formatted_text`."""
    content = marked(given, given.string("text"), "entities")
    if not content["text"].strip():
        raise bad_request("message text is empty")
    if units(content["text"]) > LONGEST_TEXT:
        raise bad_request(too_long)
    return _with_commands(content)


def caption(given: Parameters) -> dict[str, Any]:
    """Client.cpp `get_caption`."""
    content = marked(given, given.string("caption"), "caption_entities")
    if units(content["text"]) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    if not content["text"]:
        return {}
    entities = {"caption_entities": content["entities"]} if "entities" in content else {}
    return {"caption": content["text"]} | entities


def spoken(text: str) -> dict[str, Any]:
    """What a person types: commands in it are marked, as every client does."""
    return _with_commands({"text": text})


def _with_commands(content: dict[str, Any]) -> dict[str, Any]:
    text = content["text"]
    found = [
        {"type": "bot_command", "offset": units(text[: match.start()]), "length": units(match.group())}
        for match in re.finditer(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(@\w+)?", text)
    ]
    if not found:
        return content
    return content | {"entities": [*content.get("entities", []), *found]}


class _Html(HTMLParser):
    """Documentation, "HTML style": a few tags, all closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[tuple[str, int, dict[str, Any]]] = []
        self.entities: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        more = {"url": dict(attrs).get("href")} if tag == "a" else {}
        self.open.append((tag, units(self.text), more))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {self.getpos()[1]}")
        _, start, more = self.open.pop()
        length = units(self.text) - start
        if length:
            self.entities.append({"type": TAGS[tag], "offset": start, "length": length} | more)

    def handle_data(self, data: str) -> None:
        self.text += data

    def result(self) -> dict[str, Any]:
        self.close()
        if self.open:
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{self.open[-1][0]}\""
            )
        return {"text": self.text} | ({"entities": self.entities} if self.entities else {})
