"""Number a chapter by its file name: 06_bptt_in_numpy is chapter 6, its first figure 6.1.

Sphinx counts chapters in the order of the table of contents, so a chapter added in the middle
would renumber all that follow. Here a number never changes. Pages without one stay unnumbered,
and so do the sections inside a chapter. Figures and exercises of a page without a number count
behind the first letter of its file name, and those of the first page behind 0: in
``a_certificates``, the first figure is A.1.
"""

import re

from docutils import nodes
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles


def chapter_number(docname):
    """Return the number at the start of a document's file name, or None."""
    match = re.match(r"(\d+)_", docname.rsplit("/", 1)[-1])
    return int(match[1]) if match else None


def assign_section_numbers(self, env):
    """Fill ``env.toc_secnumbers`` and return the documents whose numbers changed."""
    old, env.toc_secnumbers = env.toc_secnumbers, {}
    for docname, toc in env.tocs.items():
        number = chapter_number(docname)
        if number is None:
            continue
        secnumbers = env.toc_secnumbers[docname] = {}
        for reference in toc.findall(nodes.reference):
            is_title = reference["anchorname"] == ""
            secnumbers[reference["anchorname"]] = (number,) if is_title else ()
            reference["secnumber"] = (number,) if is_title else None
        env.titles[docname]["secnumber"] = (number,)
    return [name for name, new in env.toc_secnumbers.items() if new != old.get(name)]


def count_from_one(numbers, sign):
    """Number a page's figures of one type, a dict from id to (number,), from 1 behind its sign."""
    return {name: (sign, k) for k, name in enumerate(sorted(numbers, key=numbers.get), start=1)}


def assign_figure_numbers(self, env):
    """Fill ``env.toc_fignumbers`` and return the documents whose numbers changed."""
    old = env.toc_fignumbers
    TocTreeCollector.assign_figure_numbers(self, env)
    for docname, types in env.toc_fignumbers.items():
        if chapter_number(docname) is None:
            first = docname == env.config.root_doc
            sign = "0" if first else docname.rpartition("/")[2][0].upper()
            types.update({kind: count_from_one(numbers, sign) for kind, numbers in types.items()})
    return [name for name, new in env.toc_fignumbers.items() if new != old.get(name)]


def setup(app):
    # There is no hook for this. Figures, theorems and equations get their numbers right after it.
    TocTreeCollectorWithStyles.assign_section_numbers = assign_section_numbers
    TocTreeCollectorWithStyles.assign_figure_numbers = assign_figure_numbers
    return {"parallel_read_safe": True, "parallel_write_safe": True}
