"""twohit: which genes has a tumour lost on both alleles, in what share of its cells, and how sure is that."""

__version__ = "0.1.0"
SCHEMA_VERSION = "1.0"  # of the tables and JSON files; raised when a column changes meaning
