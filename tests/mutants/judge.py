"""What the outcomes add up to: the counts, the complaints, and what single checks notice."""

import collections
import tomllib

from tabulate import tabulate

LEAST = 30
CAUGHT = {
    "assertion": "caught by an assertion",
    "exception": "stopped by an exception",
    "timeout": "out of time",
}


def read_equivalents(path):
    """Return the listed mutants that no test can tell from the shipped code, with the reasons."""
    listed = {}
    for group in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", []):
        for before, after in group["changes"]:
            listed[group["function"], before, after] = group.get("reason", "").strip()
    return listed


def survivors(mutants, outcomes):
    return [m for m, o in zip(mutants, outcomes, strict=True) if o.kind == "survived"]


def complaints(mutants, outcomes, equivalents):
    """Return what is wrong, as texts; empty where every mutant is accounted for."""
    found = []
    if len(mutants) < LEAST:
        found.append(f"Expected at least {LEAST} mutants, got {len(mutants)}.")
    alive = survivors(mutants, outcomes)
    for mutant in alive:
        if mutant.key not in equivalents:
            found.append(f"Survived: {described(mutant)}")
    for key, reason in equivalents.items():
        if key not in {mutant.key for mutant in alive}:
            found.append("Listed as equivalent, but no such mutant survives: " + " | ".join(key))
        if not reason:
            found.append("Listed as equivalent without a reason: " + " | ".join(key))
    return found


def described(mutant):
    place = f"line {mutant.line}, {mutant.operator}"
    return f"{place}\n    - {mutant.before}\n    + {mutant.after}"


def summary(mutants, outcomes, equivalents):
    """Return the counts, as they are stored."""
    kinds = collections.Counter(outcome.kind for outcome in outcomes)
    silent = [outcome.alone for outcome in outcomes if outcome.alone is not None]
    alone = collections.Counter(name for names in silent for name in sorted(names))
    return {
        "mutants": len(mutants),
        "caught": {kind: kinds[kind] for kind in CAUGHT},
        "equivalent": sum(m.key in equivalents for m in survivors(mutants, outcomes)),
        "silent": len(silent),
        "noticed": dict(sorted(alone.items())),
    }


def report(mutants, outcomes, equivalents):
    """Return the tables of a run."""
    counts = summary(mutants, outcomes, equivalents)
    kinds = [(said, counts["caught"][kind]) for kind, said in CAUGHT.items()]
    lost = len(mutants) - sum(counts["caught"].values()) - counts["equivalent"]
    kinds += [("equivalent, with a reason", counts["equivalent"]), ("survived", lost)]
    tests = collections.Counter(o.test.partition("[")[0] for o in outcomes if o.test)
    operators = collections.Counter(mutant.operator for mutant in mutants)
    return "\n\n".join(
        [
            tabulate(operators.items(), [f"{len(mutants)} mutants", ""]),
            tabulate(tests.most_common(), ["the first test that fails", "mutants"]),
            tabulate(
                counts["noticed"].items(),
                [f"{counts['silent']} run through with wrong numbers; alone", "notices"],
            ),
            tabulate(kinds, ["what became of them", ""]),
        ]
    )
