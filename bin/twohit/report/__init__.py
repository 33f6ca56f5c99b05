"""The page a tumour board reads, and the content for MultiQC."""
