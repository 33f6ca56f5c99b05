"""Which variants of a gene sit on the same molecules: fragments that span a pair, counted by what they carry."""

from collections.abc import Iterable
from itertools import combinations

from twohit.variants.read_alleles import ALT, REF, Key

MAX_DISTANCE = 600  # bases between two variants that one fragment can still span


def name_key(key: Key) -> str:
    """Write a variant as chrom:pos:ref:alt."""
    return ":".join(map(str, key))


def gene_pairs(variants: Iterable[tuple[str, Key]], max_distance: int = MAX_DISTANCE) -> list[tuple[str, Key, Key]]:
    """List pairs of variants of one gene that are at most `max_distance` bases apart.

    Parameters
    ----------
    variants : iterable of (str, Key)
        Gene symbol and variant; repeats are taken once.
    max_distance : int
        Largest difference of positions.
    """
    by_gene: dict[str, set[Key]] = {}
    for gene, key in variants:
        by_gene.setdefault(gene, set()).add(key)
    pairs = []
    for gene in sorted(by_gene):
        for first, second in combinations(sorted(by_gene[gene]), 2):
            if first[0] == second[0] and abs(first[1] - second[1]) <= max_distance:
                pairs.append((gene, first, second))
    return pairs


def count_pair(first: dict[str, str], second: dict[str, str]) -> dict[str, int]:
    """Count the fragments that tell both variants.

    Parameters
    ----------
    first, second : dict of str to str
        Fragment name to allele at either variant, from `genotype.count_sites`.

    Returns
    -------
    dict
        n_both, n_first, n_second, n_neither. At one position a fragment with the other variant's base does not carry
        this one, so a third allele counts as "not this variant" where its partner is carried, and as nothing otherwise.
    """
    counts = dict.fromkeys(("n_both", "n_first", "n_second", "n_neither"), 0)
    for name in first.keys() & second.keys():
        one, two = first[name], second[name]
        if one == ALT and two == ALT:
            counts["n_both"] += 1
        elif one == ALT:
            counts["n_first"] += 1
        elif two == ALT:
            counts["n_second"] += 1
        elif one == REF and two == REF:
            counts["n_neither"] += 1
    return counts
