"""SNP counts, normalisation, segmentation, purity and ploidy, clonality."""
