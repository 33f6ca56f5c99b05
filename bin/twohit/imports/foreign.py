"""Copy number of another program, in one form, and the tables of ours that are written from it."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.biallelic.parameters import Z90
from twohit.copynumber.states import neutral_state
from twohit.errors import InputError
from twohit.genome.contigs import Genome, plain
from twohit.genome.genes import read_genes
from twohit.imports.normal import with_normal_copies
from twohit.imports.states import LOG_RATIO_SD, LOG_RATIO_WAVE, MAX_COPIES, copy_errors, weigh_states
from twohit.tables import write_json, write_table

SCHEMA_VERSION = 1
LEAST_PLOIDY = 0.1  # copies: no tumour has fewer
MOST_MINOR = 0.6  # of all copies: half, and noise


@dataclass(frozen=True)
class Foreign:
    """What another program says of one tumour.

    Attributes
    ----------
    program, where : str
        Its name; the file of the segments, for messages.
    purity, purity_lower, purity_upper : float or None
        None where the program could not tell it.
    ploidy : float
    doubled : bool
    sex_seen : str or None
    segments : DataFrame
        chrom, start (1-based), end, n_sites, n_het, copies and minor (mean per tumour cell, NaN if not known).
    genes : DataFrame or None
        Positions of genes that the program's own table gives: gene, chrom, start, end.
    warnings : tuple of dict
        What was noted while the tables were read, as S.purity_ploidy.json lists it.
    """

    program: str
    where: str
    purity: float | None
    purity_lower: float | None
    purity_upper: float | None
    ploidy: float
    doubled: bool
    segments: pd.DataFrame
    sex_seen: str | None = None
    genes: pd.DataFrame | None = None
    warnings: tuple[dict, ...] = ()


def write_foreign(
    made: Foreign, sample: str, genome: Genome, outdir: Path, sex: str | None, genes: Path | None
) -> None:
    """Write S.segments.tsv, S.solutions.tsv, S.arms.tsv, S.purity_ploidy.json and, with positions, S.genes.tsv.

    Parameters
    ----------
    made : Foreign
    sample : str
        Sample id of the written files.
    sex : str or None
        Sex of the patient; what the program saw where it is not given.
    genes : Path or None
        Positions of genes; those of the program's own gene table where it is not given.
    """
    _check(made, genome)
    made = _capped(replace(made, segments=with_normal_copies(made.segments, sex or made.sex_seen, genome.name)))
    if made.segments.empty:
        raise InputError(f"{made.where}: no segment but of Y, which a female does not have; give the right --sex")
    segments, solutions = _weighted(made)
    outdir.mkdir(parents=True, exist_ok=True)
    write_table(segments, schemas.SEGMENTS, outdir / f"{sample}.segments.tsv")
    write_json(_summary(made, sample), outdir / f"{sample}.purity_ploidy.json")
    if solutions.empty:
        return
    write_table(solutions, schemas.SOLUTIONS, outdir / f"{sample}.solutions.tsv")
    from twohit.copynumber.calls import arms_table, genes_table

    posterior = _posterior(segments, solutions, made)
    write_table(arms_table(segments, posterior, genome), schemas.ARMS, outdir / f"{sample}.arms.tsv")
    places = read_genes(genes) if genes is not None else made.genes
    if places is not None and len(places):
        sex = sex or made.sex_seen or "female"
        table = genes_table(places[schemas.GENES.names], segments, posterior, genome, sex=sex)
        write_table(table, schemas.GENE_STATES, outdir / f"{sample}.genes.tsv")


def _check(made: Foreign, genome: Genome) -> None:
    """Refuse segments that no genome or no purity can have."""
    if made.segments.empty:
        raise InputError(f"{made.where}: no segment; give the table of a finished run")
    if made.purity is not None and not 0 < made.purity <= 1:
        raise InputError(f"{made.where}: purity {made.purity}; it must be above 0 and at most 1")
    for row in made.segments.itertuples():
        length = genome.lengths.get(plain(row.chrom))
        if length is None:
            raise InputError(f"{made.where}: contig {row.chrom!r} is not in {genome.name}; give the right --genome")
        if not 1 <= row.start <= row.end <= length:
            raise InputError(
                f"{made.where}: {row.chrom}:{row.start}-{row.end} is not within the contig's {length} bases of "
                f"{genome.name}; give the --genome of that run"
            )
    _check_overlap(made)
    wrong = made.segments["minor"] > MOST_MINOR * made.segments["copies"] + 0.5
    if wrong.any():
        row = made.segments[wrong].iloc[0]
        raise InputError(
            f"{made.where}: {row['chrom']}:{row['start']} has {row['minor']:g} minor copies of {row['copies']:g} in "
            "all; the columns are mixed up or the file is damaged"
        )


def _check_overlap(made: Foreign) -> None:
    """Refuse a place with two states: which of them holds cannot be told."""
    placed = made.segments.assign(contig=made.segments["chrom"].map(plain)).sort_values(["contig", "start", "end"])
    for one, two in pairwise(placed.itertuples()):
        if one.contig == two.contig and two.start <= one.end:
            raise InputError(
                f"{made.where}: {two.chrom}:{two.start}-{two.end} overlaps {one.chrom}:{one.start}-{one.end}; keep one "
                "row for each place"
            )


def _capped(made: Foreign) -> Foreign:
    """Take more copies than our states know as the most they know."""
    table = made.segments
    above = table["copies"] > MAX_COPIES
    if not above.any():
        return made
    kept = table.assign(copies=table["copies"].clip(upper=MAX_COPIES))
    kept["minor"] = kept["minor"].mask(above, kept["minor"].clip(upper=MAX_COPIES / 2))
    text = f"more than {MAX_COPIES} copies in {int(above.sum())} of {len(table)} segments: taken as {MAX_COPIES}"
    note = {"code": "copies_capped", "value": int(above.sum()), "message": text}
    return replace(made, segments=kept, warnings=(*made.warnings, note))


def _weighted(made: Foreign) -> tuple[pd.DataFrame, pd.DataFrame]:
    segments, solutions = [], []
    for row in made.segments.itertuples():
        normal, purity = row.normal, made.purity
        place = {"chrom": row.chrom, "start": int(row.start), "end": int(row.end)}
        states = []
        if purity is not None and not np.isnan(row.copies):
            errors = copy_errors(row.copies, purity, row.n_sites, row.n_het, normal)
            states = weigh_states(row.copies, row.minor, errors, neutral_state(made.doubled, normal), normal)
        names = ("total_cn", "minor_cn", "ccf", "ccf_lower", "ccf_upper", "probability")
        best = dict.fromkeys(names) if not states else dict(states[0])
        alike = [s["probability"] for s in states if all(s[k] == best[k] for k in names[:2])]
        best["probability"] = sum(alike) if alike else None
        segments.append(
            place | {"n_snps": int(row.n_sites), "n_het": int(row.n_het)} | _ratio(row, made, normal) | best
        )
        keep = ("total_cn", "minor_cn", "ccf", "probability")
        solutions += [{"solution": 0} | place | {name: state[name] for name in keep} for state in states]
    return pd.DataFrame(segments, columns=schemas.SEGMENTS.names), pd.DataFrame(
        solutions, columns=schemas.SOLUTIONS.names
    )


def _ratio(row, made: Foreign, normal: int) -> dict:
    """Log ratio that the copies stand for, and its error from the sites behind it; the allelic one is not told."""
    ratio = 0.0
    if made.purity is not None and not np.isnan(row.copies):
        p = made.purity
        ratio = np.log2(max(p * row.copies + (1 - p) * normal, 0.01) / (p * made.ploidy + (1 - p) * 2))
    reach = Z90 * np.hypot(LOG_RATIO_WAVE, LOG_RATIO_SD / np.sqrt(max(row.n_sites, 1)))
    empty = dict.fromkeys(("log_odds", "log_odds_lower", "log_odds_upper"))
    return {"log_ratio": ratio, "log_ratio_lower": ratio - reach, "log_ratio_upper": ratio + reach} | empty


def _posterior(segments: pd.DataFrame, solutions: pd.DataFrame, made: Foreign):
    """The states as `twohit.copynumber.joined` sums over them for arms and genes."""
    from twohit.copynumber.joined import Posterior, events

    number = {(row.chrom, row.start): k for k, row in enumerate(segments.itertuples())}
    total, minor = solutions["total_cn"].to_numpy(int), solutions["minor_cn"].to_numpy(int)
    place = np.array([number[key] for key in zip(solutions["chrom"], solutions["start"], strict=True)])
    copies = made.segments["normal"].to_numpy(int)[place]
    neutral = np.array([neutral_state(made.doubled, n)[0] for n in copies])
    event, gain = events(total, minor, copies, neutral)
    ccf, chance = solutions["ccf"].to_numpy(float), solutions["probability"].to_numpy(float)
    none, first = np.full(len(place), -1), np.zeros(len(place), dtype=int)
    return Posterior(first, place, total, minor, none, ccf, event, gain, chance)


def _summary(made: Foreign, sample: str) -> dict:
    purity = {"purity": made.purity, "purity_lower": made.purity_lower, "purity_upper": made.purity_upper}
    message = f"copy number, purity and ploidy are those of {made.program}, which tells one solution only"
    return {
        "schema_version": SCHEMA_VERSION,
        "sample": sample,
        **purity,
        "ploidy": made.ploidy,
        "ploidy_lower": made.ploidy,
        "ploidy_upper": made.ploidy,
        "wgd": float(made.doubled),
        "identifiable": made.purity is not None,
        "fixed_by_hand": False,
        "warnings": [{"code": "imported", "value": None, "message": message}, *made.warnings],
        "alternatives": [{**purity, "ploidy": made.ploidy, "wgd": made.doubled, "weight": 1.0}],
        "sex_seen": made.sex_seen,
    }
