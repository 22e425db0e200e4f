"""What is too much on a page is found, and it is said what that is."""

import pytest
from sound import SOUND
from weight import budget_is_kept, what_is_loaded_is_used

FAULTS = [  # the rule, what a page has in addition, what must be said of it
    (budget_is_kept, "<script src='more.js'></script>", "scripts"),
    (budget_is_kept, "<link rel='stylesheet' href='more.css'>", "styles"),
    (budget_is_kept, "<script src='vega.js'></script>", "interactive figure"),
    (budget_is_kept, "<script src='book_previews_data.js'></script>", "previews"),
    (budget_is_kept, "<img alt='' src='more.png'>", "pictures"),
    (what_is_loaded_is_used, "<script src='searchindex.js'></script>", "searchindex.js"),
]


@pytest.mark.parametrize(("rule", "more", "said"), FAULTS)
def test_what_is_too_much_is_found(look, rule, more, said):
    assert said in str(list(rule(look(SOUND.replace("<h2>", f"{more}<h2>")))))
