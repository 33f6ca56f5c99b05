"""Contigs, arms, genes and transcripts; half-open 0-based inside, 1-based inclusive in text files."""
