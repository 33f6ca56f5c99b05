"""Genes and transcripts of a given annotation, as the GFF3 calls them; judgement where the GFF3 lacks them."""

from twohit.genome.transcripts import GeneModels
from twohit.variants.amino import one_letter
from twohit.variants.given_alleles import Entry
from twohit.variants.judgement import ABLATION, SPLICE, TRUNCATING, Judgement
from twohit.variants.terms import by_severity

LOSING = (*ABLATION, *SPLICE, *TRUNCATING, "start_lost")
PREFIXES = ("transcript:", "gene:")


def resolve(allele: dict, models: GeneModels) -> dict:
    """Give an allele's given entries the form of csq's, with the GFF3's names of genes and transcripts.

    Returns
    -------
    dict
        The allele with `entries` ([terms, gene, transcript]) and `names` by (gene, transcript).
    """
    if not allele["given"]:
        return allele | {"names": {}}
    by_id = {bare(gene.id): name for name, genes in models.genes.items() for gene in genes}
    entries, names = [], {}
    for entry in allele["given"]:
        gene = entry.symbol if entry.symbol in models.genes else by_id.get(bare(entry.gene_id), entry.symbol)
        gene = gene or bare(entry.gene_id)
        if not gene:
            continue
        known = {bare(found.id): found.id for found in models.transcripts.get(gene, ())}
        transcript = known.get(bare(entry.transcript), entry.transcript)
        entries.append([entry.terms, gene, transcript])
        names[gene, transcript] = entry
    return allele | {"entries": entries, "names": names}


def bare(name: str) -> str:
    """Id without the prefix of a GFF3 and without its version."""
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    stem, _, version = name.rpartition(".")
    return stem if stem and version.isdigit() else name


def worst(entries: dict[str, list[str]]) -> str:
    """Transcript with the most severe terms; the first of them by name."""
    rank = {term: place for place, term in enumerate(by_severity({t for told in entries.values() for t in told}))}
    return min(sorted(entries), key=lambda name: min((rank[term] for term in entries[name]), default=len(rank)))


def row_without_model(gene: str, told: dict[str, list[str]], names: dict, hotspots: dict) -> tuple[dict, Judgement]:
    """Row and judgement on a transcript that the GFF3 lacks, by the given terms and names alone."""
    transcript = worst(told)
    entry: Entry = names.get((gene, transcript)) or Entry("", "", "", "", "", "")
    terms = by_severity(told[transcript])
    hgvs_p = one_letter(entry.hgvs_p) if entry.hgvs_p else None
    row = {
        "gene": gene,
        "transcript": transcript or None,
        "consequence": "&".join(terms),
        "hgvs_c": entry.hgvs_c.rsplit(":", 1)[-1] or None,
        "hgvs_p": hgvs_p,
    }
    known = hotspots.get((gene, hgvs_p))
    why = "by the given terms alone: the GFF3 lacks the transcript"
    if known:
        return row, ("loss", f"{known.reason} ({known.citation})")
    if any(term in LOSING for term in terms):
        return row, ("loss", f"{terms[0].replace('_', ' ')}, {why}")
    changed = any(term in terms for term in ("missense_variant", "stop_lost", "protein_altering_variant"))
    if changed or any(term.startswith("inframe_") for term in terms):
        return row, ("uncertain", f"{terms[0].replace('_', ' ')}, {why}")
    return row, ("no_loss", f"{terms[0].replace('_', ' ') if terms else 'no consequence'}, {why}")
