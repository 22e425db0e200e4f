"""A chapter keeps its measure: minutes of reading, and how much of its height is open code."""

import re

import pytest

from conftest import BOOK, ROOT

MINUTES = {  # at most
    "intro": 5,
    "01_the_question": 15,
    "02_gradient_of_a_mean": 15,
    "03_backprop_is_linear": 15,
    "04_one_lstm_step": 15,
    "05_every_length": 20,
}
REST, TOGETHER, SHARE = 25, 80, 0.25
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("[01ab]*_*.ipynb"))
CODE = """() => {
  const article = document.querySelector("article.bd-article")
  const open = [...article.querySelectorAll(".cell_input, div[class^=highlight-]")].filter(
    (block) => !block.parentElement.closest(".cell_input, .cell_output") && block.checkVisibility(),
  )
  const high = (block) => block.getBoundingClientRect().height
  return open.reduce((sum, block) => sum + high(block), 0) / high(article)
}"""


def minutes(name):
    """Return how long a page says that it takes."""
    text = (BOOK / f"chapters/{name}.html").read_text("utf-8")
    return int(re.search(r"About (\d+) minutes of reading", text)[1])


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_keeps_its_minutes(name):
    assert minutes(name) <= MINUTES.get(name, REST)


def test_the_first_five_keep_theirs_together():
    assert sum(map(minutes, CHAPTERS[:5])) <= TOGETHER


@pytest.mark.parametrize("name", CHAPTERS)
def test_at_most_a_quarter_is_open_code(page, base, name):
    page.goto(f"{base}/chapters/{name}.html")
    assert page.evaluate(CODE) <= SHARE


def test_more_code_is_noticed(page, address):
    page.goto(f"{address}/chapters/01_the_question.html")
    before = page.evaluate(CODE)
    block = f"<div class='highlight-python'><pre>{'x<br>' * 200}</pre></div></article>"
    page.evaluate("(html) => document.querySelector('article.bd-article').innerHTML += html", block)
    assert page.evaluate(CODE) > max(before, SHARE)
