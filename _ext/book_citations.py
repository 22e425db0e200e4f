"""Citations by author and year in round brackets, and a bibliography sorted in the same way."""

import pybtex.plugin
import sphinxcontrib.bibtex.plugin
from pybtex.style.formatting.unsrt import Style as UnsortedStyle
from pybtex.style.template import field, sentence
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


def round_brackets():
    """Return the brackets of one kind of citation; several sources are parted by semicolons."""
    return BracketStyle(left="(", right=")", sep="; ")


class RoundBracketsStyle(AuthorYearReferenceStyle):
    """(Werbos, 1990) and Werbos (1990)."""

    def __init__(self):
        super().__init__(bracket_parenthetical=round_brackets(), bracket_textual=round_brackets())


class BookBibliographyStyle(UnsortedStyle):
    """Sorted by author and year; titles keep the capitals that they have in the file."""

    default_sorting_style = "author_year_title"

    def format_title(self, e, which_field, as_sentence=True):
        title = field(which_field)
        return sentence[title] if as_sentence else title


def setup(app):
    sphinxcontrib.bibtex.plugin.register_plugin(
        "sphinxcontrib.bibtex.style.referencing", "book", RoundBracketsStyle
    )
    pybtex.plugin.register_plugin("pybtex.style.formatting", "book", BookBibliographyStyle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
