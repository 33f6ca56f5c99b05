"""Genes lost on both alleles: in what share of the tumour cells, since when, how sure (docs/methods/40_verdict.md)."""
