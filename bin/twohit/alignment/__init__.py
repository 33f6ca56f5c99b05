"""From reads to analysis-ready alignments: duplicates, coverage, callable regions, quality."""
