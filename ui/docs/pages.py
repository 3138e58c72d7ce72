#!/usr/bin/env python3
"""Makes pages of the Markdown in docs/: pages.py DOCS FOLDER writes them into a folder, to look at."""
import html
import pathlib
import re
import sys

import markdown
from markdown.extensions.toc import TocExtension

HERE = pathlib.Path(__file__).resolve().parent
NAV_ENTRY = re.compile(r"^- \[([^\]]+)\]\(([\w-]+)\.md\)", re.M)
# The words behind the language of a block are for tests: "sh runnable".
FENCE = re.compile(r"^(```\w+) [\w ]+$", re.M)
LINK = re.compile(r'(<a href=")([^"#]*)(#[^"]*)?(">)(.*?)</a>', re.S)
IMAGE = re.compile(r'(<img [^>]*src=")([^":]+)"')
COPIED = (".md", ".png", ".svg", ".json")


def slug(title, separator):
    """As GitHub does it, so that a link to a heading works in both places."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", separator)


def title_of(text):
    return re.search(r"^# (.+)$", text, re.M)[1]


def read_pages(docs):
    return {file.stem: file.read_text() for file in sorted(docs.glob("*.md"))}


def sections(texts):
    """The map in index.md is the navigation; what it does not name comes last."""
    found, named = [], {"index"}
    for part in re.split(r"^## ", texts["index"], flags=re.M)[1:]:
        entries = [(title, name) for title, name in NAV_ENTRY.findall(part) if name in texts]
        if entries:
            found.append((part.split("\n")[0], entries))
            named.update(name for _, name in entries)
    others = [(title_of(texts[name]), name) for name in texts if name not in named]
    return found + ([("More", others)] if others else [])


def headings(tokens):
    """Of the second level, for the navigation."""
    for token in tokens:
        yield from token["children"] if token["level"] == 1 else [token]


def navigation(parts, current, tokens):
    lines = [f'<a class="home" href="/docs/"{here(current, "index")}>Documentation</a>']
    for name, entries in parts:
        lines.append(f"<h2>{html.escape(name)}</h2>\n<ul>")
        for title, page in entries:
            lines.append(f'<li><a href="/docs/{page}"{here(current, page)}>{html.escape(title)}</a>')
            if page == current:
                inner = "".join(f'<li><a href="#{token["id"]}">{token["name"]}</a></li>' for token in headings(tokens))
                lines.append(f"<ul>{inner}</ul>" if inner else "")
            lines.append("</li>")
        lines.append("</ul>")
    return "\n".join(lines)


def here(current, page):
    return ' aria-current="page"' if current == page else ""


def target(docs, texts, href):
    """Where a link of the Markdown leads here; None: to a file that is not served."""
    if not href or re.match(r"[a-z]+:|/", href):
        return href
    path = pathlib.PurePosixPath(href)
    if len(path.parts) == 1 and path.suffix == ".md" and path.stem in texts:
        return "/docs/" if path.stem == "index" else f"/docs/{path.stem}"
    if ".." not in path.parts and (docs / path).is_file() and path.suffix in COPIED:
        return f"/docs/{path}"
    return None


def rewrite_links(docs, texts, body):
    def link(match):
        start, href, anchor, end, words = match.groups()
        to = target(docs, texts, href)
        return words if to is None else f"{start}{to}{anchor or ''}{end}{words}</a>"

    return IMAGE.sub(r'\1/docs/\2"', LINK.sub(link, body))


def wrap_tables(body):
    """A wide one scrolls by itself and leaves the page as narrow as a phone; one of two columns is told apart."""
    def wrap(match):
        kind = "table two" if match[0].count("<th>") == 2 else "table"
        return f'<div class="{kind}" tabindex="0">{match[0]}</div>'

    return re.sub(r"<table>.*?</table>", wrap, body, flags=re.S)


def render_page(docs, texts, name, parts, template):
    toc = TocExtension(slugify=slug, permalink="#", permalink_title="Link to this part")
    maker = markdown.Markdown(extensions=["tables", "fenced_code", "sane_lists", toc], output_format="html")
    body = maker.convert(FENCE.sub(r"\1", texts[name]))
    body = wrap_tables(rewrite_links(docs, texts, body))
    values = {"title": html.escape(title_of(texts[name])), "body": body,
              "navigation": navigation(parts, name, maker.toc_tokens), "source": f"{name}.md"}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template).encode()


def render(docs):
    """Everything that is served, by name."""
    texts = read_pages(docs)
    parts = sections(texts)
    template = (HERE / "page.html").read_text()
    files = {f"{name}.html": render_page(docs, texts, name, parts, template) for name in texts}
    files["style.css"] = (HERE / "style.css").read_bytes()
    for file in sorted(docs.rglob("*")):
        if file.is_file() and file.suffix in COPIED:
            files[file.relative_to(docs).as_posix()] = file.read_bytes()
    return files


def write(docs, folder):
    for name, data in render(pathlib.Path(docs)).items():
        file = pathlib.Path(folder) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


if __name__ == "__main__":
    write(*sys.argv[1:])
