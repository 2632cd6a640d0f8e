# ruff: noqa: RUF001  (this file is about letters that look alike)
"""Letters that look like Latin letters. A person, or a program, who writes with them is read as they look.

Only what decomposition (NFKD) does not already solve is listed here. Each row is a Latin letter and its look-alikes.
"""

from __future__ import annotations

from typing import Final

_ROWS: Final = """
a аАαΑɑꓮᎪᴀӑ
b вВьЬβΒʙꓐᏴᏏƄ
c сСϲᴄꓚᏟⅽ
d ԁᴅꓓᎠᏧđÐðδ
e еЕεΕᴇꓰᎬєЄҽəǝɛ
f ꜰꓝƒғҒϝ
g ɡɢꓖᏀցԌԍ
h нНһҺΗʜꓧᎻհћħ
i іІιΙɪꓲᎥɩıⅰІ
j јЈᴊꓙᎫ
k кКκΚᴋꓗᏦқҚ
l ʟꓡᏞłŁƚλ
| ӏӀǀ∣ǁ
m мМΜᴍꓟᎷμ
n пПΝɴꓠոηռ
o оОοΟᴏꓳօΟσøØѳ०০
p рРρΡᴘꓑᏢ
q ԛǫզ
r гГʀꓣᏒᎡяЯ
s ѕЅꜱꓢᏚՏς
t тТτΤᴛꓔᎢ
u υᴜꓴսՍʊцЦ
v νѵѴᴠꓦᏙʋ
w ԝԜωшШᴡꓪᎳᏔɯ
x хХχΧꓫ
y уУүҮΥʏꓬγʎ
z ᴢꓜᏃΖζ
' ’‘‛ʼʹ′`´＇ʻ
""".strip()

# Squared, circled and flag letters have no decomposition of their own in every Python, so they are listed by range.
_RANGES: Final = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)


def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for row in _ROWS.splitlines():
        latin, _, alike = row.partition(" ")
        table |= dict.fromkeys(alike, latin)
    for first in _RANGES:
        table |= {chr(first + step): chr(ord("a") + step) for step in range(26)}
    return table


LOOKALIKES: Final = _table()

# Fillers that have no picture and no category that would betray them.
INVISIBLE: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")

# Pictures that say the same, each row after the one that stands for all of them.
_PICTURES: Final = ("💀☠", "😂🤣😆😹", "😭😢😥😿", "🔪🗡⚔", "🪦⚰⚱")
EMOJI: Final = {other: row[0] for row in _PICTURES for other in row[1:]}
