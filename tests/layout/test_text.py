"""Captions: letters of many scripts, and what no font has."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

import numpy as np
import pytest

from portraitify.layout.text import letter

PAINTERS = (
    "Élisabeth Vigée Le Brun, Dürer, Łukasz, Čapek, Ørsted, garçon, Győr, Åse, Nguyễn Gia Trí, Þórarinn, Ċensu, Ğ, ẞ",
    "Δομήνικος Θεοτοκόπουλος, Καβάφης, Γύζης, Ὀρφεύς",
    "Левицкий, Рєпін, Ђура Јакшић, Қастеев, Ўзбек",
    "王羲之 趙孟頫 惲壽平 鄭燮 髡殘 倪瓚 八大山人 黃公望 吴镇 赵佶 张择端 龚贤 齐白石 徐悲鸿",
    "葛飾北斎 歌川広重 喜多川歌麿 東洲斎写楽 俵屋宗達 髙橋由一 田﨑廣助 レオナルド・ダ・ヴィンチ なかはら",
    "김홍도 신윤복 정선 장승업 이중섭 천경자",
    "“Ville-d’Avray” – 1865 — … « » „ “ ½ © № 「富嶽三十六景」、『紅白梅図』。",
)
NOBODY = "\U0010ffff"


def ink(text: str, size_px: int = 40) -> np.ndarray:
    return letter(text, size_px, 4000)


@pytest.mark.parametrize("names", PAINTERS)
def test_every_letter_has_a_shape_of_its_own(names):
    box, mark = ink(NOBODY), ink("?")
    for character in set(names) - {" ", "?"}:
        shape = ink(character)
        assert shape.max() > 0.5, character
        assert not np.array_equal(shape, box), character
        assert not np.array_equal(shape, mark), character


def test_no_two_letters_look_the_same():
    letters = sorted(set("ЛевицкийΘδ王羲之葛飾北斎김홍도ŁódźNguyễn"))
    assert len({ink(character).tobytes() for character in letters}) == len(letters)


@pytest.mark.parametrize("text", ["Élisabeth", "Nguyễn", "Żółć", "Καβάφης", "Левицкий", "ガ", "김홍도"])
def test_accents_may_be_characters_of_their_own(text):
    # As in names of files on a Mac.
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    assert np.array_equal(ink(apart), ink(text))


@pytest.mark.parametrize(("plain", "accented"), [("Elisabeth", "Élisabeth"), ("Durer", "Dürer"), ("Capek", "Čapek")])
def test_accents_only_add_ink(plain, accented):
    with_marks, without = ink(accented), ink(plain)
    assert with_marks.shape == without.shape
    assert 1 < (with_marks - without).clip(0).sum() < 0.2 * without.sum()
    assert (without - with_marks).max() < 0.3


def test_scripts_share_a_line_and_a_size():
    tops, bottoms = [], []
    for character in "HНΗ王김":
        rows = np.flatnonzero(ink(character, 100).max(1) > 0.5)
        tops.append(rows[0])
        bottoms.append(rows[-1])
    # Capitals stand on the line; the squares of the others reach a little beyond them on both sides.
    assert max(bottoms[:3]) - min(bottoms[:3]) <= 1
    assert max(tops[:3]) - min(tops[:3]) <= 1
    assert all(0 < bottom - bottoms[0] < 15 for bottom in bottoms[3:])
    assert all(0 < tops[0] - top < 20 for top in tops[3:])
    # One after the other, none over another.
    parts = [ink(part, 100).shape[1] for part in ("Ab", "王羲", "김", "Лев")]
    assert abs(ink("Ab王羲김Лев", 100).shape[1] - sum(parts)) <= len(parts)


@pytest.mark.parametrize("text", [NOBODY, "مرحبا", "שלום", "नमस्ते", "🎨", "\ud800"])
def test_what_no_font_has_is_a_visible_box(text):
    assert ink(text).sum() > 20
    between = ink(f"a{text}b")
    assert between.shape[1] > ink("ab").shape[1]


@pytest.mark.parametrize("text", ["\n", "a\nb", "a\tb", "a\0b", "a\u2028b", "a\u00a0b"])
def test_what_breaks_a_line_is_a_blank(text):
    assert np.array_equal(ink(text), ink(text.replace(text.strip("ab"), " ")))


@pytest.mark.parametrize("unseen", ["\u200b", "\u200d", "\u00ad", "\ufeff", "\u202e", "\ufe0f", "\U000e0100"])
def test_what_is_unseen_takes_no_room(unseen):
    assert np.array_equal(ink(f"葛{unseen}飾"), ink("葛飾"))


@pytest.mark.parametrize("width", [1, 30, 200, 2000])
@pytest.mark.parametrize("text", ["", "a", "after somebody with a very long name " * 4, "葛飾北斎" * 30])
def test_lines_fit_their_width(text, width):
    line = letter(text, 24, width)
    assert line.shape[0] == 36
    assert line.shape[1] <= width
    assert line.min() >= 0
    assert line.max() <= 1


def test_a_line_that_is_too_long_ends_in_dots():
    line = letter("somebody with a very long name " * 4, 24, 200)
    assert line.shape[1] > 180
    # Three dots on the line, a little apart.
    dots = line[20:28, -14:].max(0) > 0.4
    assert np.count_nonzero(np.diff(dots.astype(int)) == 1) in (2, 3)


def test_the_fonts_lie_in_the_package_with_their_licence():
    folder = files("portraitify.layout") / "fonts"
    licence = (folder / "OFL.txt").read_text("utf-8")
    fonts = [file for file in folder.iterdir() if file.name.endswith((".ttf", ".otf"))]
    assert len(fonts) == 2
    assert sum(len(file.read_bytes()) for file in fonts) < 3.2e6
    for file in fonts:
        data = file.read_bytes()
        # Name table: records in UTF-16.
        assert "SIL Open Font License, Version 1.1".encode("utf-16-be") in data
        assert file.name in licence
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert licence.count("Copyright ") >= 2
