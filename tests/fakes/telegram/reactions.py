"""The reactions that a bot may leave. Documentation, "ReactionTypeEmoji": no others, and ✅ is not among them."""

from __future__ import annotations

JOINED = "\u200d"
_LISTED = f"""
❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤{JOINED}🔥 🌚 🌭 💯 🤣 ⚡
🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨{JOINED}💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪
🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷{JOINED}♂ 🤷 🤷{JOINED}♀ 😡
"""
EMOJI = frozenset(_LISTED.split())


def plain(emoji: str) -> str:
    """Without the mark that asks for a coloured picture: clients send it or not."""
    return emoji.replace("\ufe0f", "")
