"""Hand-made evidence folders: every table is written through its schema, as the pipeline would."""

import json
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.tables import write_json, write_table
from twohit.variants.detection import SiteErrors, detect

GENOME = {
    "name": "mini",
    "contigs": [
        {"name": "1", "length": 2_000_000, "centromere": 900_000},
        {"name": "16", "length": 1_000_000, "centromere": 400_000},
        {"name": "17", "length": 900_000, "centromere": 300_000},
        {"name": "X", "length": 1_500_000, "centromere": 600_000},
        {"name": "Y", "length": 500_000, "centromere": 100_000},
    ],
}
PLACES = {  # gene: contig, start, end
    "TNFRSF17": ("16", 100_001, 103_000),
    "TP53": ("17", 50_001, 70_000),
    "CD38": ("1", 200_001, 230_000),
    "KDM6A": ("X", 300_001, 340_000),
    "UTY": ("Y", 200_001, 240_000),
}
LENGTHS = {contig["name"]: contig["length"] for contig in GENOME["contigs"]}
ERRORS = SiteErrors(0.5, 999.5)  # one base of 2,000 is wrong


def mutation(gene: str, offset: int = 100, label: str = "p.Q38*", alt: int = 50, depth: int = 100, **more) -> dict:
    """One row of a variants table; `elsewhere` keys of VARIANTS may be given."""
    chrom, start, _ = PLACES[gene]
    row = {
        "chrom": chrom,
        "pos": start + offset,
        "ref": "C",
        "alt": "T",
        "origin": "somatic",
        "gene": gene,
        "transcript": "T1",
        "consequence": "stop_gained",
        "hgvs_c": "c.112C>T",
        "hgvs_p": label,
        "protein_length": 184,
        "loss_judgement": "loss",
        "loss_reason": "stop codon",
        "filter": "PASS",
        "filter_gatk": "PASS",
        "filter_twohit": "PASS",
        "somatic_posterior": 0.999,
        "tumor_ref": depth - alt,
        "tumor_alt": alt,
        "normal_ref": 100,
        "normal_alt": 0,
    }
    if more.get("origin") == "germline":
        row |= {"somatic_posterior": None, "normal_ref": 50, "normal_alt": 50}
    return row | more


def key(row: dict) -> str:
    """Name of a variant as in the phase table."""
    return f"{row['chrom']}:{row['pos']}:{row['ref']}:{row['alt']}"


def counted(*rows: dict) -> list[tuple[dict, int, int]]:
    """Reads of variant rows as `Folder.genotypes` takes them."""
    return [(row, row["tumor_alt"], row["tumor_ref"] + row["tumor_alt"]) for row in rows]


class Folder:
    """Builds one patient's evidence folder."""

    def __init__(self, path: Path, patient: str = "P1", sex: str | None = "female", normal: str | None = "N1"):
        self.path, self.patient, self.sex, self.normal = Path(path), patient, sex, normal
        self.path.mkdir(parents=True, exist_ok=True)
        self.rows: list[dict] = []
        self.genome = self.path / "mini.json"
        self.genome.write_text(json.dumps(GENOME))
        self.panel(list(PLACES))
        if normal:
            self._row(normal, "normal", None, None)

    def _row(self, sample: str, kind: str, timepoint: str | None, day: int | None) -> None:
        self.rows.append(
            {
                "patient": self.patient,
                "sample": sample,
                "kind": kind,
                "timepoint": timepoint,
                "day": day,
                "sex": self.sex,
            }
        )
        write_table(pd.DataFrame(self.rows), schemas.SAMPLES, self.path / "samples.tsv")

    def panel(self, genes: list[str]) -> "Folder":
        """Write the panel."""
        rows = [{"gene": gene, "role": "target", "reason": None, "citation": None} for gene in genes]
        self.panel_path = self.path / "panel.tsv"
        write_table(pd.DataFrame(rows), schemas.PANEL, self.panel_path)
        return self

    def tumour(self, sample: str = "T1", timepoint: str | None = "relapse", day: int | None = 270) -> "Folder":
        """Add a tumour sample without any evidence."""
        self._row(sample, "tumor", timepoint, day)
        return self

    def copies(self, states: list[dict] | dict, sample: str = "T1", purity=0.85, width=0.02, **more) -> "Folder":
        """Write the fit, solutions and segments; `states`: {chrom: (total, minor, ccf)}, one dict per solution.

        Contigs not named are normal; a list of solutions may carry `weight` (key) and `purity` (key).
        """
        states = states if isinstance(states, list) else [states]
        alternatives = [
            {
                "purity": one.get("purity", purity),
                "ploidy": 2.0,
                "wgd": 0.0,
                "weight": one.get("weight", 1 / len(states)),
            }
            for one in states
        ]
        fit = {"schema_version": "1.0", "sample": sample, "purity": purity, "purity_lower": purity and purity - width,
               "purity_upper": purity and min(1.0, purity + width), "ploidy": 2.0,
               "ploidy_lower": 1.9, "ploidy_upper": 2.1,
               "wgd": 0.0, "identifiable": True, "fixed_by_hand": False, "warnings": [], "alternatives": alternatives,
               "sex": self.sex}  # fmt: skip
        write_json(fit | more, self.path / f"{sample}.purity_ploidy.json")
        solutions, segments = [], []
        for number, one in enumerate(states):
            for chrom, length in LENGTHS.items():
                if chrom == "Y" and self.sex != "male":
                    continue
                male = self.sex == "male" and chrom in "XY"
                total, minor, ccf = one.get(chrom, (1, 0, 1.0) if male else (2, 1, 1.0))
                base = {"chrom": chrom, "start": 1, "end": length, "total_cn": total, "minor_cn": minor, "ccf": ccf}
                solutions.append({"solution": number, "probability": 1.0} | base)
                if number == 0:
                    near = {"ccf_lower": max(0.0, ccf - 0.03), "ccf_upper": min(1.0, ccf + 0.03), "probability": 1.0}
                    odds = {"log_odds": 0.0, "log_odds_lower": 0.0, "log_odds_upper": 0.06}
                    ratio = {"log_ratio": 0.0, "log_ratio_lower": -0.012, "log_ratio_upper": 0.012}
                    segments.append({"n_snps": 800, "n_het": 240} | base | near | odds | ratio)
        write_table(pd.DataFrame(solutions), schemas.SOLUTIONS, self.path / f"{sample}.solutions.tsv")
        write_table(pd.DataFrame(segments), schemas.SEGMENTS, self.path / f"{sample}.segments.tsv")
        return self

    def coverage(
        self, sample: str = "T1", mean: float = 110, low: float = 70, genes: list[str] | None = None
    ) -> "Folder":
        """Write gene_coverage.tsv."""
        rows = [
            {"gene": gene, "chrom": PLACES[gene][0], "start": PLACES[gene][1], "end": PLACES[gene][2], "n_bases": 555,
             "mean_depth": mean, "min_depth": low, "fraction_10x": 1.0, "fraction_30x": 1.0, "fraction_100x": 0.6}
            for gene in (genes or list(PLACES))
        ]  # fmt: skip
        write_table(pd.DataFrame(rows), schemas.GENE_COVERAGE, self.path / f"{sample}.gene_coverage.tsv")
        return self

    def somatic(self, rows: list[dict], sample: str = "T1") -> "Folder":
        """Write T.variants.tsv."""
        frame = pd.DataFrame(rows, columns=schemas.VARIANTS.names)
        write_table(frame, schemas.VARIANTS, self.path / f"{sample}.variants.tsv")
        return self

    def germline(self, rows: list[dict]) -> "Folder":
        """Write N.germline.variants.tsv."""
        frame = pd.DataFrame(rows, columns=schemas.VARIANTS.names)
        write_table(frame, schemas.VARIANTS, self.path / f"{self.normal}.germline.variants.tsv")
        return self

    def genotypes(self, counts: list[tuple[dict, int, int]], sample: str = "T1") -> "Folder":
        """Write T.genotypes.tsv from (variant row, alt, depth)."""
        rows = [
            {"sample": sample, **{name: row[name] for name in ("chrom", "pos", "ref", "alt")},
             "ref_count": depth - alt, "alt_count": alt, "depth": depth, **vars(detect(alt, depth, ERRORS))}
            for row, alt, depth in counts
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=schemas.GENOTYPES.names)
        write_table(frame, schemas.GENOTYPES, self.path / f"{sample}.genotypes.tsv")
        return self

    def phase(
        self, first: dict, second: dict, both: int, one: int, two: int, neither: int = 10, sample="T1"
    ) -> "Folder":
        """Write T.phase.tsv with one pair."""
        row = {"sample": sample, "gene": first["gene"], "variant_1": key(first), "variant_2": key(second),
               "n_both": both,
               "n_first": one, "n_second": two, "n_neither": neither}  # fmt: skip
        write_table(pd.DataFrame([row]), schemas.PHASE, self.path / f"{sample}.phase.tsv")
        return self

    def arms(self, states: dict[str, tuple[int, int, float]], sample: str = "T1") -> "Folder":
        """Write S.arms.tsv from {arm: (total, minor, ccf)}."""
        names = {(1, 0): "loh", (2, 1): "neutral", (2, 0): "copy_neutral_loh", (0, 0): "homozygous_loss"}
        rows = [
            {"arm": arm, "total_cn": total, "minor_cn": minor, "ccf": ccf, "ccf_lower": max(ccf - 0.03, 0.0),
             "ccf_upper": min(ccf + 0.03, 1.0), "probability": 0.99, "state": names.get((total, minor), "gain"),
             "p_homozygous_loss": 0.0, "p_loh": float(minor == 0),
             "p_copy_neutral_loh": float((total, minor) == (2, 0)), "p_gain": float(total > 2)}
            for arm, (total, minor, ccf) in states.items()
        ]  # fmt: skip
        write_table(pd.DataFrame(rows), schemas.ARMS, self.path / f"{sample}.arms.tsv")
        return self

    def judge(self, report_germline: bool = True, genes: Path | None = None, **parameters) -> dict:
        """Judge the folder, with changed parameters; returns {(gene, sample): entry}."""
        from pathlib import Path as P

        from twohit.biallelic.evidence import read_evidence
        from twohit.biallelic.parameters import Parameters
        from twohit.biallelic.patient import judge_patient
        from twohit.genome.contigs import load_genome

        evidence = read_evidence(self.patient, self.path, P(self.panel_path), genes)
        result = judge_patient(evidence, load_genome(self.genome), Parameters(**parameters), report_germline)
        return {(entry["gene"], entry["sample"]): entry for entry in result["verdicts"]}
