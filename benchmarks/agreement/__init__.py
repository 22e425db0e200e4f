"""How far the package's outputs and gradients are from those of four frameworks."""
