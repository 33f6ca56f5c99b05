"""Consequences of the alleles of a VCF: bcftools norm and csq, the chosen transcript of each gene, names, judgement."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from twohit.errors import InputError
from twohit.genome.reference import Reference
from twohit.genome.transcripts import GeneModels, Transcript, choose_transcript, read_gff
from twohit.schemas import VARIANTS
from twohit.variants.calls import read_allele_record, sample_columns
from twohit.variants.coding import PLAIN_BASES, trim
from twohit.variants.csq import Request, annotated_calls
from twohit.variants.given_genes import bare, resolve, row_without_model
from twohit.variants.hgvs import Names, name_variant
from twohit.variants.judgement import judge
from twohit.variants.protein import ontology
from twohit.variants.terms import CODING, INTERGENIC, by_severity, given_terms


def annotate(request: Request) -> pd.DataFrame:
    """Annotate every allele of a VCF.

    Returns
    -------
    DataFrame
        Columns of `twohit.schemas.VARIANTS`, one row per allele and gene, in VCF order; alleles of a filter too.

    Raises
    ------
    InputError
        If bcftools is missing, a sample is not in the VCF, the GFF3 is not Ensembl-style, or VCF, GFF3 and FASTA
        are not of one build.
    """
    import pysam

    with Reference(request.reference) as reference, tempfile.TemporaryDirectory() as folder:
        samples = sample_columns(request)
        annotated = annotated_calls(request, Path(folder))
        with pysam.VariantFile(str(annotated)) as records:
            alleles = [allele for record in records if (allele := read_allele_record(record, samples)) is not None]
        models = read_gff(request.gff, _genes_named(alleles, request))
        _check_contigs(models, reference, request)
        if request.annotator != "csq":
            alleles = [resolve(allele, models) for allele in alleles]
        rows = [row for allele in alleles for row in _rows(allele, models, reference, request)]
    return _without_repeats(pd.DataFrame(rows, columns=VARIANTS.names))


def _genes_named(alleles: list[dict], request: Request) -> frozenset[str]:
    """Symbols and ids of the genes that the alleles are told on, those of the panel where it restricts."""
    if request.genes is not None and request.annotator != "csq":
        return request.genes
    named = {entry[1] for allele in alleles for entry in allele["entries"]}
    for entry in (entry for allele in alleles for entry in allele["given"]):
        named |= {entry.symbol, entry.gene_id, bare(entry.gene_id)}
    return frozenset(named if request.genes is None else named & request.genes)


def _without_repeats(table: pd.DataFrame) -> pd.DataFrame:
    """Keep one row per allele and gene (a VCF can hold an allele twice after normalisation), a passing one first."""
    keys = ["chrom", "pos", "ref", "alt", "gene"]
    passing_first = table.assign(failed=table["filter"] != "PASS").sort_values("failed", kind="stable")
    return table.loc[sorted(passing_first.drop_duplicates(keys).index)].reset_index(drop=True)


def _check_contigs(models: GeneModels, reference: Reference, request: Request) -> None:
    for transcripts in models.transcripts.values():
        for transcript in transcripts:
            length = reference.lengths.get(transcript.chrom)
            if length is None or transcript.end > length:
                what = (
                    "is not a contig"
                    if length is None
                    else f"has {length} bases, {transcript.id} ends at {transcript.end}"
                )
                raise InputError(
                    f"{request.gff}: {transcript.chrom} {what} in {request.reference}; give a GFF3 of the same build"
                )


def _rows(allele: dict, models: GeneModels, reference: Reference, request: Request) -> Iterator[dict]:
    """Yield the rows of one allele: one per gene it lies in, or one without a gene."""
    told_by = ("entries", "given", "names")
    fixed = {name: allele[name] for name in allele if name not in told_by} | {"origin": request.origin}
    by_gene: dict[str, dict[str, list[str]]] = {}
    for entry in allele["entries"]:
        by_gene.setdefault(entry[1], {}).setdefault(entry[2], []).extend(given_terms(entry[0]))
    if request.genes is not None:
        by_gene = {gene: told for gene, told in by_gene.items() if gene in request.genes}
        if not by_gene:
            return
    if not set(allele["alt"]) <= PLAIN_BASES:
        reason = "a symbolic allele: its bases are not in the VCF"
        yield (
            fixed
            | dict.fromkeys(("gene", "transcript", "consequence", "hgvs_c", "hgvs_p"))
            | _judged("uncertain", reason)
        )
        return
    if not by_gene:
        nothing = dict.fromkeys(("gene", "transcript", "hgvs_c", "hgvs_p")) | {"consequence": INTERGENIC}
        yield fixed | nothing | _judged("no_loss", "between genes")
    for gene, told in by_gene.items():
        yield fixed | _on_gene(allele, gene, told, models, reference, request)


def _on_gene(allele, gene, told, models, reference, request: Request) -> dict:
    """Tell one allele's consequence on one gene's chosen transcript."""
    there = [t for t in models.transcripts.get(gene, ()) if t.chrom == allele["chrom"]]
    given = request.annotator != "csq"
    told = _every_transcript(allele, told, there)
    hit = [t for t in there if t.id in told]
    if not hit and given:
        row, judgement = row_without_model(gene, told, allele["names"], request.hotspots)
        return row | _judged(*judgement)
    if not hit:
        terms = by_severity(term for found in told.values() for term in found)
        blank = {"gene": gene, "transcript": None, "consequence": "&".join(terms), "hgvs_c": None, "hgvs_p": None}
        return blank | _judged(*judge(terms, None, None, gene, request.hotspots))
    chosen = choose_transcript(there)
    transcript = chosen if chosen.id in told else choose_transcript(hit)
    model = reference.coding_transcript(transcript)
    names = name_variant(model, allele["pos"], allele["ref"], allele["alt"], reference.lengths[allele["chrom"]])
    parts = _whole_parts_deleted(transcript, allele)
    translated = by_severity([*_reconciled(told[transcript.id], names), *parts])
    terms = by_severity([*told[transcript.id], *parts]) if given else translated
    judgement, reason = judge(translated, names, model, gene, request.hotspots, request.epitopes)
    if request.scores is not None:
        place = tuple(allele[name] for name in ("chrom", "pos", "ref", "alt"))
        judgement, reason = request.scores.judge(judgement, reason, translated, place)
    if transcript is not chosen and judgement in ("loss", "epitope_altered"):
        judgement, reason = "uncertain", f"{reason}, but only outside {chosen.id}, the gene's chosen transcript"
    return {
        "gene": gene,
        "transcript": transcript.id,
        "consequence": "&".join(terms),
        "hgvs_c": names.c,
        "hgvs_p": names.p,
        "protein_length": protein_length(transcript),
        **_judged(judgement, reason),
    }


def _reconciled(terms: list[str], names: Names) -> list[str]:
    """Put what translation shows in place of csq's terms for the coding sequence; splice terms stay csq's.

    csq 1.16 calls a block substitution that brings a stop behind a changed residue missense, and a base of a UTR
    intron when the GFF3 has no UTR lines.
    """
    found = ontology(names.protein, names.grown) if names.protein else ()
    if found:
        return [term for term in terms if term not in CODING and term != "intron_variant"] + list(found)
    if names.protein is None and names.exonic and names.c and names.c.startswith(("c.-", "c.*")):
        utr = "5_prime_UTR_variant" if names.c.startswith("c.-") else "3_prime_UTR_variant"
        return [utr, *(term for term in terms if term not in CODING and term != "intron_variant")]
    return terms


def _every_transcript(allele, told, there) -> dict[str, list[str]]:
    """Give what csq tells without a transcript (introns, non-coding genes) to each transcript the allele lies in."""
    end = allele["pos"] - 1 + len(allele["ref"])
    over = [t.id for t in there if t.start < end and allele["pos"] - 1 < t.end]
    return {name: told.get(name, told.get("", [])) for name in over if name in told or "" in told} | {
        name: terms for name, terms in told.items() if name
    }


def protein_length(transcript: Transcript) -> int | None:
    """Residues of a transcript's protein, the stop codon not among them; None where it is cut off or not coding."""
    cut = {"cds_start_NF", "cds_end_NF"} & transcript.tags or transcript.cds_offset or transcript.phase
    return None if cut or transcript.cds_length < 6 else transcript.cds_length // 3 - 1


def _judged(judgement: str, reason: str) -> dict[str, str]:
    return {"loss_judgement": judgement, "loss_reason": reason}


def _whole_parts_deleted(transcript: Transcript, allele: dict) -> list[str]:
    """Terms for a deletion that takes whole coding exons or the whole coding sequence."""
    change = trim(allele["pos"], allele["ref"], allele["alt"])
    gone = [change.start <= start and end <= change.end for start, end in transcript.cds]
    if not any(gone) or len(change.alt) >= len(change.ref):
        return []
    return ["transcript_ablation" if all(gone) else "exon_loss_variant"]
