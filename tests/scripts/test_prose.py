"""Each rule of the texts' form finds a planted fault in a made-up book, and none in a sound one."""

import json

import pytest

from lstm_src.frameworks.published import PUBLISHED
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.placements.right import PLACEMENTS
from scripts import prose

CODE = """ENTRY = Mistake(
    name="a",
    title="= and +=",
    story="One sentence: with a colon. Another one.",
    symptom="It shows.",
)
OTHER = Published(title="Someone's test", values=[0.5])
"""
TEXT = "# A title\n\n## 2. A section\n\nIt took about two minutes."
ALT = "Two bars of equal height."
IMAGE = f"<img alt='{ALT}'><img>"


def write(root, *, code=CODE, text=TEXT, page=TEXT, alt=ALT, html=IMAGE):
    """Write a book of one module, one notebook and one page."""
    for folder in ("lstm_src/mistakes", "chapters"):
        (root / folder).mkdir(parents=True)
    (root / "lstm_src/mistakes/a.py").write_text(code, encoding="utf-8")
    metadata = {"mystnb": {"image": {"alt": alt}}}
    outputs = [{"output_type": "display_data", "data": {"text/html": [html]}}]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [text]},
        {"cell_type": "code", "metadata": metadata, "source": ["# 1. A title"], "outputs": outputs},
    ]
    (root / "chapters/01_a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (root / "chapters/b.md").write_text(page, encoding="utf-8")
    return root


def test_sound_texts_have_no_faults(tmp_path, capsys):
    assert prose.main(write(tmp_path)) == 0
    assert capsys.readouterr().out == ""


MODULE, MARKDOWN, FIGURE, PAGE = (
    "lstm_src/mistakes/a.py:1: ",
    "chapters/01_a.ipynb, cell 0: ",
    "chapters/01_a.ipynb, cell 1: ",
    "chapters/b.md: ",
)
FAULTS = [
    (prose.titles_are_no_sentences, {"code": ("+=", "+=.")}, MODULE),
    (prose.titles_are_no_sentences, {"code": ("= and", "and")}, MODULE),
    (prose.titles_are_no_sentences, {"code": ("Someone", "someone")}, "lstm_src/mistakes/a.py:7: "),
    (prose.stories_are_short, {"code": ("Another one.", "Another one")}, MODULE),
    (prose.stories_are_short, {"code": ("Another one.", "Two. Three. Four.")}, MODULE),
    (prose.stories_are_short, {"code": ("One sentence: with a colon. Another one.", "")}, MODULE),
    (prose.symptoms_are_sentences, {"code": ("shows.", "shows")}, MODULE),
    (prose.no_number_is_typed, {"text": ("# A", "# 1. A")}, MARKDOWN),
    (prose.no_number_is_typed, {"page": ("# A", "# 1. A")}, PAGE),
    (prose.no_minutes_are_typed, {"text": ("about two", "About 20")}, MARKDOWN),
    (prose.no_minutes_are_typed, {"page": ("about two", "about 20")}, PAGE),
    (prose.alternative_texts_say_what_is_seen, {"alt": (ALT, "A plot")}, FIGURE),
    (prose.alternative_texts_say_what_is_seen, {"alt": (ALT, "a.png of the cell above")}, FIGURE),
    (prose.alternative_texts_say_what_is_seen, {"html": (ALT, "A plot")}, FIGURE),
]
SOUND = {"code": CODE, "text": TEXT, "page": TEXT, "alt": ALT, "html": IMAGE}


@pytest.mark.parametrize(("rule", "change", "place"), FAULTS)
def test_a_rule_finds_its_planted_fault_alone(rule, change, place, tmp_path, capsys):
    ((part, (old, new)),) = change.items()
    assert old in SOUND[part]
    assert prose.main(write(tmp_path, **{part: SOUND[part].replace(old, new, 1)})) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(place)
    assert line.endswith(f"({rule.__name__})")


def test_every_rule_is_shown_to_fail():
    assert set(prose.RULES) == {rule for rule, _, _ in FAULTS}


def test_the_rules_read_every_text_of_the_book():
    read = {found["title"]: found for _, found in prose.texts(prose.ROOT)}
    for entry in (*MISTAKES.values(), *PLACEMENTS.values()):
        assert read[entry.title]["story"] == entry.story
        assert read[entry.title].get("symptom", "") == getattr(entry, "symptom", "")
    assert {entry.title for entry in PUBLISHED.values()} <= set(read)
    places = {place.split(",")[0] for place, _ in prose.pages(prose.ROOT)}
    assert places == {f"chapters/{p.name}" for p in (prose.ROOT / "chapters").glob("*.[im][pd]*")}
