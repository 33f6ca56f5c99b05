"""prepare_reference.py: one folder of files that agree, or one line that says which does not."""

import gzip
import json
import random
import shutil

import pysam
import pytest

from tests.variants.toy import write_fasta
from twohit import bgzf
from twohit.errors import InputError
from twohit.genome.prepare import Inputs, prepare
from twohit.genome.transcripts import read_gff

RNG = random.Random(2)
CONTIGS = {f"chr{name}": "".join(RNG.choice("ACGT") for _ in range(size)) for name, size in (("1", 900), ("2", 700))}
GFF = """\
##gff-version 3
##sequence-region {p}1 1 900
{p}1 e gene 101 400 . + . ID=gene:G1;Name=TENT5C;biotype=protein_coding
{p}1 e mRNA 101 400 . + . ID=transcript:T1;Parent=gene:G1;biotype=protein_coding
{p}1 e exon 101 200 . + . Parent=transcript:T1
{p}1 e exon 301 400 . + . Parent=transcript:T1
{p}1 e CDS 151 200 . + 0 ID=CDS:P1;Parent=transcript:T1
{p}1 e CDS 301 370 . + 1 ID=CDS:P1;Parent=transcript:T1
{p}KI270728 e gene 1 60 . + . ID=gene:G2;Name=SCAFFOLD;biotype=protein_coding
"""


@pytest.fixture
def files(tmp_path):
    """A FASTA with chr, everything else without: all of it can be mapped."""
    folder = tmp_path / "given"
    folder.mkdir()
    made = {"fasta": write_fasta(folder / "hg.fa", CONTIGS)}
    made["gff"] = folder / "genes.gff3"
    text = GFF.format(p="")
    made["gff"].write_text(
        "\n".join(line if line.startswith("#") else line.replace(" ", "\t") for line in text.split("\n"))
    )
    made["targets"] = folder / "targets.bed"
    made["targets"].write_text("track name=x\n2\t10\t60\tb\n1\t100\t200\ta\n")
    made["sites"] = folder / "sites.vcf"
    made["sites"].write_text(vcf_text("", [("2", 40), ("1", 120), ("1", 50), ("GL000", 5)]))
    made["panel"] = folder / "panel.tsv"
    made["panel"].write_text("gene\trole\treason\tcitation\nTENT5C\t\t\t\n")
    made["genome"] = folder / "genome.json"
    contigs = [{"name": name, "length": len(bases), "centromere": 300} for name, bases in CONTIGS.items()]
    made["genome"].write_text(json.dumps({"name": "toy", "contigs": contigs}))
    return made


def vcf_text(prefix: str, places, lengths=None, info='##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n') -> str:
    header = "##fileformat=VCFv4.2\n" + info
    for name, length in (lengths or {}).items():
        header += f"##contig=<ID={name},length={length}>\n"
    header += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    for name, pos in places:
        bases = CONTIGS.get(f"chr{name}", "N" * 2000)
        ref = bases[pos - 1] if pos <= len(bases) else "A"
        header += f"{prefix}{name}\t{pos}\t.\t{ref}\t{'A' if ref != 'A' else 'C'}\t.\t.\tAF=0.2\n"
    return header


def inputs(files, **changes) -> Inputs:
    usual = {
        "fasta": files["fasta"],
        "gff": files["gff"],
        "targets": files["targets"],
        "vcfs": {"common_snps": files["sites"]},
        "panel": files["panel"],
        "genome": str(files["genome"]),
        "bwa": False,
    }
    return Inputs(**(usual | changes))


def bam(path, lengths):
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": name, "LN": length} for name, length in lengths.items()]}
    with pysam.AlignmentFile(path, "wb", header=header):
        pass
    return path


def test_everything_is_spelt_as_the_fasta_sorted_and_indexed(files, tmp_path):
    out = tmp_path / "out"
    report = prepare(inputs(files), out)
    assert (out / "targets.bed").read_text() == "chr1\t100\t200\ta\nchr2\t10\t60\tb\n"
    models = read_gff(out / "genes.gff3")
    assert set(models.genes) == {"TENT5C"}
    assert models.coding_regions("TENT5C") == [("chr1", 150, 200), ("chr1", 300, 370)]
    with pysam.VariantFile(str(out / "common_snps.vcf.gz")) as sites:
        assert [(r.chrom, r.pos) for r in sites] == [("chr1", 50), ("chr1", 120), ("chr2", 40)]
        assert [r.pos for r in sites.fetch("chr1", 100, 200)] == [120]
    assert "chr1\t900\t" in (out / "genome.fa.fai").read_text()
    assert "SN:chr2\tLN:700" in (out / "genome.dict").read_text()
    assert report["renamed"]["genes.gff3"] == {"1": "chr1"}
    assert report["dropped"] == {"common_snps.vcf.gz": ["GL000"], "genes.gff3": ["KI270728"]}
    assert json.loads((out / "reference_report.json").read_text())["contigs"] == {"chr1": 900, "chr2": 700}
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_what_is_ready_is_reused_byte_for_byte(files, tmp_path):
    prepare(inputs(files), tmp_path / "one")
    ready = Inputs(
        fasta=tmp_path / "one" / "genome.fa",
        vcfs={"common_snps": tmp_path / "one" / "common_snps.vcf.gz"},
        bwa=False,
    )
    report = prepare(ready, tmp_path / "two")
    assert report["built"] == []
    assert set(report["reused"]) == {"genome.fa.fai", "genome.dict", "common_snps.vcf.gz"}
    for name in ("genome.fa.fai", "genome.dict", "common_snps.vcf.gz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_stale_index_is_not_trusted(files, tmp_path):
    files["fasta"].write_text(">chr1 longer header\n" + CONTIGS["chr1"] + "\n>chr2\n" + CONTIGS["chr2"] + "\n")
    report = prepare(inputs(files), tmp_path / "out")
    assert "genome.fa.fai" in report["built"]
    with pysam.FastaFile(str(tmp_path / "out" / "genome.fa")) as fasta:
        assert fasta.fetch("chr2", 0, 700) == CONTIGS["chr2"]


def test_gzip_fasta_and_symlinks_as_nextflow_stages_them(files, tmp_path):
    zipped = tmp_path / "given" / "hg.fa.gz"
    with open(files["fasta"], "rb") as source, gzip.open(zipped, "wb") as target:
        shutil.copyfileobj(source, target)
    staged = tmp_path / "work"
    staged.mkdir()
    for name in ("gff", "targets", "sites"):
        (staged / files[name].name).symlink_to(files[name])
    (staged / "hg.fa.gz").symlink_to(zipped)
    changed = {
        "fasta": staged / "hg.fa.gz",
        "gff": staged / "genes.gff3",
        "vcfs": {"common_snps": staged / "sites.vcf"},
    }
    prepare(inputs(files, **changed), tmp_path / "out")
    with pysam.FastaFile(str(tmp_path / "out" / "genome.fa")) as fasta:
        assert dict(zip(fasta.references, fasta.lengths, strict=True)) == {"chr1": 900, "chr2": 700}
    assert files["sites"].is_file() and not (tmp_path / "given" / "sites.vcf.gz").exists()


def test_bwa_index_is_built_once(script, files, tmp_path):
    script("prepare_reference.py", "--fasta", files["fasta"], "--outdir", tmp_path / "one")
    names = {f"genome.fa.{end}" for end in ("amb", "ann", "bwt", "pac", "sa")}
    assert names <= {path.name for path in (tmp_path / "one").iterdir()}
    done = script("prepare_reference.py", "--fasta", tmp_path / "one" / "genome.fa", "--outdir", tmp_path / "two")
    assert "built nothing" in done.stderr
    assert names <= {path.name for path in (tmp_path / "two").iterdir()}


def test_bam_of_the_same_genome_is_fine_and_extra_contigs_are_said(files, tmp_path):
    good = bam(tmp_path / "good.bam", {"chr1": 900, "chr2": 700, "chrEBV": 50})
    report = prepare(inputs(files, bams=[good]), tmp_path / "out")
    assert any("chrEBV" in warning for warning in report["warnings"])


WRONG = {
    "bam_length": ("contig chr1 has 901 bases there and 900 in the FASTA", "bams", {"chr1": 901}),
    "bam_spelling": ("the FASTA spells 1 as chr1: give a FASTA spelt as the BAM", "bams", {"1": 900, "2": 700}),
    "bam_unaligned": ("names no contig", "bams", {}),
    "target_end": ("line 2: ends at 950, past the end of chr1 (900)", "targets", "1\t5\t9\nchr1\t1\t950\n"),
    "target_contig": ("line 1: contig 7 is not in the FASTA", "targets", "7\t5\t9\n"),
    "target_order": ("line 1: not a BED interval", "targets", "1\t9\t5\n"),
    "target_empty": ("no interval in it", "targets", "# nothing\n"),
    "gff_end": (
        "gene TENT5C ends at 1:4000, past the contig's end",
        "gff",
        ("\t400\t.\t+\t.\tID=gene", "\t4000\t.\t+\t.\tID=gene"),
    ),
    "gff_region": ("contig 1 has 999 bases there", "gff", ("1 900", "1 999")),
    "gff_style": ("not Ensembl-style", "gff", ("gene:", "gene-")),
    "gff_species": ("none of its contigs", "gff", ("\n1\t", "\nscaffold_9\t")),
    "panel": ("gene 'FAM46C' is not a gene of", "panel", "gene\trole\treason\tcitation\nFAM46C\t\t\t\n"),
    "panel_typo": ("did you mean TENT5C?", "panel", "gene\trole\treason\tcitation\nTENT5c\t\t\t\n"),
    "panel_twice": (
        "gene 'TENT5C' is listed twice",
        "panel",
        "gene\trole\treason\tcitation\nTENT5C\t\t\t\nTENT5C\t\t\t\n",
    ),
    "panel_contig": (
        "gene 'SCAFFOLD' is on KI270728",
        "panel",
        "gene\trole\treason\tcitation\nTENT5C\t\t\t\nSCAFFOLD\t\t\t\n",
    ),
    "fasta_twice": ("a contig is in it twice", "fasta", ">chr1\nACGT\n>chr1\nACGT\n"),
    "genome": ("contig 1 has 1000 bases there and 900 in the FASTA", "genome", {"length": 1000}),
    "vcf_af": ("no INFO field AF", "sites", vcf_text("", [("1", 50)], info="")),
    "vcf_end": ("chr1:4000 is past the contig's end", "sites", vcf_text("", [("1", 50), ("1", 4000)])),
    "vcf_length": ("contig 1 has 5 bases there", "sites", vcf_text("", [("1", 50)], lengths={"1": 5})),
    "vcf_build": ("reference alleles on chr1 are not the FASTA's", "sites", None),
    "vcf_empty": ("no record in it", "sites", vcf_text("", [])),
    "vcf_no": ("not a VCF", "sites", "chr1\t5\n"),
    "fasta": ("not a FASTA", "fasta", "ACGT\n"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_agree_is_refused_and_nothing_is_left(files, tmp_path, case):
    said, what, change = WRONG[case]
    changes = {}
    if what == "bams":
        changes = {"bams": [bam(tmp_path / "x.bam", change)]}
    elif what == "genome":
        data = json.loads(files["genome"].read_text())
        data["contigs"][0] |= change
        files["genome"].write_text(json.dumps(data))
    elif what == "gff":
        text = files["gff"].read_text()
        assert change[0] in text
        files["gff"].write_text(text.replace(*change))
    elif case == "vcf_build":
        lines = vcf_text("", [("1", pos) for pos in range(1, 101)]).splitlines()
        turned = [line if line[0] == "#" else "\t".join(swap(line.split("\t"))) for line in lines]
        files["sites"].write_text("\n".join(turned) + "\n")
    else:
        files[what].write_text(change)
    with pytest.raises(InputError) as caught:
        prepare(inputs(files, **changes), tmp_path / "out")
    assert said in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def swap(columns):
    columns[3], columns[4] = columns[4], columns[3]
    return columns


def test_records_past_the_end_of_an_indexed_vcf_are_found(files, tmp_path):
    path = tmp_path / "far.vcf"
    path.write_text(vcf_text("chr", [("1", pos) for pos in range(1, 601)] + [("1", 1200)]))
    pysam.tabix_index(str(path), preset="vcf", force=True)
    with pytest.raises(InputError, match="chr1:1200 is past the contig's end"):
        prepare(inputs(files, vcfs={"common_snps": tmp_path / "far.vcf.gz"}), tmp_path / "out")


@pytest.mark.parametrize("cut", ["between blocks", "within a block"])
@pytest.mark.parametrize("indexed", [True, False])
def test_a_bgzip_file_that_is_cut_off_is_refused(files, tmp_path, cut, indexed):
    text = vcf_text("chr", [("1", pos) for pos in range(1, 701)])
    path = tmp_path / "cut.vcf.gz"
    blocks = []
    for part in (text[: len(text) // 2], text[len(text) // 2 :]):
        with pysam.BGZFile(str(path), "wb") as out:
            out.write(part.encode())
        blocks.append(path.read_bytes().removesuffix(bgzf.END))
    path.write_bytes(b"".join(blocks) + bgzf.END)
    if indexed:
        pysam.tabix_index(str(path), preset="vcf", force=True)
    path.write_bytes(blocks[0] if cut == "between blocks" else b"".join(blocks)[:-50])
    with pytest.raises(InputError, match=r"cut\.vcf\.gz: .*cut off"):
        prepare(inputs(files, vcfs={"common_snps": path}), tmp_path / "out")


def test_panel_regions(script, files, tmp_path):
    out = tmp_path / "panel.bed"
    arguments = ("panel_regions.py", "--gff", files["gff"], "--panel", files["panel"], "--out", out)
    script(*arguments)
    assert out.read_text() == "1\t80\t220\n1\t280\t420\n"
    script(*arguments, "--targets", files["targets"], "--padding", 0)
    assert out.read_text() == "1\t100\t200\n"
