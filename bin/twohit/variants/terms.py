"""Sequence Ontology terms of consequences, most severe first, and how bcftools csq spells them."""

# Ensembl's order of severity (its page "Calculated variant consequences"); exon_loss_variant is ours, after ablation.
SEVERITY = (
    "transcript_ablation",
    "exon_loss_variant",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "stop_lost",
    "start_lost",
    "inframe_insertion",
    "inframe_deletion",
    "missense_variant",
    "protein_altering_variant",
    "splice_donor_5th_base_variant",
    "splice_region_variant",
    "splice_donor_region_variant",
    "splice_polypyrimidine_tract_variant",
    "incomplete_terminal_codon_variant",
    "start_retained_variant",
    "stop_retained_variant",
    "synonymous_variant",
    "coding_sequence_variant",
    "5_prime_UTR_variant",
    "3_prime_UTR_variant",
    "non_coding_transcript_variant",
    "intron_variant",
    "intergenic_variant",
)
FROM_CSQ = {
    "splice_acceptor": "splice_acceptor_variant",
    "splice_donor": "splice_donor_variant",
    "frameshift": "frameshift_variant",
    "missense": "missense_variant",
    "inframe_altering": "protein_altering_variant",
    "splice_region": "splice_region_variant",
    "start_retained": "start_retained_variant",
    "stop_retained": "stop_retained_variant",
    "synonymous": "synonymous_variant",
    "coding_sequence": "coding_sequence_variant",
    "5_prime_utr": "5_prime_UTR_variant",
    "3_prime_utr": "3_prime_UTR_variant",
    "non_coding": "non_coding_transcript_variant",
    "intron": "intron_variant",
    "intergenic": "intergenic_variant",
}
# What happens to the coding sequence: told by csq, and by translating it (which is right where the two differ).
CODING = (
    "stop_gained",
    "frameshift_variant",
    "stop_lost",
    "start_lost",
    "inframe_insertion",
    "inframe_deletion",
    "missense_variant",
    "protein_altering_variant",
    "start_retained_variant",
    "stop_retained_variant",
    "synonymous_variant",
    "coding_sequence_variant",
)
# Terms of SnpEff and older releases of VEP that say the same, or nothing a judgement needs.
FROM_OTHERS = {
    "conservative_inframe_insertion": "inframe_insertion",
    "disruptive_inframe_insertion": "inframe_insertion",
    "conservative_inframe_deletion": "inframe_deletion",
    "disruptive_inframe_deletion": "inframe_deletion",
    "initiator_codon_variant": "protein_altering_variant",
    "5_prime_UTR_truncation": "5_prime_UTR_variant",
    "3_prime_UTR_truncation": "3_prime_UTR_variant",
    "5_prime_UTR_premature_start_codon_gain_variant": "5_prime_UTR_variant",
    "intragenic_variant": "intron_variant",
    "non_coding_transcript_exon_variant": "non_coding_transcript_variant",
}
INTERGENIC = "intergenic_variant"


def ontology_terms(csq: str) -> list[str]:
    """Turn a csq consequence (joined by '&', '*' for a stop upstream) into Sequence Ontology terms."""
    names = [name.lstrip("*") for name in csq.split("&")]
    return [FROM_CSQ.get(name, name) for name in names if name]


def given_terms(told: str) -> list[str]:
    """Turn terms that VEP, SnpEff or csq wrote (joined by '&') into ours."""
    return [FROM_OTHERS.get(term, term) for term in ontology_terms(told)]


def by_severity(terms) -> list[str]:
    """Sort distinct terms, most severe first; terms without a rank go last, by name."""
    known = {term: rank for rank, term in enumerate(SEVERITY)}
    return sorted(set(terms), key=lambda term: (known.get(term, len(known)), term))
