"""count_snps.py on real BAMs: against a slow count of fragments, mates counted once, and what it refuses."""

import gzip
import subprocess

import numpy as np
import pandas as pd
import pysam
import pytest

from twohit.copynumber.count_inputs import read_sites
from twohit.errors import InputError

LENGTH = 20_000
SITES = [1000, 1050, 5000, 9000, 15_000]
READ = 75


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    """A reference, SNP sites, and two BAMs of pairs whose mates overlap at times; also duplicates and poor reads."""
    folder = tmp_path_factory.mktemp("reads")
    rng = np.random.default_rng(1)
    genome = "".join(rng.choice(list("ACGT"), LENGTH))
    (folder / "ref.fa").write_text(f">chr1\n{genome}\n")
    pysam.faidx(str(folder / "ref.fa"))
    alleles = {p: (genome[p - 1], "ACGT"[("ACGT".index(genome[p - 1]) + 1) % 4]) for p in SITES}
    rows = "".join(f"chr1\t{p}\t.\t{r}\t{a}\t.\t.\t.\n" for p, (r, a) in alleles.items())
    header = (
        f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={LENGTH}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    )
    (folder / "sites.vcf").write_text(header + rows)
    for name in ("N", "T"):
        make_bam(folder / f"{name}.bam", genome, alleles, rng)
    return folder, alleles


def make_bam(path, genome, alleles, rng):
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": LENGTH}]}
    made = []
    for number in range(1500):
        insert = int(rng.integers(90, 250))
        start = int(rng.integers(0, LENGTH - insert))
        molecule = list(genome[start : start + insert])
        if rng.random() < 0.4:
            for p, (_, alt) in alleles.items():
                if start < p <= start + insert:
                    molecule[p - 1 - start] = alt
        kind = rng.choice(["good", "duplicate", "low_mapq"], p=[0.8, 0.1, 0.1])
        for first in (True, False):
            at = start if first else start + insert - READ
            text = "".join(molecule[:READ] if first else molecule[-READ:])
            read = pysam.AlignedSegment(pysam.AlignmentHeader.from_dict(header))
            read.query_name, read.query_sequence, read.reference_id, read.reference_start = f"r{number}", text, 0, at
            read.flag = (99 if first else 147) | (1024 if kind == "duplicate" else 0)
            read.mapping_quality = 5 if kind == "low_mapq" else 60
            read.cigarstring, read.next_reference_id = f"{READ}M", 0
            read.next_reference_start = start + insert - READ if first else start
            read.template_length = insert if first else -insert
            read.query_qualities = pysam.qualitystring_to_array("".join(rng.choice(["I", "#"], READ, p=[0.95, 0.05])))
            made.append(read)
    made.sort(key=lambda r: r.reference_start)
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for read in made:
            out.write(read)
    pysam.index(str(path))


def slow_counts(bam, alleles):
    """Count fragments by their names; where mates disagree or one is poor, the good one counts."""
    counts = {}
    with pysam.AlignmentFile(str(bam)) as reads:
        for p, (ref, alt) in alleles.items():
            fragments = {}
            for read in reads.fetch("chr1", p - 1, p):
                if read.is_duplicate or read.mapping_quality < 20:
                    continue
                k = p - 1 - read.reference_start
                if read.query_qualities[k] >= 20:
                    fragments.setdefault(read.query_name, read.query_sequence[k])
            bases = list(fragments.values())
            counts[p] = (bases.count(ref), bases.count(alt))
    return counts


def pile(bam, pos, quality=20):
    """Bases (and deletions, '*') of fragments over one position, from pysam's own pileup with overlaps merged."""
    with pysam.AlignmentFile(str(bam)) as reads:
        options = {"truncate": True, "min_base_quality": quality, "min_mapping_quality": 20, "max_depth": 10**6}
        for column in reads.pileup("chr1", pos - 1, pos, stepper="samtools", ignore_orphans=True, **options):
            return ["*" if r.is_del else r.alignment.query_sequence[r.query_position] for r in column.pileups]
    return []


def run_counts(script, folder, *more, out="P.csv.gz", check=True):
    arguments = ["--normal", folder / "N.bam", "--tumor", folder / "T.bam", "--sites", folder / "sites.vcf"]
    return script("count_snps.py", *arguments, "--out", folder / out, *more, check=check)


def test_counts_equal_the_slow_count_with_and_without_reference(script, reads):
    folder, alleles = reads
    for more in ((), ("--reference", folder / "ref.fa")):
        run_counts(script, folder, *more)
        table = pd.read_csv(folder / "P.csv.gz")
        assert list(table.columns[:4]) == ["Chromosome", "Position", "Ref", "Alt"]
        assert table["Position"].tolist() == SITES
        for name, column in (("N", "File1"), ("T", "File2")):
            expected = slow_counts(folder / f"{name}.bam", alleles)
            seen = dict(zip(table["Position"], zip(table[f"{column}R"], table[f"{column}A"])))
            assert seen == expected


def test_pseudo_snps_hold_the_depth_where_no_snp_is(script, reads):
    folder, _ = reads
    run_counts(script, folder, "--pseudo-snps", 250, out="p.csv.gz")
    table = pd.read_csv(folder / "p.csv.gz")
    assert table["Position"].is_monotonic_increasing
    assert set(table.loc[table["Ref"] != ".", "Position"]) == set(SITES), "SNPs at a multiple stay SNPs"
    more = table[table["Ref"] == "."]
    assert set(more["Position"]) <= set(range(250, LENGTH + 1, 250)) - set(SITES)
    assert len(more) > 60
    assert not more[["File1A", "File1E", "File1D", "File2A", "File2E", "File2D"]].to_numpy().any()
    for row in more.iloc[::9].itertuples():
        assert row.File1R == len(pile(folder / "N.bam", row.Position))
    alone = pd.read_csv(folder / "P.csv.gz") if (folder / "P.csv.gz").exists() else None
    if alone is not None:
        merged = alone.merge(table, on=["Chromosome", "Position"], suffixes=("", "_p"))
        assert (merged["File2R"] == merged["File2R_p"]).all()


def test_deletions_and_other_bases_have_their_columns(script, reads, tmp_path):
    """Reads with a deletion over a SNP and one with a third base, beside plain ones."""
    folder, alleles = reads
    ref, alt = alleles[5000]
    third = next(base for base in "ACGT" if base not in (ref, alt))
    genome = (folder / "ref.fa").read_text().split("\n")[1]
    header = pysam.AlignmentHeader.from_dict({"HD": {"SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": LENGTH}]})
    with pysam.AlignmentFile(str(tmp_path / "T.bam"), "wb", header=header) as out:
        for number, kind in enumerate(["plain"] * 4 + ["gone"] * 3 + ["third"] * 2 + ["insert"] * 2):
            read = pysam.AlignedSegment(header)
            text = list(genome[4950:5025])
            if kind == "third":
                text[49] = third
            read.cigarstring = "75M"
            if kind == "gone":
                text, read.cigarstring = text[:48] + list(genome[5001:5028]), "48M3D27M"
            if kind == "insert":
                text, read.cigarstring = [*text[:50], "A", "C", *text[50:73]], "50M2I23M"
            read.query_name, read.query_sequence = f"d{number}", "".join(text)
            read.reference_id, read.reference_start, read.mapping_quality, read.flag = 0, 4950, 60, 0
            read.query_qualities = pysam.qualitystring_to_array("I" * 75)
            out.write(read)
    pysam.index(str(tmp_path / "T.bam"))
    script("count_snps.py", "--tumor", tmp_path / "T.bam", "--sites", folder / "sites.vcf", "--out", tmp_path / "o.csv")
    row = pd.read_csv(tmp_path / "o.csv").set_index("Position").loc[5000]
    assert row[["File2R", "File2A", "File2E", "File2D"]].tolist() == [6, 0, 2, 3]


def test_quality_thresholds_and_several_tumours(script, reads):
    folder, _ = reads
    sites = [
        "--normal",
        folder / "N.bam",
        "--tumor",
        folder / "T.bam",
        folder / "N2.bam",
        "--sites",
        folder / "sites.vcf",
    ]
    (folder / "N2.bam").write_bytes((folder / "N.bam").read_bytes())
    pysam.index(str(folder / "N2.bam"))
    script("count_snps.py", *sites, "--out", folder / "m.csv")
    three = pd.read_csv(folder / "m.csv")
    assert (three["File1R"] == three["File3R"]).all()
    script("count_snps.py", *sites, "--min-mapping-quality", 0, "--min-base-quality", 0, "--out", folder / "l.csv")
    loose = pd.read_csv(folder / "l.csv")
    assert loose[["File1R", "File1A"]].to_numpy().sum() > three[["File1R", "File1A"]].to_numpy().sum()


def test_same_bytes_at_any_thread_count(script, reads):
    folder, _ = reads
    run_counts(script, folder, "--threads", 1, out="one.csv.gz")
    run_counts(script, folder, "--threads", 2, out="two.csv.gz")
    assert (folder / "one.csv.gz").read_bytes() == (folder / "two.csv.gz").read_bytes()


def test_mates_are_merged_across_the_ends_of_buffers(reads, tmp_path, monkeypatch):
    from twohit.copynumber import pileup

    folder, _ = reads
    made = []
    for size in (2_000, 4 << 20):
        monkeypatch.setattr(pileup, "CHUNK", size)
        out = tmp_path / f"{size}.csv"
        pileup.count_snps([folder / "N.bam", folder / "T.bam"], folder / "sites.vcf", out, pseudo_snps=50)
        made.append(out.read_bytes())
    assert made[0] == made[1]


def test_a_broken_bam_is_told_and_nothing_is_written(script, reads, tmp_path):
    folder, _ = reads
    spoilt = bytearray((folder / "T.bam").read_bytes())
    half = len(spoilt) // 2
    spoilt[half : half + 500] = bytes(500)
    (tmp_path / "T.bam").write_bytes(spoilt)
    (tmp_path / "T.bam.bai").write_bytes((folder / "T.bam.bai").read_bytes())
    arguments = ["--normal", folder / "N.bam", "--tumor", tmp_path / "T.bam", "--sites", folder / "sites.vcf"]
    done = script("count_snps.py", *arguments, "--out", tmp_path / "o.csv", check=False)
    assert done.returncode != 0
    assert "samtools view" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "o.csv").exists()


def test_without_a_normal_the_first_file_is_zero(script, reads):
    folder, _ = reads
    script("count_snps.py", "--tumor", folder / "T.bam", "--sites", folder / "sites.vcf", "--out", folder / "t.csv.gz")
    table = pd.read_csv(folder / "t.csv.gz")
    assert not table[["File1R", "File1A"]].to_numpy().any()
    assert table["File2R"].sum() > 0


def test_cram_needs_and_takes_its_reference(script, reads):
    folder, _ = reads
    cram = folder / "T.cram"
    pysam.view("-C", "-T", str(folder / "ref.fa"), "-o", str(cram), str(folder / "T.bam"), catch_stdout=False)
    pysam.index(str(cram))
    common = [
        "--normal",
        folder / "N.bam",
        "--tumor",
        cram,
        "--sites",
        folder / "sites.vcf",
        "--out",
        folder / "c.csv.gz",
    ]
    refused = script("count_snps.py", *common, check=False)
    assert refused.returncode == 2
    assert "--reference" in refused.stderr
    script("count_snps.py", *common, "--reference", folder / "ref.fa")
    run_counts(script, folder)
    pd.testing.assert_frame_equal(pd.read_csv(folder / "c.csv.gz"), pd.read_csv(folder / "P.csv.gz"))


def test_mistakes_are_one_line_and_two(script, reads, tmp_path):
    folder, _ = reads
    text = (folder / "sites.vcf").read_text()
    (tmp_path / "renamed.vcf").write_text(text.replace("chr1", "1"))
    (tmp_path / "long.vcf").write_text(
        text.replace(f"length={LENGTH}", "length=99999").replace("\t15000\t", "\t25000\t")
    )
    (tmp_path / "bare.bam").write_bytes((folder / "T.bam").read_bytes())
    (tmp_path / "text.bam").write_text("not a BAM\n")
    cases = [
        (folder / "T.bam", tmp_path / "renamed.vcf", "rename"),
        (folder / "T.bam", tmp_path / "long.vcf", "another build"),
        (folder / "N.bam", folder / "sites.vcf", "given twice"),
        (tmp_path / "bare.bam", folder / "sites.vcf", "samtools index"),
        (tmp_path / "text.bam", folder / "sites.vcf", "not a readable BAM"),
        (tmp_path / "none.bam", folder / "sites.vcf", "no such file"),
    ]
    for tumor, sites, message in cases:
        arguments = ["--normal", folder / "N.bam", "--tumor", tumor, "--sites", sites, "--out", tmp_path / "o.csv"]
        done = script("count_snps.py", *arguments, check=False)
        assert done.returncode == 2, (message, done.stderr)
        assert message in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert not (tmp_path / "o.csv").exists()


def test_a_list_of_sites_that_was_cut_off_is_refused(tmp_path):
    """bcftools reads what is left of it and ends with 0."""
    header = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=99999999>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    text = header + "".join(f"chr1\t{1000 + 100 * i}\t.\tA\tC\t.\tPASS\t.\n" for i in range(20_000))
    whole, zipped = tmp_path / "whole.vcf", tmp_path / "whole.vcf.gz"
    whole.write_text(text)
    subprocess.run(["bgzip", "-k", whole], check=True)
    for path in (whole, zipped):
        assert read_sites(path)["chr1"][0].size == 20_000
    (tmp_path / "line.vcf").write_text(text[:-12])
    (tmp_path / "half.vcf.gz").write_bytes(zipped.read_bytes()[: zipped.stat().st_size // 2])
    (tmp_path / "block.vcf.gz").write_bytes(zipped.read_bytes()[:-28])
    gzipped = gzip.compress(text.encode())
    (tmp_path / "gzip.vcf.gz").write_bytes(gzipped[: len(gzipped) // 2])
    for name in ("line.vcf", "half.vcf.gz", "block.vcf.gz", "gzip.vcf.gz"):
        with pytest.raises(InputError, match=r"cut off.*copy or make it again") as error:
            read_sites(tmp_path / name)
        assert str(error.value).startswith(str(tmp_path / name))
        assert "\n" not in str(error.value)


def test_gzip_is_whole_and_has_no_time_stamp(script, reads):
    folder, _ = reads
    run_counts(script, folder, out="g.csv.gz")
    raw = (folder / "g.csv.gz").read_bytes()
    assert raw[4:8] == b"\0\0\0\0"
    assert gzip.decompress(raw).decode().count("\n") == len(SITES) + 1
    assert subprocess.run(["gzip", "-t", folder / "g.csv.gz"], check=False).returncode == 0
