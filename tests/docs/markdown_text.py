"""The Markdown of docs/ as tests read it: pages, headings, links, blocks."""
import pathlib
import re
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


class Block(typing.NamedTuple):
    language: str
    words: list
    text: str
    line: int


def pages():
    """What a person may read: docs/ and what stands in the root."""
    return sorted(DOCS.glob("*.md")) + sorted(ROOT.glob("*.md"))


def blocks(text):
    for match in FENCE.finditer(text):
        language, *words = match["info"].split() or [""]
        yield Block(language, words, match["text"], text.count("\n", 0, match.start()) + 2)


def without_blocks(text):
    return FENCE.sub("", text)


def links(text):
    return LINK.findall(re.sub(r"`[^`\n]*`", "", without_blocks(text)))


def slug(title):
    """As GitHub makes anchors of headings."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def anchors(text):
    titles = re.findall(r"^#+ (.+)$", without_blocks(text), re.M)
    return {slug(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)) for title in titles}
