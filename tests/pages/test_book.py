"""What a build does not notice: pictures nobody can hear, unknown sources, calls to other sites."""

import importlib.util
import os
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pybtex.database
import pytest
import yaml
from book_checks import (
    citation_faults,
    opening_faults,
    origin_faults,
    outline_faults,
    picture_faults,
    text_of,
    toc_faults,
)
from docutils import nodes
from PIL import Image

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = [*NOTEBOOKS, *sorted((ROOT / "chapters").glob("*.md"))]
KINDS = {".yml", ".css", ".js", ".svg", ".html", ".py"}
FOLDERS = ("_static", "_templates", "_ext")
SHELL = [ROOT / "_config.yml", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
SHELL = sorted(path for path in SHELL if path.suffix in KINDS)


def extension(name):
    """Load one of the book's Sphinx extensions."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_chapter(path):
    """Say whether a notebook is read as a chapter: it has a number, or something to predict."""
    return path.stem[0].isdigit() or ":class: predict" in text_of(path)


def write(path, source, **cell):
    """Write a notebook of one Markdown cell and, if told so, one code cell with its output."""
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell(source)]
    if cell:
        outputs = [v4.new_output("display_data", output) for output in cell["outputs"]]
        cells.append(v4.new_code_cell(metadata=cell.get("metadata", {}), outputs=outputs))
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_can_be_heard(path):
    assert picture_faults(path) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_source_is_in_the_bibliography(path):
    assert citation_faults(path, ROOT / "chapters" / "references.bib") == []


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if is_chapter(path)])
def test_every_chapter_has_the_standing_blocks(path):
    assert outline_faults(path) == []


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem[0].isdigit()])
def test_a_picture_opens_every_chapter(path):
    assert opening_faults(path) == []


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_the_shell_refers_to_no_other_site(path):
    assert origin_faults(path) == []


def test_the_table_of_contents_names_every_page():
    assert toc_faults(ROOT / "_toc.yml", PAGES) == []


PNG = {"image/png": "AAAA"}
SOUND = {"image": {"alt": "Two bars of equal height, one striped."},
         "figure": {"name": "fig-a", "caption": "Two bars."}}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "outputs", "fault"),
    [
        (SOUND, [PNG], None),
        ({}, [PNG], "no alt text"),
        (SOUND | {"image": {"alt": " "}}, [PNG], "no alt text"),
        (SOUND | {"figure": {"name": "fig-a"}}, [PNG], "no caption"),
        (SOUND, [PNG, PNG], "2 pictures"),
        ({}, [{"text/html": '<img src="data:,">'}], "no alt text"),
        ({}, [{"application/vnd.vegalite.v5+json": {}}], "no alt text"),
        ({}, [{"text/html": '<script src="https://cdn.example/x.js"></script>'}], "loads"),
        ({}, [{"text/html": '<a href="https://example.org">a link</a>'}], None),
    ],
)
def test_a_faulty_picture_is_found(tmp_path, settings, outputs, fault):
    path = write(tmp_path / "n.ipynb", "", outputs=outputs, metadata={"mystnb": settings})
    assert fault in " ".join(picture_faults(path)) if fault else picture_faults(path) == []


def test_two_figures_of_one_name_are_found(tmp_path):
    path = write(tmp_path / "n.ipynb", "", outputs=[PNG], metadata={"mystnb": SOUND})
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.from_dict(notebook.cells[-1] | {"id": "again"}))
    nbformat.write(notebook, path)
    assert picture_faults(path) == ["two figures are named fig-a"]


def test_a_page_outside_the_table_of_contents_is_found(tmp_path):
    (tmp_path / "_toc.yml").write_text("root: chapters/a\nparts: []\n", "utf-8")
    assert toc_faults(tmp_path / "_toc.yml", [Path("chapters/a.md")]) == []
    assert toc_faults(tmp_path / "_toc.yml", [Path("chapters/b.md")]) == ["a", "b"]


def test_an_unknown_source_is_found(tmp_path):
    (tmp_path / "a.bib").write_text("@misc{known,\n}\n", "utf-8")
    page = write(tmp_path / "n.ipynb", "{cite:p}`known,unknown` and {cite:t}`{see}known`")
    assert citation_faults(page, tmp_path / "a.bib") == ["unknown"]


def test_a_late_picture_is_found(tmp_path):
    figure = {"metadata": {"mystnb": {"figure": {"name": "fig-a"}}}, "outputs": []}
    for heads, found in (("## One", []), ("## One\n\n## Two", ["no picture opens the chapter"])):
        page = write(tmp_path / "n.ipynb", f"# A title\n\n{heads}", **figure)
        assert opening_faults(page) == found


def test_a_missing_block_is_found(tmp_path):
    page = write(tmp_path / "n.ipynb", "# A title\n\n```{exercise}\n:label: exr-a\n```")
    faults = outline_faults(page)
    assert "0 blocks of class takeaway" in faults
    assert "1 exercises" in faults
    assert "no solution of exr-a" in faults


@pytest.mark.parametrize("text", ["@import 'https://cdn.example/a.css';", "src='//cdn.example/a'"])
def test_another_site_is_found(tmp_path, text):
    (tmp_path / "a.css").write_text(text, "utf-8")
    assert len(origin_faults(tmp_path / "a.css")) == 1


def test_chapters_are_numbered_by_their_file_names():
    chapter_number = extension("book_numbers").chapter_number
    assert chapter_number("chapters/06_bptt_in_numpy") == 6
    assert chapter_number("chapters/notation") is None


def test_figures_of_a_page_without_a_number_count_from_one():
    count_from_one = extension("book_numbers").count_from_one
    numbers = {"first": ("S", 1), "later": ("S", 2)}
    assert count_from_one({"later": (7,), "first": (4,)}, "S") == numbers


@pytest.mark.parametrize("url", ["", "https://github.com/owner/name"])
def test_buttons_need_the_repository_s_address(monkeypatch, url):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", url)
    config = SimpleNamespace(html_theme_options={})
    extension("book_site").set_repository(None, config)
    assert config.html_theme_options.get("repository_url", "") == url
    assert bool(config.html_theme_options) == bool(url)


def test_buttons_say_what_they_do_and_colab_opens_the_notebook_that_fetches_the_book():
    site, group = extension("book_site"), "https://colab.example/github/owner/name/blob/main/"
    buttons = [{"text": "Colab", "url": f"{group}chapters/a.ipynb"}, {"text": "Binder", "url": "b"}]
    buttons.append({"text": ".pdf"})
    context = {"header_buttons": [{"buttons": buttons}, {"type": "button"}]}
    site.mend_buttons(None, "chapters/a", "page.html", context, None)
    assert buttons[0]["url"] == "https://colab.example/github/owner/name/blob/colab/a.ipynb"
    assert buttons[1]["url"] == "b"
    assert buttons[2]["text"] == "Print"


@pytest.mark.parametrize("root", ["", "/divide/"])
def test_a_page_that_is_not_there_leads_back(root):
    body = extension("book_site").not_found(root)["body"]
    assert f'href="{root}chapters/intro.html"' in body
    assert f'href="{root}search.html"' in body


def test_repairs_leave_no_id_twice_and_say_proof_once():
    proof = '<div class="proof admonition" id="proof">\n<p>Proof. {}</p>'
    repair = extension("book_repairs").repair
    assert repair(proof.format("By sums.")) == '<div class="proof admonition">\n<p>By sums.</p>'
    assert "<p>Proof. (Of it.)" in repair(proof.format("(Of it.)"))


@pytest.mark.parametrize(("url", "there"), [("github.com", True), ("git.example", False)])
def test_only_notebooks_on_github_have_a_colab_button(monkeypatch, url, there):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", f"https://{url}/owner/name")
    config = SimpleNamespace(html_theme_options={})
    extension("book_site").set_repository(None, config)
    assert ("colab_url" in config.html_theme_options["launch_buttons"]) == there


@pytest.mark.parametrize("name", ["", "book.pdf"])
def test_the_pdf_is_linked_where_it_is_published(monkeypatch, name):
    monkeypatch.setenv("BOOK_BASE_URL", "https://book.example/")
    monkeypatch.setenv("BOOK_PDF", name)
    config = SimpleNamespace(html_theme_options={})
    extension("book_site").link_the_pdf(None, config)
    links = config.html_theme_options.get("icon_links", [])
    assert [link["url"] for link in links] == ["https://book.example/book.pdf"] * bool(name)


def test_repairs_keep_a_full_stop_with_its_formula():
    repaired = extension("book_repairs").repair('<span class="math x">\\(t\\)</span>. Then')
    assert repaired == '<span class="unbroken"><span class="math x">\\(t\\)</span>.</span> Then'


def test_repairs_take_the_blank_lines_off_the_ends_of_code():
    repaired = extension("book_repairs").repair("<pre><span></span>\n\na\n\nb\n\n\n</pre>")
    assert repaired == "<pre><span></span>a\n\nb\n</pre>"


@pytest.mark.parametrize(("letters", "marked"), [(72, False), (73, True)])
def test_repairs_mark_the_lines_of_code_that_are_too_long(letters, marked):
    repair, line = extension("book_repairs").repair, "    " + "&lt;" * (letters - 4)
    block = '<div class="KIND notranslate"><div class="highlight"><pre>a\n' + line + "\nb</pre>"
    expected = f'<span class="long-line" style="--indent: 8ch">{line}</span>' if marked else line
    code, text = (block.replace("KIND", f"highlight-{kind}") for kind in ("python", "text"))
    assert repair(code) == code.replace(line, expected)
    assert repair(text) == text


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("gradient_accumulation_steps", "gradient_<wbr>accumulation_<wbr>steps"),
        ("engine.backward", "engine.<wbr>backward"),
        ("W_x", "W_x"),
        ("unscale_", "unscale_"),
    ],
)
def test_repairs_let_names_in_tables_break_between_their_words(name, broken):
    code = '<code><span class="pre">{}</span></code>'
    cell, repair = f"<td><p>{code}</p></td>", extension("book_repairs").repair
    assert repair(cell.format(name)) == cell.format(broken)
    assert repair(code.format(name)) == code.format(name)


def test_pictures_say_how_large_they_are(tmp_path):
    box = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30.4 20"></svg>'
    (tmp_path / "a.svg").write_text(box, "utf-8")
    (tmp_path / "c.svg").write_text(box.replace("view", 'width="90" height="60" view'), "utf-8")
    Image.new("L", (40, 10)).save(tmp_path / "b.png")
    state_sizes = extension("book_repairs").state_sizes
    pictures = {name: tmp_path / name for name in ("a.svg", "b.png", "c.svg")}
    body = '<img alt="A" src="../_images/{}" /><img src="data:,">'
    sized = '<img width="{}" height="{}" alt="A" src="../_images/{}" /><img src="data:,">'
    assert state_sizes(body.format("a.svg"), pictures) == sized.format(30, 20, "a.svg")
    assert state_sizes(body.format("c.svg"), pictures) == sized.format(90, 60, "c.svg")
    assert state_sizes(body.format("b.png"), pictures) == sized.format(40, 10, "b.png")
    assert state_sizes(sized.format(4, 1, "b.png"), pictures) == sized.format(4, 1, "b.png")


def test_the_repairs_leave_no_empty_heading_in_a_table():
    repaired = extension("book_repairs").repair('<th class="head"><p></p></th><th>a</th>')
    assert repaired == "<td></td><th>a</th>"


def bibtex_fields(entry):
    """Read a BibTeX entry with another program than the one that wrote it."""
    (parsed,) = pybtex.database.parse_string(entry, "bibtex").entries.values()
    authors = [str(person).strip("{}") for person in parsed.persons["author"]]
    return {key: value.strip("{}") for key, value in parsed.fields.items()} | {"authors": authors}


def test_how_to_cite_says_what_the_citation_file_says():
    found = extension("book_found")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    fields = bibtex_fields(found.bibtex(found.citation(ROOT), "https://book.example/"))
    assert fields == {
        "authors": [author["name"] for author in cited["authors"]],
        "title": cited["title"],
        "year": str(cited["date-released"].year),
        "note": f"Version {cited['version']}",
        "url": "https://book.example/",
    }
    readme = " ".join((ROOT / "README.md").read_text("utf-8").replace("*", "").split())
    assert found.sentence(found.citation(ROOT)) in readme


def test_another_citation_file_is_cited_otherwise(tmp_path):
    found, text = extension("book_found"), (ROOT / "CITATION.cff").read_text("utf-8")
    person = "  - family-names: Gauss\n    given-names: Carl"
    changed = re.sub(r"  - name: .*", person, text).replace("version: ", "version: 9.")
    (tmp_path / "CITATION.cff").write_text(changed, "utf-8")
    cited = found.citation(tmp_path)
    assert bibtex_fields(found.bibtex(cited))["authors"] == ["Carl Gauss"]
    assert "Version 9." in found.sentence(cited)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("One  sentence.\n", "One sentence."),
        ("a" * 70 + ". Then " + "b " * 90, "a" * 70 + "."),
        ("word " * 50, ("word " * 39).strip() + "…"),
    ],
)
def test_a_description_is_cut_where_a_sentence_or_a_word_ends(text, short):
    assert extension("book_found").shorten(text) == short


def test_a_page_loads_only_what_its_body_uses():
    weight = extension("book_weight")
    names = ["doctools.js", "copybutton.js", "design-tabs.js"]
    context = {"body": '<div class="highlight">', "css_files": []}
    context["script_files"] = [SimpleNamespace(filename=f"_static/{name}") for name in names]
    weight.drop_unused(None, "a", "page.html", context, None)
    assert [file.filename for file in context["script_files"]] == [
        "_static/doctools.js",
        "_static/copybutton.js",
    ]
    head = '<script src="_static/scripts/fontawesome.js?a=b"></script><script src="a.js"></script>'
    assert weight.lighten(head) == '<script src="a.js"></script>'


def test_icons_are_found_by_class_number_and_letter():
    icons_of = extension("book_weight").icons_of
    assert icons_of('<i class="fa-solid fa-sun">', {"fa-sun": 1, "fa-moon": 2}) == {1}
    assert icons_of('--icon: "\\f14e"; --other: "\uf09b"', {}) == {0xF14E, 0xF09B}


def test_a_change_of_the_shell_builds_every_page_anew(tmp_path):
    for name in ("_ext/a.py", "_static/a.css", "out/search.html", "out/_modules/a.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (1, 1))
    app, env = SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "out"), SimpleNamespace()
    env.found_docs = {"a", "b"}
    changed_shell = extension("book_fresh").changed_shell
    assert changed_shell(app, env, set(), set(), set()) == []
    os.utime(tmp_path / "_static/a.css", (2, 2))
    assert changed_shell(app, env, set(), set(), set()) == {"a", "b"}
    assert not (tmp_path / "out/_modules").exists()


def chapter(*content, card="chapter-card"):
    """Return a page with a title, a card and this content, as Sphinx holds it."""
    page, section = nodes.document(None, None), nodes.section()
    page += section
    cards = [nodes.admonition("", classes=[name]) for name in (card, "predict")]
    section += [nodes.title("", "A title"), *cards, *content]
    return page


def test_the_reading_time_counts_words_code_formulas_and_pictures():
    minutes = extension("book_minutes")
    words = nodes.paragraph("", "", nodes.Text("a word "), nodes.emphasis("", "more"))
    code = nodes.literal_block("", "x = 1\n\ny = 2\n")
    page = chapter(words, code, nodes.math_block("", "x"), nodes.image())
    assert minutes.counts(page) == {"words": 5, "line": 2, "formula": 1, "picture": 1}


def test_what_is_folded_takes_no_time_but_a_proof_does():
    minutes = extension("book_minutes")
    code = nodes.literal_block("", "x = 1")
    source = nodes.container("", code, nb_element="cell_code_source")
    result = nodes.literal_block("", "1\n2")
    cell = nodes.container("", source, result, classes=["cell", "tag_hide-input"])
    counted = minutes.counts(chapter(cell))
    assert counted["line"] == 2
    cell["classes"] = ["cell"]
    assert minutes.counts(chapter(cell))["line"] == 3
    cell["classes"] = ["cell", "tag_hide-cell"]
    assert minutes.counts(chapter(cell))["line"] == 0
    words = nodes.paragraph("", "", nodes.Text("two words"))
    for kind, more in (("solution", 0), ("proof", 2)):
        part = nodes.admonition("", words.deepcopy(), classes=[kind])
        assert minutes.counts(chapter(part))["words"] == counted["words"] + more


@pytest.mark.parametrize(
    ("content", "in_ten_minutes"),
    [
        (lambda n: [nodes.paragraph("", "word " * n)], 1798),
        (lambda n: [nodes.literal_block("", "code\n\n" * n)], 199),
        (lambda n: [nodes.math_block("", "x") for _ in range(n)], 39),
        (lambda n: [nodes.image() for _ in range(n)], 19),
    ],
    ids=["words", "lines", "formulas", "pictures"],
)
def test_each_kind_has_its_speed(content, in_ten_minutes):
    """A minute is 180 words, 20 lines of code, 4 formulas or 2 pictures; the title is 2 words."""
    for more, said in ((0, "About 10 minutes of reading"), (1, "About 15 minutes of reading")):
        page = chapter(*content(in_ten_minutes + more))
        extension("book_minutes").add_minutes(None, page)
        assert page[0][1].astext() == said


def test_what_a_page_holds_is_added_up_and_rounded_up_to_five_minutes():
    minutes = extension("book_minutes").minutes
    none = dict.fromkeys(("words", "line", "formula", "picture"), 0)
    assert minutes(none) == 5
    page = {"words": 900, "line": 100, "formula": 8, "picture": 6}  # 5 + 5 + 2 + 3 minutes
    assert minutes(page) == 15
    assert [minutes(page | {kind: number + 1}) for kind, number in page.items()] == [20] * 4


@pytest.mark.parametrize(("card", "said"), [("chapter-card", True), ("note", False)])
def test_a_chapter_says_how_long_it_takes_under_its_title(card, said):
    page = chapter(nodes.paragraph("", "a word"), card=card)
    extension("book_minutes").add_minutes(None, page)
    (section,) = page.children
    assert (section[1].astext() == "About 5 minutes of reading") == said
