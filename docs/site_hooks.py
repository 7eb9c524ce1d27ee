"""Lets MkDocs read the repository's pages as GitHub does: at their places, with its anchors, lists and tables."""

import logging
from html.parser import HTMLParser
from pathlib import Path

from markdown import Extension
from markdown_it import MarkdownIt
from mkdocs.structure.files import File
from pymdownx.slugs import slugify

FILES = ("*.md", "docs/*.md", "docs/*.jpg", "docs/*.css", "python/examples/*.py")
COMPARED = {"h1", "h2", "h3", "h4", "ol", "ul", "li", "pre", "table", "th", "td", "a", "img", "code", "em", "strong"}


class ShortIndents(Extension):
    """A list within a list needs two spaces; Python-Markdown wants four."""

    def extendMarkdown(self, md):
        md.tab_length = 2
        md.build_parser()


class Anchors:
    """The anchors of one page. The second heading 'Changed' has the anchor changed-1."""

    def __init__(self):
        self.taken = set()

    def __call__(self, heading, separator):
        first = anchor = slugify(case="lower")(heading, separator)
        number = 0
        while anchor in self.taken:
            number += 1
            anchor = f"{first}-{number}"
        self.taken.add(anchor)
        return anchor


class Outline(HTMLParser):
    """The elements and words of a page in their order."""

    def __init__(self, html):
        super().__init__()
        self.text = ""
        self.feed(html)
        self.parts = self.text.split()

    def handle_starttag(self, tag, attrs):
        self.text += f" <{tag}> " if tag in COMPARED else ""

    def handle_data(self, data):
        self.text += data


def on_config(config):
    config.markdown_extensions.insert(0, ShortIndents())


def on_files(files, config):
    for file in [file for file in files if file.src_dir == config.docs_dir]:
        files.remove(file)
    root = Path(config.docs_dir).parent
    for path in sorted(path for pattern in FILES for path in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        files.append(File(name, str(root), config.site_dir, config.use_directory_urls))


def on_page_markdown(markdown, config, **_):
    config.mdx_configs.setdefault("toc", {})["slugify"] = Anchors()


def on_page_content(html, page, **_):
    """Warns, which ends a strict build, where Python-Markdown reads a page otherwise than GitHub."""
    ours = Outline(html).parts
    theirs = Outline(MarkdownIt("gfm-like", {"linkify": False}).render(page.markdown)).parts
    if ours != theirs:
        equal = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
        logging.getLogger("mkdocs.hooks").warning(
            "Doc file '%s' reads as '%s' but on GitHub as '%s'",
            page.file.src_uri,
            " ".join(ours[max(0, equal - 5) : equal + 5]),
            " ".join(theirs[max(0, equal - 5) : equal + 5]),
        )
