"""The HTML page: one file, no network, everything from data escaped by jinja2."""

from pathlib import Path

from markupsafe import Markup

from twohit import __version__
from twohit.biallelic.arm_comparison import DAYS_OF_FISH
from twohit.biallelic.doubts import fingerprint_warnings, mismatch_warning, sex_warning, uncalled
from twohit.biallelic.earlier import by_gene
from twohit.biallelic.evidence import PatientEvidence
from twohit.biallelic.verdict import LOST
from twohit.biallelic.wording import bases, filter_words, percent, percent_up, told_words
from twohit.copynumber.output import file_word, locus_name
from twohit.genome.contigs import Genome
from twohit.places import ASSETS
from twohit.report import figures, halves
from twohit.report.cell_tables import cell_tables
from twohit.report.curves import clone_words
from twohit.report.domains import load_domains
from twohit.report.gene_rows import MAX_GENES, MAX_SAMPLES, gene_rows, headline, missing_rows, removed_rows
from twohit.report.lollipop import lollipop
from twohit.report.mutations import mutation_pictures, patient_maf
from twohit.report.palette import LOOKS, look_name
from twohit.report.pictures import Pictures, fitting
from twohit.report.pileup import pileups
from twohit.report.quality_tables import checksum_rows, contamination_rows, filter_rows, quality_rows, run_rows
from twohit.report.shapes import standalone
from twohit.report.timeline import timeline
from twohit.report.vaf_course import vaf_course
from twohit.report.words import arm_state_words, carrier_words, css_text, probability_words, some, unbroken

TEMPLATES = ASSETS / "report"
PLAIN_VERDICTS = ("intact", "not_assessable")  # genes without a picture of their neighbourhood
KINDS_OF_SIGNS = {"dna": "DNA", "cells": "single cells", "fish": "FISH", "serum": "serum"}
DETAIL_VERDICTS = ("biallelic", "probable_biallelic", "conflict")  # opened on the page


def render_page(
    result: dict, evidence: PatientEvidence, genome: Genome, params: Path | None, versions: Path | None
) -> tuple[str, dict[str, str]]:
    """Render P.report.html, and its drawn figures as files of their own.

    Parameters
    ----------
    result : dict
        What P.biallelic.json holds; germline hits already withheld if they must be.
    evidence : PatientEvidence
        For the figures and quality tables of the folder.
    genome : Genome
    params, versions : Path or None
        Params of the run (JSON) and tools with versions (TSV).

    Returns
    -------
    (str, dict of str to str)
        The page, and SVG files by name.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["percent"] = percent
    environment.filters["percent_up"] = percent_up
    environment.filters["filters"] = filter_words
    environment.filters["arm_state"] = arm_state_words
    environment.filters["bases"] = bases
    environment.filters["probability"] = probability_words
    environment.filters["look"] = look_name
    environment.filters["css_text"] = css_text
    environment.filters["told"] = told_words
    environment.filters["some"] = some
    environment.filters["unbroken"] = unbroken
    environment.filters["carriers"] = carrier_words
    environment.globals.update(
        share_bar=figures.share_bar,
        mini_bar=figures.mini_bar,
        allele_picture=figures.allele_picture,
        chain_bar=figures.chain_bar,
        glyph=figures.verdict_glyph,
        looks=LOOKS,
    )
    settings, tools = run_rows(params, versions)
    qc_samples, qc_rows = quality_rows(evidence)
    pictures = Pictures(evidence.folder)
    genes = gene_rows(result, any(sample.cells is None for sample in evidence.samples))
    shown = {gene["gene"] for gene in genes[:MAX_GENES]}
    told = {gene: entries for gene, entries in by_gene(result["verdicts"]).items() if gene in shown}
    context = {
        "result": result,
        "version": __version__,
        # files of the checkout, with nothing of a patient in them
        "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # nosec B704
        "script": Markup((TEMPLATES / "script.js").read_text(encoding="utf-8")),  # nosec B704
        "genes": genes[:MAX_GENES],
        "genes_left_out": max(len(genes) - MAX_GENES, 0),
        "headline": headline(genes),
        "many": len(result["samples"]) > MAX_SAMPLES,
        "removed": removed_rows(result),
        "missing": missing_rows(result["missing"]),
        "cell_mutations": halves.mutation_rows(evidence),
        "checksums": checksum_rows(evidence.folder),
        "warnings": _warnings(result, evidence),
        "lollipops": _lollipops(told, evidence),
        "vaf_courses": _vaf_courses(told),
        "pileups": (drawn := pileups(result, evidence)),
        "reads": fitting(drawn, [gene["gene"] for gene in genes[:MAX_GENES]]),
        "mutation_pictures": mutation_pictures(patient_maf(evidence, genome)),
        "views": _genome_views(evidence, genome, pictures),
        "comparison": _comparison(evidence, pictures),
        "surfaces": _surfaces(evidence, pictures),
        "loci": _loci(result, pictures),
        "timeline": timeline(evidence, _lost_targets(result)),
        "clones": clone_words(evidence),
        "cell_rows": halves.cell_rows(result, evidence),
        "cells_told": evidence.cells,
        "cell_sentences": halves.copy_number_sentences(evidence),
        "targets": halves.target_rows(evidence),
        "cell_tables": cell_tables(evidence),
        "cell_pictures": halves.pictures_of(evidence, pictures, halves.CELL_PICTURES),
        "clinical_pictures": halves.pictures_of(evidence, pictures, halves.CLINICAL_PICTURES),
        "expansions": halves.expansion_rows(evidence),
        "fish": halves.fish_rows(result, evidence),
        "fish_days": DAYS_OF_FISH,
        "purities": {sample["sample"]: sample["purity"] for sample in result["samples"]},
        "arm_status": halves.STATUS,
        "disagree": halves.DISAGREE,
        "left_out": sorted(pictures.left_out),
        "qc_samples": qc_samples,
        "qc_rows": qc_rows,
        "contamination": contamination_rows(evidence),
        "filters": filter_rows(evidence, result["germline_reported"]),
        "settings": settings,
        "tools": tools,
        "kinds_of_signs": KINDS_OF_SIGNS,
        "lost": LOST,
        "detail": DETAIL_VERDICTS,
    }
    return environment.get_template("report.html.j2").render(context), _static_figures(context)


def _static_figures(context: dict) -> dict[str, str]:
    """SVG of what the page draws itself; the other pictures are in the folders of their stages."""
    patient = context["result"]["patient"]
    drawn = {"course": context["timeline"]}
    for kind, name in (("lollipops", "lollipop"), ("vaf_courses", "vaf")):
        drawn |= {f"{file_word(gene)}.{name}": picture for gene, picture in context[kind].items()}
    for gene, pictures in context["pileups"].items():
        drawn |= {f"{file_word(gene)}.reads_{k}": one.svg for k, one in enumerate(pictures, 1)}
    drawn |= {f"{file_word(one['sample'])}.mutations": one["svg"] for one in context["mutation_pictures"]}
    drawn |= {f"{file_word(one['sample'])}.genome": one["svg"] for one in context["views"]}
    for gene in context["genes"]:
        for entry in gene["entries"]:
            if entry["verdict"] not in PLAIN_VERDICTS:
                name = f"{file_word(gene['gene'])}.{file_word(entry['sample'])}"
                drawn[f"{name}.alleles"] = figures.allele_picture(entry, context["purities"].get(entry["sample"]))
                drawn[f"{name}.share"] = figures.share_bar(entry)
    return {f"{patient}.{name}.svg": standalone(picture) for name, picture in drawn.items() if picture is not None}


def _lollipops(told: dict[str, list[dict]], evidence: PatientEvidence) -> dict[str, Markup]:
    """Picture of the mutations of each gene that has some, by gene; length of the protein from the variants' tables."""
    tables = [s.variants for s in evidence.samples if s.variants is not None]
    tables += [evidence.germline] if evidence.germline is not None else []
    lengths = {}
    for table in tables:
        known = table[table["protein_length"].notna()]
        lengths |= {gene: int(rows.max()) for gene, rows in known.groupby("gene")["protein_length"]}
    domains = load_domains()
    made = {}
    for gene, entries in told.items():
        made[gene] = lollipop(gene, entries, lengths.get(gene), domains.get(gene, []))
    return {gene: picture for gene, picture in made.items() if picture is not None}


def _vaf_courses(told: dict[str, list[dict]]) -> dict[str, Markup]:
    """Picture of the counted mutations over the samples, of each gene that has one."""
    made = {gene: vaf_course(gene, entries) for gene, entries in told.items()}
    return {gene: picture for gene, picture in made.items() if picture is not None}


def _warnings(result: dict, evidence: PatientEvidence) -> list[str]:
    """Warnings of the first screen: purity, ties between solutions, contamination, what is missing."""
    wrong_sex = sex_warning(evidence)
    made = [text for text in (mismatch_warning(evidence), wrong_sex) if text]
    for sample in result["samples"]:
        for warning in sample["warnings"]:
            if wrong_sex and warning.get("code") == "sex_mismatch":
                continue
            made.append(f"{sample['sample']}: {warning.get('message') or warning.get('code')}")
        rivals = [item for item in sample["alternatives"] if (item.get("weight") or 0) >= 0.2]
        if len(rivals) > 1:
            words = "; ".join(
                f"purity {percent(item['purity'])}, ploidy {item['ploidy']:.1f} (weight {item['weight']:.2f})"
                for item in rivals
                if item.get("purity") is not None and item.get("ploidy") is not None
            )
            made.append(f"{sample['sample']}: more than one purity/ploidy solution fits: {words}")
    for row in contamination_rows(evidence):
        if row["high"]:
            made.append(f"{row['sample']}: {percent(row['share'])} of the reads come from another person")
    made += fingerprint_warnings(evidence)
    made += halves.join_warnings(result, evidence)
    bare = [sample.sample for sample in evidence.samples if uncalled(sample)]
    if bare:
        made.append(f"{some(bare)}: no somatic calls were given, so no gene is called kept there")
    if not any(sample.cells is None for sample in evidence.samples):
        made.append("The patient has no tumour DNA sample: mutations are unseen, and no gene could be judged")
    return made


def _genome_views(evidence: PatientEvidence, genome: Genome, pictures: Pictures) -> list[dict]:
    """One picture of the genome a sample: the one in the folder if it is small enough, else drawn from the segments."""
    made = []
    for sample in evidence.samples:
        source = pictures.embed(f"{sample.sample}.genome")
        if source is not None:
            made.append({"sample": sample.sample, "source": source, "svg": None})
        elif sample.segments is not None:
            title = f"Total and minor copies of {sample.sample} along the genome"
            drawn = figures.genome_view(sample.segments, genome, title)
            made.append({"sample": sample.sample, "source": None, "svg": drawn})
    return made


def _comparison(evidence: PatientEvidence, pictures: Pictures) -> str | None:
    """Picture of all samples of one segmentation under each other, where there are several."""
    found = [pictures.embed(f"{sample.sample}.comparison") for sample in evidence.samples]
    return next((source for source in found if source is not None), None)


def _surfaces(evidence: PatientEvidence, pictures: Pictures) -> list[dict]:
    """Picture of the posterior over purity and ploidy of each sample."""
    found = [(sample.sample, pictures.embed(f"{sample.sample}.purity_ploidy")) for sample in evidence.samples]
    return [{"sample": name, "source": source} for name, source in found if source is not None]


def _loci(result: dict, pictures: Pictures) -> dict[str, dict[str, str]]:
    """Picture of each gene's neighbourhood, by gene and sample, for genes of which something is told; gravest first."""
    told = [entry for entry in result["verdicts"] if entry["verdict"] not in PLAIN_VERDICTS]
    made: dict[str, dict[str, str]] = {}
    for entry in sorted(told, key=lambda entry: LOOKS[look_name(entry)].rank):
        source = pictures.embed(locus_name(entry["sample"], entry["gene"]))
        if source is not None:
            made.setdefault(entry["gene"], {})[entry["sample"]] = source
    return made


def _lost_targets(result: dict) -> list[str]:
    """Genes that are lost on both alleles in some sample and are the target of a therapy, in order of the panel."""
    lost = {entry["gene"] for entry in result["verdicts"] if entry["verdict"] in LOST}
    return [gene["gene"] for gene in result["genes"] if gene["gene"] in lost and gene["role"] == "target"]
