#!/usr/bin/env python3
"""How often do consequences and names agree with Ensembl VEP's? Reads a VCF that VEP has annotated, runs csq and ours.

`benchmarks/compare_vep.py --vcf vep.vcf --gff genes.gff3 --reference genome.fa` with the output of
`vep --vcf --gff genes.gff3.gz --fasta genome.fa --symbol --hgvs --allele_number` prints agreement and what differs.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))

ENDS = ("start", "stop")  # where conventions differ most: VEP names no protein across the ends of the coding sequence
KEY = ["chrom", "pos", "ref", "alt", "gene"]


def vep_entries(vcf: Path) -> dict:
    """VEP's own entries by record and transcript."""
    from twohit.variants.given import find_annotation
    from twohit.variants.vcf_io import lines_of

    annotation, found = find_annotation(vcf, "CSQ"), {}
    for line in lines_of(vcf):
        if line.startswith("#"):
            continue
        chrom, pos, _, ref, alts, _, _, info = line.split("\t")[:8]
        value = dict(part.partition("=")[::2] for part in info.split(";")).get("CSQ", "")
        told = annotation.entries((ref, *alts.split(",")), value) if value else []
        for alt, entries in zip(alts.split(","), told, strict=False):
            found |= {(chrom, int(pos), ref, alt, entry.transcript): entry for entry in entries}
    return found


def main() -> None:
    """Annotate twice, by csq and by what VEP told, and compare."""
    from twohit.variants.amino import one_letter
    from twohit.variants.consequence import Request, annotate

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--vcf", "--gff", "--reference"):
        parser.add_argument(name, type=Path, required=True)
    given = parser.parse_args()
    ours, theirs = (
        annotate(Request(given.vcf, "germline", given.gff, given.reference, annotator=by)) for by in ("csq", "vep")
    )
    both = ours.merge(theirs, on=KEY, suffixes=("", "_vep"))
    print(f"{len(both)} alleles; judgement the same in {(both['loss_judgement'] == both['loss_judgement_vep']).sum()}")
    first = [column.str.split("&").str[0] for column in (both["consequence"], both["consequence_vep"])]
    print(f"gravest term the same in {(first[0] == first[1]).sum()}; else csq with translation, VEP:")
    for pair, count in Counter(zip(*first, strict=True)).most_common():
        if pair[0] != pair[1]:
            print(f"  {count:5d}  {pair[0]}  {pair[1]}")
    entries, counts, differ = vep_entries(given.vcf), Counter(), []
    for row in theirs.itertuples():
        entry = entries.get((row.chrom, row.pos, row.ref, row.alt, row.transcript))
        if entry is None or not row.hgvs_c:
            continue
        names = (entry.hgvs_c.rsplit(":", 1)[-1], one_letter(entry.hgvs_p) if entry.hgvs_p else None)
        at_end = any(word in f"{row.consequence} {names[1]} {row.hgvs_p}" for word in (*ENDS, "M1", "*"))
        counts["names"] += 1
        counts["same c."] += names[0] == row.hgvs_c
        if not at_end:
            counts["p. away from start, stop and frameshifts"] += 1
            counts["same p. there"] += names[1] == row.hgvs_p or {names[1], row.hgvs_p} <= {None, "p.?"}
        if names[0] != row.hgvs_c or (not at_end and {names[1], row.hgvs_p} - {None, "p.?"} and names[1] != row.hgvs_p):
            differ.append(f"  {row.hgvs_c} {row.hgvs_p}  VEP: {names[0]} {names[1]} ({row.consequence})")
    print("\n".join([", ".join(f"{name} {count}" for name, count in counts.items()), *differ]))


if __name__ == "__main__":
    main()
