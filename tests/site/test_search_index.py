"""What the search knows of a page: its prose alone, part by part, formulas as plain letters."""

import pytest
from book_plain import plain
from book_search import parts
from bs4 import BeautifulSoup


def found(html):
    return parts(BeautifulSoup(f"<article>{html}</article>", "html.parser").article)


@pytest.mark.parametrize(
    ("tex", "letters"),
    [
        (r"\(1/N\)", "1/N"),
        (r"\(\bar h_{t-1}\)", "h̄ₜ₋₁"),
        (r"\(\frac{1}{N} \sum_{t,b} \ell_{tb}\)", "1/N Σ_(t,b) ℓ_tb"),
        (r"\(\partial L / \partial W_h^{\mathsf T}\)", "∂ L / ∂ Wₕᵀ"),
        (r"\(\tfrac{a + b}{2}\)", "(a + b)/2"),
        (r"\(10^{-8} \cdot \alpha\)", "10⁻⁸ · α"),
        (r"\(\binom{T}{2}\)", "…"),
    ],
)
def test_a_formula_becomes_plain_letters(tex, letters):
    assert plain(tex) == letters


@pytest.mark.parametrize(
    "junk",
    [
        "<pre>import numpy</pre>",
        "<div class='cell_input'>np.mean</div>",
        "<details class='hide'><summary>Show the code</summary></details>",
        "<nav>Contents</nav>",
        "<script>let x = 1;</script>",
        "<a class='headerlink'>#</a>",
        "<p class='reading-time'>About 5 minutes</p>",
        "<div class='math'>\\[ \\sum_t x \\]</div>",
        "<button>Copy</button>",
    ],
)
def test_only_prose_is_kept(junk):
    html = f"<h1>A title</h1>{junk}<p>One word.</p><p>And <i>two</i>.</p>"
    assert found(html) == [("", "A title", "One word.\nAnd two.")]


def test_a_part_begins_at_a_heading_a_term_and_a_name():
    assert found(
        "<h1>Page</h1><p>Opening.</p><section id='s'><h2>Part</h2><p>Text.</p></section>"
        "<dl class='glossary'><dt id='term-a'>a term</dt><dd><p>Its sense.</p></dd></dl>"
        "<dl class='py'><dt class='sig' id='m.Report.show'>show()</dt><dd>It shows.</dd></dl>"
    ) == [
        ("", "Page", "Opening."),
        ("s", "Part", "Text."),
        ("term-a", "a term", "Its sense."),
        ("m.Report.show", "Report.show", "It shows."),
    ]


def test_a_cell_of_a_table_knows_its_row_and_its_column():
    html = (
        "<h1>Page</h1><table><thead><tr><th>library</th><th>divides by</th></tr></thead><tbody>"
        "<tr><td><strong>DDP</strong>, run</td><td><p>The workers.</p></td></tr></tbody></table>"
    )
    assert found(html) == [("", "Page", "DDP, run\nDDP\vdivides by\tThe workers.")]
