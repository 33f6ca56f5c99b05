"""Forced genotyping and phase on reads whose alleles are known: fragments once, no allele favoured."""

import random
import subprocess

import numpy as np
import pandas as pd
import pysam
import pytest

from tests.variants.toy import write_fasta
from twohit.errors import InputError
from twohit.genome.reference import Reference
from twohit.schemas import GENOTYPES, PHASE, VARIANTS
from twohit.tables import read_table, write_table
from twohit.variants.genotype import count_sites
from twohit.variants.genotype_tables import genotype_sample
from twohit.variants.phase import gene_pairs
from twohit.variants.read_alleles import ALT, OTHER, REF

READ = 75
RNG = random.Random(5)
UNIQUE = "".join(RNG.choice("ACGT") for _ in range(1500))
GENOME = UNIQUE[:700] + "CACACACACACA" + UNIQUE[700:1100] + "AAAAAAAAA" + UNIQUE[1100:]


@pytest.fixture(scope="module")
def fasta(tmp_path_factory):
    path = write_fasta(tmp_path_factory.mktemp("genome") / "genome.fa", {"1": GENOME})
    subprocess.run(["bwa", "index", path], check=True, capture_output=True)
    return path


def apply(genome: str, changes) -> str:
    """The haplotype with (pos, ref, alt) changes applied from the right."""
    for pos, ref, alt in sorted(changes, reverse=True):
        assert genome[pos - 1 : pos - 1 + len(ref)] == ref
        genome = genome[: pos - 1] + alt + genome[pos - 1 + len(ref) :]
    return genome


def substitution(index: int) -> tuple[int, str, str]:
    ref = GENOME[index]
    return index + 1, ref, {"A": "C", "C": "G", "G": "T", "T": "A"}[ref]


def align(fasta, folder, haplotypes, insert=220, step=1, name="s"):
    """Every fragment of every haplotype (error-free pairs) through bwa mem, sorted and indexed."""
    reads = [[], []]
    for h, bases in enumerate(haplotypes):
        for start in range(0, len(bases) - insert + 1, step):
            ends = (bases[start : start + READ], reverse(bases[start + insert - READ : start + insert]))
            for mate in (0, 1):
                reads[mate].append(f"@h{h}_{start}\n{ends[mate]}\n+\n{'I' * READ}\n")
    files = [folder / f"{name}_{mate}.fq" for mate in (1, 2)]
    for path, text in zip(files, reads, strict=True):
        path.write_text("".join(text))
    sam = subprocess.run(["bwa", "mem", "-v", "1", fasta, *files], check=True, capture_output=True).stdout
    (folder / f"{name}.sam").write_bytes(sam)
    bam = folder / f"{name}.bam"
    pysam.sort("-o", str(bam), str(folder / f"{name}.sam"))
    pysam.index(str(bam))
    return bam


def reverse(bases: str) -> str:
    return bases[::-1].translate(str.maketrans("ACGT", "TGCA"))


def indel(kind: str, index: int, length: int) -> tuple[int, str, str]:
    if kind == "del":
        return index + 1, GENOME[index : index + length + 1], GENOME[index]
    extra = "".join(random.Random(length).choice("ACGT") for _ in range(length))
    return index + 1, GENOME[index], GENOME[index] + extra


CASES = {
    "snv": substitution(400),
    "mnv": (401, GENOME[400:403], reverse(GENOME[400:403])[::-1]),
    "del_1": indel("del", 400, 1),
    "del_7": indel("del", 400, 7),
    "del_30": indel("del", 400, 30),
    "ins_1": indel("ins", 400, 1),
    "ins_9": indel("ins", 400, 9),
    "ins_25": indel("ins", 400, 25),
    "repeat_del": (703, "CAC", "C"),  # CA lost somewhere in CACACACACACA
    "repeat_ins": (700, GENOME[699], GENOME[699] + "CA"),
    "run_del": (1120, "AA", "A"),
    "delins": (401, GENOME[400:404], GENOME[400] + "TTGGT"),
}


@pytest.mark.parametrize("case", CASES)
def test_every_fragment_once_and_both_alleles_alike(fasta, tmp_path, case):
    """Both haplotypes have a fragment at every place, so a fair count finds them equal, and finds most of them."""
    change = CASES[case]
    near = slice(change[0] - 330, change[0] + 400)  # all fragments that can reach it
    bam = align(fasta, tmp_path, [GENOME[near], apply(GENOME, [change])[near]])
    with Reference(fasta) as reference:
        key = ("1", *change)
        told = count_sites(bam, [key], reference)[key]
    right = {name: allele == (ALT if name.startswith("h1") else REF) for name, allele in told.items()}
    assert all(right.values()), [name for name in right if not right[name]][:5]
    alt = sum(allele == ALT for allele in told.values())
    ref = len(told) - alt
    spanning = 2 * READ  # places where one of the two reads covers a base
    # bwa leaves a read unplaced when an insertion of 25 parts its 75 bases into pieces too short to score
    assert abs(ref - alt) <= (0.25 if case == "ins_25" else 0.08) * spanning + 3
    assert min(ref, alt) >= 0.55 * spanning


@pytest.fixture
def one_read_at_a_time(tmp_path):
    """Write hand-made alignments."""

    def write(reads):
        header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": len(GENOME)}]}
        path = tmp_path / "hand.bam"
        with pysam.AlignmentFile(path, "wb", header=header) as out:
            for read in sorted(reads, key=lambda read: read["start"]):
                made = pysam.AlignedSegment(out.header)
                made.query_name, made.reference_id, made.reference_start = read["name"], 0, read["start"]
                made.query_sequence, made.cigarstring = read["bases"], read.get("cigar", f"{len(read['bases'])}M")
                made.mapping_quality, made.flag = read.get("mapq", 60), read.get("flag", 0)
                quality = read.get("quality", 40)
                made.query_qualities = pysam.qualitystring_to_array(chr(33 + quality) * len(read["bases"]))
                out.write(made)
        pysam.index(str(path))
        return path

    return write


def test_which_reads_count(fasta, one_read_at_a_time):
    pos, ref, alt = substitution(400)
    reference_read, carrier = GENOME[380:440], GENOME[380:400] + alt + GENOME[401:440]
    third = next(base for base in "ACGT" if base not in (ref, alt))
    reads = [
        {"name": "ref", "start": 380, "bases": reference_read},
        {"name": "alt", "start": 380, "bases": carrier},
        {"name": "mates_agree", "start": 380, "bases": carrier},
        {"name": "mates_agree", "start": 390, "bases": carrier[10:], "flag": 16},
        {"name": "mates_disagree", "start": 380, "bases": carrier},
        {"name": "mates_disagree", "start": 380, "bases": reference_read, "flag": 16},
        {"name": "duplicate", "start": 380, "bases": carrier, "flag": 1024},
        {"name": "secondary", "start": 380, "bases": carrier, "flag": 256},
        {"name": "supplementary", "start": 380, "bases": carrier, "flag": 2048},
        {"name": "failed", "start": 380, "bases": carrier, "flag": 512},
        {"name": "badly_placed", "start": 380, "bases": carrier, "mapq": 5},
        {"name": "low_base", "start": 380, "bases": carrier, "quality": 8},
        {"name": "third", "start": 380, "bases": GENOME[380:400] + third + GENOME[401:440]},
        {"name": "deleted", "start": 380, "bases": GENOME[380:400] + GENOME[403:440], "cigar": "20M3D37M"},
        {"name": "clipped", "start": 401, "bases": carrier, "cigar": "21S39M"},
        {"name": "skipped", "start": 350, "bases": GENOME[350:380] + GENOME[430:460], "cigar": "30M50N30M"},
    ]
    bam = one_read_at_a_time(reads)
    key = ("1", pos, ref, alt)
    with Reference(fasta) as reference:
        told = count_sites(bam, [key], reference)[key]
        assert told == {"ref": REF, "alt": ALT, "mates_agree": ALT, "third": OTHER, "deleted": OTHER}
        strict = count_sites(bam, [key], reference, min_base_quality=5, min_mapping_quality=0)[key]
        assert strict.keys() - told.keys() == {"low_base", "badly_placed"}


def test_an_indel_counts_however_the_aligner_wrote_it(fasta, one_read_at_a_time):
    """The same two bases of CACACACACACA lost, written left, right, as mismatches at a clipped end."""
    key = ("1", 700, GENOME[699:702], GENOME[699])
    lost = GENOME[660:700] + GENOME[702:760]
    reads = [
        {"name": "left", "start": 660, "bases": lost, "cigar": "40M2D58M"},
        {"name": "right", "start": 660, "bases": lost, "cigar": "50M2D48M"},
        {"name": "tail_clipped", "start": 660, "bases": lost[:70], "cigar": "52M18S"},
        {"name": "head_clipped", "start": 712, "bases": lost[35:], "cigar": "15S48M"},
        {"name": "ref", "start": 660, "bases": GENOME[660:758]},
        {"name": "ends_in_the_repeat", "start": 640, "bases": GENOME[640:708]},
    ]
    with Reference(fasta) as reference:
        told = count_sites(one_read_at_a_time(reads), [key], reference)[key]
    assert told == {"left": ALT, "right": ALT, "tail_clipped": ALT, "head_clipped": ALT, "ref": REF}


def variants_table(path, gene, changes):
    rows = []
    for pos, ref, alt in changes:
        row = dict.fromkeys(VARIANTS.names)
        row |= {"chrom": "1", "pos": pos, "ref": ref, "alt": alt, "gene": gene, "origin": "somatic", "filter": "PASS"}
        rows.append(row | {"loss_judgement": "loss"})
    write_table(pd.DataFrame(rows, columns=VARIANTS.names), VARIANTS, path)
    return path


@pytest.mark.parametrize("trans", [False, True])
def test_phase_of_two_hits(script, fasta, tmp_path, trans):
    """Two substitutions 120 bases apart: on one haplotype, or on two."""
    one, two, far = substitution(400), substitution(520), substitution(1300)
    carriers = [apply(GENOME, [one]), apply(GENOME, [two])] if trans else [apply(GENOME, [one, two]), GENOME]
    bam = align(fasta, tmp_path, carriers, step=2)
    table = variants_table(tmp_path / "T.variants.tsv", "GENE", [one, two, far])
    script(
        *("genotype_variants.py", "--bam", bam, "--sample", "T", "--variants", table, table),
        *("--reference", fasta, "--outdir", tmp_path),
    )
    genotypes = read_table(tmp_path / "T.genotypes.tsv", GENOTYPES)
    assert len(genotypes) == 3  # listed twice, counted once
    np.testing.assert_array_equal(genotypes["depth"], genotypes["ref_count"] + genotypes["alt_count"])
    assert genotypes["alt_count"].iloc[2] == 0 and genotypes["ref_count"].iloc[2] > 50
    phase = read_table(tmp_path / "T.phase.tsv", PHASE)
    assert len(phase) == 1  # the third is too far from both
    row = phase.iloc[0]
    assert row["variant_1"] == f"1:{one[0]}:{one[1]}:{one[2]}"
    if trans:
        assert row["n_both"] == row["n_neither"] == 0
        assert min(row["n_first"], row["n_second"]) > 10
    else:
        assert row["n_first"] == row["n_second"] == 0
        assert min(row["n_both"], row["n_neither"]) > 10


def test_pairs_are_within_a_gene_and_within_reach():
    a, b, c = ("1", 100, "A", "C"), ("1", 700, "A", "C"), ("1", 701, "A", "C")
    other = ("2", 150, "A", "C")
    pairs = gene_pairs([("G", a), ("G", b), ("G", c), ("G", a), ("H", a), ("H", other), ("K", b)])
    assert pairs == [("G", a, b), ("G", b, c)]


def test_no_variants_gives_empty_tables(fasta, one_read_at_a_time):
    bam = one_read_at_a_time([{"name": "r", "start": 380, "bases": GENOME[380:440]}])
    nothing = pd.DataFrame({name: [] for name in ("chrom", "pos", "ref", "alt", "gene")})
    genotypes, phase, errors = genotype_sample(bam, "T", nothing, fasta)
    assert genotypes.empty and phase.empty and errors.empty


def test_a_site_without_reads_is_not_assessable_and_its_table_is_whole(fasta, one_read_at_a_time, tmp_path):
    """One variant under the only read, one far from it: nothing is said of the other, and nothing breaks."""
    bam = one_read_at_a_time([{"name": "r", "start": 380, "bases": GENOME[380:440]}])
    rows = [("1", *substitution(place), "G", "somatic") for place in (400, 1_200)]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", "gene", "origin"])
    for normal in (None, bam):
        genotypes, phase, _ = genotype_sample(bam, "T", table, fasta, normal=normal)
        write_table(genotypes, GENOTYPES, tmp_path / "T.genotypes.tsv")
        covered, empty = read_table(tmp_path / "T.genotypes.tsv", GENOTYPES).itertuples()
        assert (covered.depth, empty.depth) == (1, 0) and phase.empty
        assert covered.status == empty.status == "not_assessable"
        assert all(pd.isna(value) for value in (empty.vaf, empty.vaf_lower, empty.p_value, empty.detectable_vaf))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (("1", 401, "N", "A"), "does not have N there"),
        (("1", len(GENOME) + 5, "A", "C"), "use variants and FASTA of one build"),
        (("9", 5, "A", "C"), "use variants and FASTA of one build"),
        (("1", 401, GENOME[400], "<DEL>"), "leave symbolic alleles out"),
    ],
)
def test_wrong_variants_are_refused(fasta, one_read_at_a_time, key, said):
    bam = one_read_at_a_time([{"name": "r", "start": 380, "bases": GENOME[380:440]}])
    with Reference(fasta) as reference, pytest.raises(InputError, match=said):
        count_sites(bam, [key], reference)


def test_bam_without_index_or_of_another_build(fasta, one_read_at_a_time, tmp_path):
    bam = one_read_at_a_time([{"name": "r", "start": 380, "bases": GENOME[380:440]}])
    other = write_fasta(tmp_path / "other.fa", {"1": GENOME + "A"})
    with Reference(other) as reference, pytest.raises(InputError, match="another length"):
        count_sites(bam, [("1", *substitution(400))], reference)
    (tmp_path / "hand.bam.bai").unlink()
    with Reference(fasta) as reference, pytest.raises(InputError, match="run samtools index"):
        count_sites(bam, [("1", *substitution(400))], reference)
