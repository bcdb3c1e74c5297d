"""Patterns mean in Python what they mean in Java."""

import re
import sys
import unicodedata

import pytest

from shared.aws.model import SEPARATORS, VISIBLE
from tools import java_patterns
from tools.api import SERVICES, load
from tools.java_patterns import python_pattern

EVERY_CHARACTER = [chr(point) for point in range(sys.maxunicode + 1)]


HOSTILE = [unit * 50_000 + "_ \x00\n" for unit in ("aaaa", "a@a@", "/a/a", "{##x", "##}-", "a.a.", "==a:")]


def published_patterns() -> list[str]:
    shapes = [shape for service in SERVICES for shape in load(service).shapes.values()]
    return sorted({shape["pattern"] for shape in shapes if "pattern" in shape} - {"(?s).*"})


def compiled(java: str) -> re.Pattern[str]:
    python = python_pattern(java)
    assert python is not None
    return re.compile(python.replace(java_patterns.VISIBLE, VISIBLE).replace(java_patterns.SEPARATORS, SEPARATORS))


def test_visible_is_letters_marks_symbols_numbers_and_punctuation() -> None:
    visible = re.compile(f"[{VISIBLE}]")
    for character in EVERY_CHARACTER:
        category = unicodedata.category(character)
        if category != "Cn":  # which characters are assigned depends on the age of the tables
            assert (visible.match(character) is not None) == (category[0] in "LMSNP"), hex(ord(character))


def test_separators_are_what_unicode_calls_so() -> None:
    assert re.findall(f"[{SEPARATORS}]", "".join(EVERY_CHARACTER)) == [
        character for character in EVERY_CHARACTER if unicodedata.category(character)[0] == "Z"
    ]


def test_letters_and_numbers_are_python_s_word_characters() -> None:
    tag = compiled(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
    for character in EVERY_CHARACTER:
        category = unicodedata.category(character)
        if category != "Cn":
            allowed = category[0] in "LZN" or character in "_.:/=+-@"
            assert (tag.search(character) is not None) == allowed, hex(ord(character))


@pytest.mark.parametrize(
    ("java", "matching", "refused"),
    [
        (r"[\w+]+", ["aZ9_+"], ["", "é", "a b", "a\n"]),
        (r"\d+", ["0123"], ["٣", "1a"]),
        (r"[\S]+", ["é😀"], ["", " ", "a\tb", "a\n"]),
        (r"^[\S]+.*[\S]+$", ["é😀", "a\tb", "three little words"], ["", "a", " ab", "ab ", "ab\n", "a\nb"]),
        (r"[\w\s+=.@-]+", ["a b\n"], ["a\xa0b"]),
        (r"(un)?authenticated", ["authenticated", "unauthenticated"], ["xauthenticated", "authenticatedx"]),
        (r"^[\w\- ]+$", ["a b-c"], ["a\n", "^a"]),
        (r"^(tkn|sso)[a-z0-9]{3}$", ["tknabc", "ssoabc"], ["tkn", "xssoabc"]),
        (r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", ["/", "/a/b/"], ["", "/a", "a/", "/ /"]),
        (r".*\{####\}.*", ["{####}", "a {####} b {####}"], ["{###}", "a\n{####}", "{####}\r", "{####}\u2028"]),
        (
            r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*",
            ["{####}", "é\n{####}!"],
            ["", "{####", "\x00{####}", "{####}\x00"],
        ),
        (
            r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{##[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*##\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*",
            ["{####}", "a {## b ##} c", "##} {## {## ##}"],
            ["", "##} {##", "{##}", "{## ##}\x00", "\x00{## ##}"],
        ),
        (
            r"[^_\p{Z}][\p{L}\p{M}\p{S}\p{N}\p{P}][^_\p{Z}]+",
            ["abc", "a_c"],
            ["_bc", "ab", "ab_", "ab ", " bc", "a\u2003c"],
        ),
        (
            r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+@[\p{L}\p{M}\p{S}\p{N}\p{P}]+",
            ["a@b", "@@b", "é@@", "a@b@c"],
            ["", "@", "@b", "a@", "@@", "ab", "a @b", "a@b "],
        ),
        (r"[\u0009\u0020-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+", ["a😀"], ["", "\x00"]),
        (r"^[0-9A-Za-z\.\-_]*(?<!\.)$", ["", "a.b"], ["a."]),
    ],
)
def test_a_pattern_matches_whole_texts_as_java_does(java: str, matching: list[str], refused: list[str]) -> None:
    pattern = compiled(java)
    assert [text for text in matching if not pattern.search(text)] == []
    assert [text for text in refused if pattern.search(text)] == []


@pytest.mark.parametrize("java", published_patterns())
def test_a_published_pattern_refuses_long_hostile_text_without_backtracking(java: str) -> None:
    # Quadratic time would take minutes here, and the suite's time limit.
    pattern = compiled(java)
    assert [text[:8] for text in HOSTILE if pattern.search(text)] == []


def test_what_matches_everything_is_no_pattern() -> None:
    assert python_pattern("(?s).*") is None


def test_a_class_that_cannot_be_translated_stops_the_compiler() -> None:
    with pytest.raises(ValueError, match="no Python class"):
        python_pattern(r"[\p{L}]+")
