"""What is known of one variant in one sample by its name: reads, forced genotyping, fragments that span two.

Tables of different origin spell contigs differently (17, chr17): variants are matched by their plain names, or one
would count as two.
"""

import re

import numpy as np
import pandas as pd

from twohit.biallelic.evidence import SampleEvidence
from twohit.errors import InputError
from twohit.genome.contigs import plain

SAME_COPY, OTHER_COPY = 0.1, 0.04  # share of fragments with both hits above and up to which it is plain where they are
FEWEST_BOTH = 3  # fragments with both that show two hits on one copy
MOST_BORROWED = 20  # fragments of other samples that count as the sample's own at most

KEY = re.compile(r"^(?P<chrom>.+?):(?P<pos>\d+):(?P<ref>[A-Za-z.*]+):(?P<alt>.+)$")  # HLA contigs have colons too


def split_key(key: str) -> tuple[str, int, str, str] | None:
    """Plain contig, position, reference and alternative allele of chrom:pos:ref:alt; None for any other text."""
    found = KEY.match(key)
    return (plain(found["chrom"]), int(found["pos"]), found["ref"], found["alt"]) if found else None


def match_key(key: str) -> str:
    """Name by which a variant is matched, whichever way its contig is spelt."""
    parts = split_key(key)
    return key if parts is None else ":".join(map(str, parts))


def genotype_of(key: str, sample: SampleEvidence) -> pd.Series | None:
    """Row of the variant in the sample's forced genotyping."""
    parts = split_key(key)
    if sample.genotypes is None or parts is None:
        return None
    chrom, pos, ref, alt = parts
    table = sample.genotypes
    rows = table[(table["pos"] == pos) & (table["ref"] == ref) & (table["alt"] == alt)]
    rows = rows[rows["chrom"].map(plain) == chrom]
    return rows.iloc[0] if len(rows) else None


def counts_of(key: str, row: pd.Series | None, sample: SampleEvidence) -> tuple[int | None, int | None]:
    """Alternative reads and depth (both alleles): from forced genotyping, else from the caller's own row."""
    genotype = genotype_of(key, sample)
    if genotype is not None:
        return int(genotype["alt_count"]), int(genotype["alt_count"] + genotype["ref_count"])
    if row is not None and not pd.isna(row["tumor_alt"]) and not pd.isna(row["tumor_ref"]):
        return int(row["tumor_alt"]), int(row["tumor_alt"] + row["tumor_ref"])
    return None, None


def phase_counts(gene: str, sample: SampleEvidence, keys: list[str]) -> dict[tuple[int, int], tuple[int, int]]:
    """Fragments with both hits and with either, for each pair of `keys` (indices i < j) that fragments span.

    Raises
    ------
    InputError
        If a pair is listed twice: its fragments would be counted twice.
    """
    counts: dict[tuple[int, int], tuple[int, int]] = {}
    if sample.phase is None:
        return counts
    place = {match_key(key): k for k, key in enumerate(keys)}
    told = set()
    for row in sample.phase[sample.phase["gene"] == gene].itertuples():
        pair = frozenset(match_key(key) for key in (row.variant_1, row.variant_2))
        if pair in told:
            raise InputError(
                f"{sample.sample}.phase.tsv: {gene}: the pair {row.variant_1}, {row.variant_2} is listed twice; give "
                "each pair once"
            )
        told.add(pair)
        if len(pair) == 2 and pair <= place.keys():
            either = int(row.n_both) + int(row.n_first) + int(row.n_second)
            counts[tuple(sorted(place[key] for key in pair))] = (int(row.n_both), either)
    return {pair: count for pair, count in counts.items() if count[1] > 0}


def borrowed_phase(
    gene: str, others: list[SampleEvidence], keys: list[str], own: dict[tuple[int, int], tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Phase of the pairs that no fragment of the sample spans, as other samples of the patient show it.

    Two hits are on one copy or on two wherever both are. How many copies with the one carry the other too may differ
    between samples, so that only which of the two it is, where it is plain, is taken over: as few fragments, all or
    none of them with both.
    """
    summed: dict[tuple[int, int], np.ndarray] = {}
    for other in others:
        for pair, counts in phase_counts(gene, other, keys).items():
            summed[pair] = summed.get(pair, np.zeros(2, dtype=int)) + counts
    told = {}
    for pair, (both, either) in summed.items():
        if pair in own:
            continue
        if both >= max(FEWEST_BOTH, SAME_COPY * either):
            told[pair] = (FEWEST_BOTH, FEWEST_BOTH)
        elif both <= OTHER_COPY * either:
            told[pair] = (0, int(min(either, MOST_BORROWED)))
    return told
