"""Somatic error model and filter, consequence, phase, genotyping."""
