"""A patient with a known truth: genome, reads, SNP counts."""
