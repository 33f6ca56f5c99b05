"""The simulator at the level of counts: SNP counts of any genome, and whole random patients, for tests."""

from twohit.simulate.snp_counts import CountNoise, simulate_snp_counts, write_snp_counts
from twohit.simulate.tiny_patient import TinyPatient, TinySettings, draw_tiny_patient, simulate_tiny_patient

__all__ = [
    "CountNoise",
    "TinyPatient",
    "TinySettings",
    "draw_tiny_patient",
    "simulate_snp_counts",
    "simulate_tiny_patient",
    "write_snp_counts",
]
