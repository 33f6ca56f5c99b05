"""Evidence per gene, the model that joins it, the verdict."""
