"""Single cells: matrices, groups, copy number per arm and cell, clones."""
