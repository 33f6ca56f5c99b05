"""The tables of forced genotyping: counts of each listed variant and of pairs on the same fragments."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.genome.reference import Reference
from twohit.schemas import ERRORS, GENOTYPES, PHASE, VARIANTS
from twohit.tables import read_table
from twohit.variants.background import learn_background
from twohit.variants.coding import PLAIN_BASES
from twohit.variants.detection import detect
from twohit.variants.genotype import MIN_BASE_QUALITY, MIN_MAPPING_QUALITY, count_sites, open_alignments
from twohit.variants.phase import count_pair, gene_pairs, name_key
from twohit.variants.read_alleles import ALT, REF

KEY = ["chrom", "pos", "ref", "alt"]


def read_variants(paths: list[Path]) -> pd.DataFrame:
    """Read tables of variants into one (chrom, pos, ref, alt, gene, origin), each once; no symbolic alleles."""
    table = pd.concat([read_table(path, VARIANTS)[[*KEY, "gene", "origin"]] for path in paths])
    written = [set(ref.upper() + alt.upper()) <= PLAIN_BASES for ref, alt in zip(table["ref"], table["alt"])]
    return table[written].drop_duplicates().reset_index(drop=True)


def _site_errors(bam, normal, variants, keys, reference, min_base_quality, min_mapping_quality) -> tuple[dict, dict]:
    """Errors of each site and of a usual site of each context: from the sample's own bases, and from what the
    normal's fragments show at the very site (at a usual one: nothing, at the median depth).
    """
    qualities = (min_base_quality, min_mapping_quality)
    with open_alignments(bam, reference) as handle:
        background = learn_background(handle, keys, reference, *qualities)
    errors, usual = {key: background.site(key, reference) for key in keys}, background.usual()
    somatic = [] if normal is None else [k for k, origin in zip(keys, variants["origin"]) if origin == "somatic"]
    if not somatic:
        return errors, usual
    shown = count_sites(normal, somatic, reference, *qualities)
    for key, told in shown.items():
        errors[key] = errors[key].given(list(told.values()).count(ALT), len(told))
    depth = int(np.median([len(told) for told in shown.values()]))
    return errors, {name: one.given(0, depth) for name, one in usual.items()}


def _error_rows(sample: str, usual: dict) -> pd.DataFrame:
    rows = [(sample, *name, e.usual, 1 / (e.a + e.b + 1), e.odd, e.odd_a, e.odd_b) for name, e in usual.items()]
    return pd.DataFrame(rows, columns=ERRORS.names)


def genotype_sample(
    bam: Path,
    sample: str,
    variants: pd.DataFrame,
    reference_path: Path,
    min_base_quality: int = MIN_BASE_QUALITY,
    min_mapping_quality: int = MIN_MAPPING_QUALITY,
    normal: Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count the variants and the pairs of one gene in one sample, and tell which are seen in it.

    Parameters
    ----------
    bam : Path
        Indexed alignments of the sample.
    sample : str
        Name written into both tables.
    variants : DataFrame
        Columns chrom, pos, ref, alt, gene, origin (may be empty).
    reference_path : Path
        Indexed FASTA.
    normal : Path, optional
        Alignments of the patient's normal: what it shows of a somatic variant is error at that very site.

    Returns
    -------
    (DataFrame, DataFrame, DataFrame)
        Tables of the schemas GENOTYPES (in genome order of the FASTA), PHASE and ERRORS.
    """
    keys = [(c, int(p), r, a) for c, p, r, a in variants[KEY].itertuples(index=False)]
    with Reference(reference_path) as reference:
        order = {contig: rank for rank, contig in enumerate(reference.lengths)}
        told = count_sites(bam, keys, reference, min_base_quality, min_mapping_quality)
        errors, usual = _site_errors(bam, normal, variants, keys, reference, min_base_quality, min_mapping_quality)
    rows = []
    for key in sorted(told, key=lambda k: (order[k[0]], *k[1:])):
        alleles = list(told[key].values())
        n_alt, depth = alleles.count(ALT), len(alleles)
        seen = detect(n_alt, depth, errors[key])
        rows.append(
            {"sample": sample, **dict(zip(KEY, key)), "ref_count": alleles.count(REF), "alt_count": n_alt,
             "depth": depth, "error_rate": errors[key].mean, **vars(seen)}
        )  # fmt: skip
    named = [(gene, key) for gene, key in zip(variants["gene"], keys) if isinstance(gene, str) and gene]
    pairs = []
    for gene, first, second in gene_pairs(named):
        counts = count_pair(told[first], told[second])
        if sum(counts.values()):
            pairs.append((sample, gene, name_key(first), name_key(second), *counts.values()))
    tables = pd.DataFrame(rows, columns=GENOTYPES.names), pd.DataFrame(pairs, columns=PHASE.names)
    return *tables, _error_rows(sample, usual)
