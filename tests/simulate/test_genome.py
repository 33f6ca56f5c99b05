"""The compact genome, its gene models and targets."""

import shutil
import subprocess

import numpy as np
import pytest

from twohit.genome.contigs import load_genome
from twohit.simulate.blueprint import PANEL_GENES
from twohit.simulate.codes import CODON_TABLE, reverse_complement, substitutions, translate
from twohit.simulate.consequence import effect_of
from twohit.simulate.genes import read_fact
from twohit.tables import read_json

CSQ_TERMS = {
    "synonymous": "synonymous_variant", "missense": "missense_variant", "stop_gained": "stop_gained",
    "frameshift": "frameshift_variant", "inframe_insertion": "inframe_insertion", "stop_lost": "stop_lost",
    "inframe_deletion": "inframe_deletion", "start_lost": "start_lost", "stop_retained": "synonymous_variant",
}  # fmt: skip


def test_the_codon_table_is_the_standard_code():
    assert len(CODON_TABLE) == 64
    assert (CODON_TABLE["ATG"], CODON_TABLE["TGG"], CODON_TABLE["CAG"], CODON_TABLE["CCT"]) == ("M", "W", "Q", "P")
    assert sorted(codon for codon, amino in CODON_TABLE.items() if amino == "*") == ["TAA", "TAG", "TGA"]
    assert (0, "T", "*") in substitutions("CAG")
    assert len(substitutions("CAG")) == 9


def test_tnfrsf17_has_its_real_protein_exons_and_codon_38():
    cds = read_fact("TNFRSF17_cds.fa")
    protein = translate(cds)
    assert len(cds) == 555 and protein.endswith("*") and "*" not in protein[:-1]
    assert protein.startswith("MLQMAGQCSQNEYFDSLLHACIPCQLRCSSNTPPLTCQRYCNASVTNSVKG")
    assert cds[111:114] == "CAG" and protein[37] == "Q"


def test_tnfrsf17_and_tp53_on_the_genome(tiny):
    bcma, p53 = tiny.reference.gene("TNFRSF17"), tiny.reference.gene("TP53")
    assert [end - start for start, end in bcma.exons] == [245, 147, 499]
    assert [end - start for start, end in bcma.coding] == [130, 147, 278]
    assert (bcma.strand, p53.strand) == ("+", "-")
    assert translate(p53.cds)[277] == "P" and p53.cds[831:834] == "CCT" and len(p53.cds) == 1182


@pytest.mark.parametrize("which", ["tiny", "demo"])
def test_every_gene_reads_from_the_genome_as_its_model_says(which, request):
    reference = request.getfixturevalue(which).reference
    for gene in reference.genes:
        spliced = "".join(reference.base(gene.chrom, start, end) for start, end in gene.coding)
        spliced = spliced if gene.strand == "+" else reverse_complement(spliced)
        assert spliced == gene.cds
        assert translate(gene.cds).find("*") == len(gene.cds) // 3 - 1
        introns = [(left[1], right[0]) for left, right in zip(gene.exons, gene.exons[1:])]
        for start, end in introns:
            text = reference.base(gene.chrom, start, end)
            text = text if gene.strand == "+" else reverse_complement(text)
            assert text.startswith("GT") and text.endswith("AG")


def test_the_demo_has_every_panel_gene_on_its_arm_in_order(demo):
    genome = {arm: (chrom, start, end) for arm, chrom, start, end in demo.reference.arms}
    assert len(genome) == 41
    for item in PANEL_GENES:
        gene = demo.reference.gene(item.gene)
        chrom, start, end = genome[item.arm]
        assert gene.chrom == chrom and start <= gene.start and gene.end <= end and gene.strand == item.strand
    for arm in {item.arm for item in PANEL_GENES}:
        starts = [demo.reference.gene(item.gene).start for item in PANEL_GENES if item.arm == arm]
        assert starts == sorted(starts)
    ordinary = [gene for gene in demo.reference.genes if not gene.panel]
    assert {gene.arm for gene in ordinary} == set(genome) and {gene.strand for gene in ordinary} == {"+", "-"}


def test_the_demo_has_the_size_asked_for(demo):
    size = sum(end - start for _, start, end in demo.reference.targets)
    assert 200_000 <= size <= 260_000
    assert 2e6 <= sum(demo.reference.lengths.values()) <= 3e6
    letters = np.concatenate(list(demo.reference.sequence.values()))
    assert set(np.unique(letters)) == set(b"ACGT")


def test_written_reference_loads(tiny, tiny_folder):
    genome = load_genome(tiny_folder / "reference" / "genome.json")
    assert genome.lengths == {chrom[3:]: length for chrom, length in tiny.reference.lengths.items()}
    assert genome.centromeres["13"] == 0 and genome.centromeres["16"] > 0
    text = (tiny_folder / "reference" / "genome.fa").read_text()
    records = dict(
        (part.split("\n", 1)[0], part.split("\n", 1)[1].replace("\n", "")) for part in text.split(">") if part
    )
    assert list(records) == ["chr1", "chr11", "chr12", "chr13", "chr16", "chr17", "chrX"]
    assert all(records[chrom] == array.tobytes().decode() for chrom, array in tiny.reference.sequence.items())


def test_bcftools_csq_agrees_on_every_coding_variant(tiny, tiny_folder, tmp_path):
    bcftools = shutil.which("bcftools")
    assert bcftools, "bcftools is part of the environment"
    vcf = tmp_path / "truth.vcf"
    rows = ["##fileformat=VCFv4.2"]
    rows += [f"##contig=<ID={chrom},length={length}>" for chrom, length in tiny.reference.lengths.items()]
    rows.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    rows += [f"{v.chrom}\t{v.pos + 1}\t.\t{v.ref}\t{v.alt}\t.\t.\t." for v in tiny.variants]
    vcf.write_text("\n".join(rows) + "\n")
    folder = tiny_folder / "reference"
    command = [bcftools, "csq", "-p", "a", "-l", "-f", folder / "genome.fa", "-g", folder / "genes.gff3", vcf]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    called = {}
    for line in done.stdout.splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and "BCSQ=" in cells[7]:
            called[cells[0], int(cells[1]), cells[3], cells[4]] = cells[7].split("BCSQ=")[1].split(",")[0].split("|")
    compared = 0
    for item in tiny.variants:
        effect = effect_of(tiny.index, item.chrom, item.pos, item.ref, item.alt)
        told = called.get((item.chrom, item.pos + 1, item.ref, item.alt))
        term = CSQ_TERMS.get(told[0].split("&")[0]) if told else None
        if term is not None or effect.consequence in CSQ_TERMS.values():
            compared += 1
            assert (term, told[1]) == (effect.consequence, effect.gene)
    assert compared > 100
    q38 = next(item for item in tiny.variants if item.label == "deletion_plus_stop")
    told = called[q38.chrom, q38.pos + 1, "C", "T"]
    assert told[0] == "stop_gained" and told[1] == "TNFRSF17" and told[5] == "38Q>38*"


def test_genome_json_states_its_name(tiny_folder):
    assert read_json(tiny_folder / "reference" / "genome.json")["name"] == "compact_tiny"


def test_short_repeats_are_what_they_are_said_to_be(demo):
    units = set()
    for chrom, start, length, unit in demo.reference.repeats:
        text = demo.reference.base(chrom, start - 1, start + length + 1)
        inside = text[1:-1]
        assert inside == inside[:unit] * (length // unit) and len(set(inside)) == unit
        assert text[0] != inside[-1] and text[-1] != inside[0]
        units.add(unit)
    assert units == {1, 2} and len(demo.reference.repeats) > 50
    assert not any(
        item.chrom == chrom and start <= item.pos < start + length
        for item in demo.variants
        for chrom, start, length, _ in demo.reference.repeats
    )


def test_the_paralogue_is_a_diverged_copy_that_is_captured_too(tiny):
    chrom, start, end = tiny.reference.extra_capture[0]
    source = next(gene for gene in tiny.reference.genes if gene.arm == "17q" and not gene.panel)
    copy = tiny.reference.sequence[chrom][start:end]
    begin, stop = source.exons[0]
    differing = np.mean(copy != tiny.reference.sequence[source.chrom][begin:stop])
    assert end - start == stop - begin and differing < 0.06
    spans = [(begin, stop) for _, begin, stop in tiny.reference.extra_capture]
    original = np.concatenate([tiny.reference.sequence[source.chrom][s:e] for s, e in source.exons])
    copied = np.concatenate([tiny.reference.sequence[chrom][s:e] for s, e in spans])
    assert 0.003 < np.mean(original != copied) < 0.04
