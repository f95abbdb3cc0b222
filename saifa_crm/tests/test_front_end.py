"""House rules of styles, templates and scripts, read from the files: tokens only, nothing inline, nothing missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
STYLES = sorted((STATIC / "css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = (STATIC / "icons.svg").read_text(encoding="utf-8")
SYMBOLS = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.S)


@pytest.mark.parametrize("path", [path for path in STYLES if path.name != "tokens.css"], ids=lambda path: path.name)
def test_styles_use_tokens_only(path: Path) -> None:
    """No colour, length or shadow of its own; conditions of @media and @container cannot hold a token."""
    css = re.sub(r"@(media|container)[^{]*\{", "", without_comments(path.read_text(encoding="utf-8")))
    values = re.findall(r":([^:;{}]+)[;}]", css)
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|light-dark)\(|(?<![\w-])\d*\.?\d+(?:px|rem|pt)\b")
    assert [value.strip() for value in values if literal.search(value)] == []


def test_every_token_used_is_defined() -> None:
    css = {path.name: without_comments(path.read_text(encoding="utf-8")) for path in STYLES}
    defined = set(re.findall(r"(--[\w-]+)\s*:", "".join(css.values())))
    for name, text in css.items():
        assert set(re.findall(r"var\((--[\w-]+)\s*\)", text)) - defined == set(), name


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_files_named_in_styles_exist(path: Path) -> None:
    for url in re.findall(r'url\("?([^")]+)"?\)', path.read_text(encoding="utf-8")):
        assert (path.parent / url).is_file(), url


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_have_nothing_inline_and_nothing_missing(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|hx-on|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    for name in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", html):
        assert (STATIC / name).is_file(), name
    for name in re.findall(r"{%\s*icon\s+\"([\w-]+)\"", html):
        assert f"i-{name}" in SYMBOLS, name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_tag_has_an_attribute_twice(path: Path) -> None:
    """Browsers take the first and say nothing. What is written under a condition is left out."""
    html = re.sub(r"<[a-z][^>]*>", lambda tag: re.sub(r"{% if .*?{% endif %}", "", tag[0]), path.read_text("utf-8"))
    html = re.sub(r"{[{%#].*?[}%#]}", "", html, flags=re.S)
    for tag in re.findall(r"<[a-z][^>]*>", html):
        names = re.findall(r"\s([a-z][\w:-]*)(?=[=\s/>])", re.sub(r'"[^"]*"', '""', tag))
        assert len(names) == len(set(names)), tag


def test_scripts_are_small_and_explain_themselves() -> None:
    for path in sorted((STATIC / "js").glob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("// "), path.name
        assert not re.search(r"\beval\(|new Function|\.style\b", text), path.name
        assert len(text.splitlines()) < 150, path.name
