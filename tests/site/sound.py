"""A small page that keeps every rule, for faults to be planted in its text."""

import itertools
import shutil
from contextlib import contextmanager

from browser import served
from visits import new_windows, visit

FORMULA = """<span class="math"><mjx-container><mjx-math aria-hidden="true">x</mjx-math>
<mjx-assistive-mml><math><mi>x</mi></math></mjx-assistive-mml></mjx-container></span>"""
SOUND = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A sound page</title>
<meta name="description" content="A page on which every rule of the book is kept, as it should.">
<link rel="icon" href="data:,"><style>body {{ color: #222; background: #fff; }}
.icon::before {{ content: "\\f002"; font: 900 1em "Font Awesome 6 Free"; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #ddd; background: #111; }} }}
a {{ color: inherit; }} mjx-assistive-mml {{ position: absolute; clip-path: inset(50%); }}
</style><script src="less.js"></script></head>
<body><nav aria-label="Chapters"><a href="other.html#place">Another page</a></nav>
<main><article><h1>A sound page</h1><p>A formula is {FORMULA} here.</p><h2>A part</h2>
<p>Text <i class="icon"></i></p><img src="picture.png" alt="A square with one plain light ground"
width="9" height="9">
<details><summary>More</summary><p>What was folded.</p></details>
<div class="highlight"><pre tabindex="0">code()</pre><button class="copybtn">Copy</button></div>
</article>
<div class="prev-next-area"><a href="other.html"><p class="prev-next-title">Other</p></a></div>
</main></body></html>"""
FILES = {  # beside the page: name -> bytes
    "less.js": 10,
    "more.js": 921_000,
    "more.css": 506_000,
    "more.png": 251_000,
    "vega.js": 1_000,
    "book_previews_data.js": 101_000,
    "searchindex.js": 10,
}


@contextmanager
def small_book(root, book, browser):
    """Write beside the page what it needs; yield a function that visits a page with a text."""
    shutil.copy(book / "_static/arrivals.png", root / "picture.png")
    shutil.copytree(book / "_static/vendor/fontawesome", root / "_static/vendor/fontawesome")
    (root / "other.html").write_text("<p id='place'>Here</p>", "utf-8")
    for name, size in FILES.items():
        (root / name).write_text(f"/*{' ' * size}*/", "utf-8")
    windows, numbers = new_windows(browser), itertools.count()
    with served(root) as address:

        def look(text):
            name = f"page-{next(numbers)}.html"  # a new one, for the browser keeps the old
            (root / name).write_text(text, "utf-8")
            return visit(windows, root, address, name)

        yield look
    windows[0].context.close()
