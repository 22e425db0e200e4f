"""Break the LSTM, one place at a time, and see whether the tests notice.

    python -m tests.mutants                # all mutants of lstm.py; about two minutes
    python -m tests.mutants --layer plain  # those of plain.py, which is written to be read
    python -m tests.mutants --store        # and store the counts

The exit status is 1 if a mutant survives that the layer's list of equivalents does not name, if an
entry there is not needed, or if the counts are not those stored.
"""

import argparse
import json
from pathlib import Path

from tests.lstm.layers import LAYERS
from tests.mutants.judge import complaints, read_equivalents, report, summary
from tests.mutants.operators import OPERATORS
from tests.mutants.source import mutants_of
from tests.mutants.trial import TESTS, run_all

HERE = Path(__file__).parent


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--layer", choices=LAYERS, default="fast", help="which to break (fast)")
    parser.add_argument("--store", action="store_true", help="store the counts")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once (2)")
    parser.add_argument("--timeout", type=int, default=120, help="seconds for one mutant (120)")
    parser.add_argument("--tests", nargs="+", help="which tests must notice")
    parser.add_argument("--operators", nargs="+", help="only these ways of breaking it")
    parser.add_argument("--equivalents", type=Path)
    options = parser.parse_args(arguments)

    layer, stored = LAYERS[options.layer], HERE / f"results/{options.layer}.json"
    source = Path(layer.__file__).read_text(encoding="utf-8")
    chosen = [o for o in OPERATORS if not options.operators or o.name in options.operators]
    mutants = mutants_of(source, chosen)
    sources = [source, *(mutant.source for mutant in mutants)]
    shipped, *outcomes = run_all(
        sources, options.tests or TESTS[layer], options.jobs, options.timeout, layer
    )
    if shipped.kind != "survived":
        return f"The shipped source itself fails: {shipped.test} ({shipped.kind})."

    listed = options.equivalents or HERE / f"equivalents/{options.layer}.toml"
    equivalents = read_equivalents(listed)
    print(report(mutants, outcomes, equivalents))
    found = complaints(mutants, outcomes, equivalents)
    counts = json.dumps(summary(mutants, outcomes, equivalents), indent=2) + "\n"
    if options.store:
        stored.write_text(counts, encoding="utf-8")
    elif chosen == OPERATORS and counts != stored.read_text(encoding="utf-8"):
        found.append(
            f"The counts are not those in {stored.name}: make mutants STORE=1 puts them there."
        )
    print("", *found, sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
