"""How fast the package is, next to its peers and to the least that any of them must do.

``python -m benchmarks`` measures and stores ``results.json``; ``--quick`` only shows that all runs.
"""
