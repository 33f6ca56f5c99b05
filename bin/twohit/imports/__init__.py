"""Results of other programs in place of our own stages: copy number of PURPLE and of FACETS."""
