"""How the fonts beside this file were made; needs fontTools, which nothing else here does.

``python -m portraitify.layout.fonts.subset NotoSans-Regular.ttf NotoSansCJK-Regular.ttc`` writes them
anew: Noto Sans 2.004 for Latin, Greek and Cyrillic with all accents, and Noto Sans CJK JP 2.004 for kana,
Hangul, and the characters of the national standards of China, Taiwan, Japan and Korea. The same fonts
give the same files.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

LATIN, CJK = "NotoSans-Subset.ttf", "NotoSansCJKjp-Subset.otf"
# Codecs of Python, with first and last of the leading bytes: GB 2312; Big5, level 1; JIS X 0208; the
# characters that Japanese names have beyond it; KS X 1001.
_STANDARDS = (
    ("gb2312", 0xB0, 0xF7),
    ("big5", 0xA4, 0xC6),
    ("euc_jp", 0xB0, 0xF4),
    ("cp932", 0xFA, 0xFC),
    ("euc_kr", 0xB0, 0xFD),
)
# Punctuation and kana, Bopomofo, letters of Hangul, more kana, and forms of full and half width.
_BLOCKS = ((0x3000, 0x30FF), (0x3100, 0x312F), (0x3130, 0x318F), (0x31F0, 0x31FF), (0xFF00, 0xFFEF))
# Of names of painters: Yun Shouping.
_FURTHER = "惲"
_UNUSED_TABLES = ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]


def cjk_characters() -> set[str]:
    """Those of the second font."""
    found = {chr(code) for first, last in _BLOCKS for code in range(first, last + 1)} | set(_FURTHER)
    for codec, first, last in _STANDARDS:
        for lead in range(first, last + 1):
            for trail in range(0x40, 0xFF):
                found |= set(bytes([lead, trail]).decode(codec, "ignore"))
    return {character for character in found if ord(character) >= 0x2E80}


def make(source: Path, target: Path, characters: Iterable[str] | None) -> None:
    """Write a font with some of the characters of another, or all; without hints and without layout tables.

    Args:
        source: a font, or a collection of which the first font counts.
        target: to write.
        characters: all that there are by default.
    """
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(source, fontNumber=0, recalcTimestamp=False)
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"])
    options.drop_tables += _UNUSED_TABLES
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap() if characters is None else sorted(map(ord, characters)))
    subsetter.subset(font)
    font.save(target)


if __name__ == "__main__":
    latin, cjk = map(Path, sys.argv[1:])
    folder = Path(__file__).parent
    make(latin, folder / LATIN, None)
    make(cjk, folder / CJK, cjk_characters())
