"""postprocess_alignment.py on a small sample, against counting read by read; every mistake."""

import json
import shutil
from collections import Counter

import numpy as np
import pysam
import pytest

from twohit.alignment import depth, recalibration
from twohit.errors import InputError, OutOfMemory


def slow_depth(bam, chrom):
    """Usable depth per base: no duplicates, quality limits; where mates overlap the first one's bases stand."""
    counts, ends = Counter(), {}
    with pysam.AlignmentFile(str(bam)) as found:
        for read in found.fetch(chrom):
            if read.is_duplicate or read.mapping_quality < depth.MIN_MAPPING_QUALITY:
                continue
            first_end = ends.get(read.query_name, 0)
            ends.setdefault(read.query_name, read.reference_end)
            for query, base in read.get_aligned_pairs(matches_only=True):
                if base >= first_end and read.query_qualities[query] >= depth.MIN_BASE_QUALITY:
                    counts[base] += 1
    return counts


def run(script, sample, *more, name="S", bam=None, check=True):
    """Run the script with all optional inputs."""
    out = sample.folder / "out"
    lanes = bam if isinstance(bam, list) else [bam or sample.bam]
    done = script("postprocess_alignment.py", "--bam", *lanes, "--sample", name, "--reference",
                  sample.reference, "--targets", sample.targets, "--gff", sample.gff, "--panel", sample.panel,
                  "--outdir", out, *more, check=check)  # fmt: skip
    return out, done


def fails(script, sample, *more, **options):
    """Run, expect exit 2 with one line and nothing written; give the line."""
    out, done = run(script, sample, *more, check=False, **options)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists() or not list(out.iterdir())
    return done.stderr


def test_everything_is_right(script, sample):
    out, _ = run(script, sample)
    bam = out / "S.bam"
    assert sorted(p.name for p in out.iterdir()) == [
        "S.alignment_qc.json", "S.bam", "S.bam.bai", "S.callable.bed", "S.gene_coverage.tsv"]  # fmt: skip
    flags = Counter(read.is_duplicate for read in pysam.AlignmentFile(str(bam)))
    assert flags[True] >= 2 * (80 + 40)  # every fifth pair twice; chance adds some
    slow = {chrom: slow_depth(bam, chrom) for chrom in ("chr1", "chrX")}
    qc = json.loads((out / "S.alignment_qc.json").read_text())
    assert qc["reads"] == sum(flags.values())
    assert qc["duplicates"] == flags[True]
    rows = [line.split("\t") for line in (out / "S.callable.bed").read_text().splitlines()]
    covered = {(c, base) for c, start, end in rows for base in range(int(start), int(end))}
    assert covered == {(c, base) for c in slow for base, n in slow[c].items() if n >= 10}
    wanted = [("chr1", b) for b in range(1000, 1700)] + [("chrX", b) for b in range(400, 1600)]
    depths = np.array([slow[c].get(b, 0) for c, b in wanted])
    assert qc["mean_target_depth"] == pytest.approx(depths.mean(), rel=1e-4)
    for step in (10, 30, 100):
        assert qc[f"fraction_{step}x"] == pytest.approx((depths >= step).mean(), abs=1e-5)
    assert qc["on_target_fraction"] == pytest.approx(
        depths.sum() / sum(sum(d.values()) for d in slow.values()), rel=1e-4
    )
    genes = [line.split("\t") for line in (out / "S.gene_coverage.tsv").read_text().splitlines()]
    coding = np.array([slow["chr1"].get(b, 0) for b in range(1100, 1400)])
    assert genes[1][:5] == ["GENE1", "chr1", "1101", "1400", "300"]
    assert float(genes[1][5]) == pytest.approx(coding.mean(), rel=1e-4)
    assert genes[2][0] == "FAR"
    assert genes[2][4] == "0"


def test_sorted_marked_and_any_order_give_the_same_coverage(script, sample):
    first, _ = run(script, sample)
    texts = [(first / name).read_text() for name in ("S.callable.bed", "S.gene_coverage.tsv")]
    shutil.copy(first / "S.bam", sample.folder / "marked.bam")
    shutil.rmtree(first)
    for bam in (sample.write_bam("sorted.bam", sort="coordinate"), sample.folder / "marked.bam"):
        out, _ = run(script, sample, bam=bam)
        assert [(out / name).read_text() for name in ("S.callable.bed", "S.gene_coverage.tsv")] == texts
        qc = json.loads((out / "S.alignment_qc.json").read_text())
        assert qc["duplicates_marked_by"] == ("input" if bam.name == "marked.bam" else "samtools markdup")
        shutil.rmtree(out)


def test_same_bytes_at_any_number_of_threads(script, sample):
    results = []
    for threads in (1, 3):
        out, _ = run(script, sample, "--threads", threads)
        results.append({path.name: path.read_bytes() for path in out.iterdir()})
        shutil.rmtree(out)
    assert results[0] == results[1]
    assert str(sample.folder).encode() not in results[0]["S.alignment_qc.json"]
    assert str(sample.folder) not in str(pysam.AlignmentFile(str(_dump(sample, results[0]["S.bam"]))).header)


def _dump(sample, data):
    path = sample.folder / "dumped.bam"
    path.write_bytes(data)
    return path


def scored(sample, name, lane, half):
    """One lane as align_lane.py leaves it: every second read name, mates scored, sorted."""
    path = sample.folder / name
    with pysam.AlignmentFile(str(sample.bam)) as found:
        header = found.header.to_dict() | {"RG": [{"ID": lane, "SM": "S", "LB": "l"}]}
        with pysam.AlignmentFile(str(path), "wb", header=header) as out:
            for read in found:
                if int(read.query_name[1:]) % 2 == half:
                    read.set_tag("RG", lane)
                    out.write(read)
    pysam.fixmate("-m", str(path), f"{path}.f.bam")
    pysam.sort("-o", str(path), f"{path}.f.bam")
    return path


def test_lanes_are_merged_and_duplicates_across_them_found(script, sample):
    """Every second name is in the other lane, and so are the twins of most duplicated pairs."""
    one, _ = run(script, sample)
    whole = Counter((r.query_name, r.flag) for r in pysam.AlignmentFile(str(one / "S.bam")))
    texts = [(one / name).read_text() for name in ("S.callable.bed", "S.gene_coverage.tsv")]
    shutil.rmtree(one)
    lanes = [scored(sample, "a.bam", "A", 0), scored(sample, "b.bam", "B", 1)]
    results = []
    for _ in range(2):
        out, _ = run(script, sample, bam=lanes)
        results.append((out / "S.bam").read_bytes())
        with pysam.AlignmentFile(str(out / "S.bam")) as found:
            assert {group["ID"] for group in found.header.to_dict()["RG"]} == {"A", "B"}
            reads = list(found)
        # which of equal twins is kept may differ, how many may not
        assert Counter(r.flag & 0x400 for r in reads) == _flags(whole)
        assert {r.query_name for r in reads} == {name for name, _ in whole}
        assert [(out / name).read_text() for name in ("S.callable.bed", "S.gene_coverage.tsv")][0] == texts[0]
        shutil.rmtree(out)
    assert results[0] == results[1]


def _flags(whole):
    counts = Counter()
    for (_, flag), n in whole.items():
        counts[flag & 0x400] += n
    return counts


def test_lanes_that_do_not_go_together(script, sample):
    lane = scored(sample, "a.bam", "A", 0)
    assert "read group A is also in" in fails(script, sample, bam=[lane, lane])
    assert "not sorted by position" in fails(script, sample, bam=[lane, sample.bam])
    other = sample.write_bam("old.bam", groups=({"ID": "L9", "SM": "OLD"},), sort="coordinate")
    assert "only with one --bam" in fails(script, sample, "--fix-read-groups", bam=[lane, other])


def test_scored_mates_are_not_sorted_again(sample, tmp_path, monkeypatch):
    from twohit.alignment import checks, stream

    ran = []
    monkeypatch.setattr(stream, "pipe", lambda steps, *_: ran.append([step[1] for step in steps]))
    for path in (scored(sample, "a.bam", "A", 0), sample.write_bam("sorted.bam", sort="coordinate")):
        lanes = [checks.inspect(path, sample.reference)]
        stream.mark_duplicates(lanes, "S", sample.reference, tmp_path / "out.bam", False)
    assert ran == [["view", "markdup", "view"], ["view", "collate", "fixmate", "sort", "markdup", "view"]]


def test_parts_of_the_genome_hold_every_contig_once(sample, monkeypatch):
    bam = sample.write_bam("sorted.bam", sort="coordinate")
    pysam.index(str(bam))
    whole, each = [["chr1", "chrX"]], [["chr1"], ["chrX"]]
    assert [list(part) for part in recalibration.contig_parts(bam, 2)] == whole  # too few reads for two
    monkeypatch.setattr(recalibration, "READS_A_PART", 100)
    for n, expected in ((1, whole), (2, each), (5, each)):
        assert [list(part) for part in recalibration.contig_parts(bam, n)] == expected


@pytest.mark.parametrize(
    ("threads", "memory", "at_once", "options"),
    [
        (1, None, 1, "-XX:+ExitOnOutOfMemoryError -XX:+UseSerialGC"),
        (2, 6000, 2, "-Xmx2400m -XX:+ExitOnOutOfMemoryError -XX:+UseSerialGC"),
        (4, 6000, 2, "-Xmx2400m -XX:+ExitOnOutOfMemoryError"),
    ],
)
def test_javas_share_the_memory(threads, memory, at_once, options):
    assert recalibration.java_options(threads, memory, at_once) == options


def test_cram_goes_in(script, sample):
    cram = sample.folder / "in.cram"
    pysam.view("-C", "-T", str(sample.reference), "-o", str(cram), str(sample.bam), catch_stdout=False)
    out, _ = run(script, sample, bam=cram)
    assert json.loads((out / "S.alignment_qc.json").read_text())["reads"] == 1440


def test_cram_comes_out_too(script, sample):
    out, _ = run(script, sample, "--cram")
    assert {"S.bam", "S.bam.bai", "S.cram", "S.cram.crai"} <= {path.name for path in out.iterdir()}

    def reads(name):
        with pysam.AlignmentFile(str(out / name), reference_filename=str(sample.reference)) as found:
            return [read.to_string().split("\t")[:11] for read in found]

    assert reads("S.cram") == reads("S.bam")
    with pysam.AlignmentFile(str(out / "S.cram"), reference_filename=str(sample.reference)) as found:
        with pysam.AlignmentFile(str(out / "S.bam")) as bam:
            assert found.count("chr1", 100, 5000) == bam.count("chr1", 100, 5000) > 0  # by the index
        assert all("M5" in line and "UR" not in line for line in found.header["SQ"])
    before = (out / "S.cram").read_bytes()
    run(script, sample, "--cram")
    assert (out / "S.cram").read_bytes() == before


def test_other_sample_is_refused_or_renamed(script, sample):
    groups = ({"ID": "L1", "SM": "OLD", "LB": "a"}, {"ID": "L2", "SM": "OLD", "LB": "b"})
    bam = sample.write_bam("old.bam", groups=groups)
    assert "OLD" in fails(script, sample, bam=bam)
    out, _ = run(script, sample, "--fix-read-groups", bam=bam)
    header = pysam.AlignmentFile(str(out / "S.bam")).header.to_dict()
    assert [(g["ID"], g["SM"], g["LB"]) for g in header["RG"]] == [("L1", "S", "a"), ("L2", "S", "b")]


def test_read_group_the_header_lacks(script, sample):
    path = sample.folder / "lost.bam"
    with pysam.AlignmentFile(str(sample.bam)) as found, pysam.AlignmentFile(str(path), "wb", template=found) as out:
        for read in found:
            read.set_tag("RG", "L9")
            out.write(read)
    assert "L9" in fails(script, sample, bam=path)


def test_missing_read_group(script, sample):
    bam = sample.write_bam("none.bam", groups=())
    assert "--fix-read-groups" in fails(script, sample, bam=bam)
    out, _ = run(script, sample, "--fix-read-groups", bam=bam)
    with pysam.AlignmentFile(str(out / "S.bam")) as found:
        assert {read.get_tag("RG") for read in found} == {"S"}


def test_another_build(script, sample):
    bam = sample.write_bam("build.bam", lengths={"chr1": 6500, "chrX": 4000})
    text = fails(script, sample, bam=bam)
    assert "chr1" in text
    assert "6500" in text
    assert "6000" in text
    text = fails(script, sample, bam=sample.write_bam("name.bam", lengths={"1": 6000, "X": 4000}))
    assert "spells it chr1" in text


def test_truncated_and_no_bam(script, sample):
    cut = sample.folder / "cut.bam"
    cut.write_bytes(sample.bam.read_bytes()[:-200])
    assert "cut off" in fails(script, sample, bam=cut)
    assert "cut off or damaged" in fails(script, sample, bam=sample.gff)
    assert "no such file" in fails(script, sample, bam=sample.folder / "none.bam")


def test_no_reads(script, sample):
    assert "no read" in fails(script, sample, bam=sample.write_bam("empty.bam", copies=0))


def test_missing_fai(script, sample):
    sample.reference.with_name("ref.fa.fai").unlink()
    assert "samtools faidx" in fails(script, sample)


def test_unknown_panel_gene_and_bad_targets(script, sample):
    sample.panel.write_text("gene\trole\treason\tcitation\nNOGENE\t\t\t\n")
    assert "NOGENE" in fails(script, sample)
    sample.targets.write_text("chr9\t1\t5\n")
    assert "chr9" in fails(script, sample)


def test_sex_from_targets():
    from twohit.alignment.qc import sex_guess

    targets = {"chr1": np.array([[0, 5000]]), "chrX": np.array([[0, 2000]])}
    for x, guess in ((2000, "female"), (1000, "male"), (1400, None)):
        found = depth.Depths(contig_target_bases={"chr1": 5000 * 100, "chrX": x * 100})
        assert sex_guess(found, targets, {})["sex_guess"] == guess
    assert sex_guess(found, {"chr1": targets["chr1"]}, {})["sex_guess"] is None


def with_unmapped(sample):
    """Add a pair with one mate unmapped, which lies beside the other, and a pair without any place."""
    path = sample.folder / "unmapped.bam"
    with pysam.AlignmentFile(str(sample.bam)) as found, pysam.AlignmentFile(str(path), "wb", template=found) as out:
        reads = list(found)
        first, second = reads[0:2]
        second.flag, first.flag = 0x1 | 0x80 | 0x4, 0x1 | 0x40 | 0x8
        second.reference_start, second.cigartuples, second.mapping_quality = first.reference_start, None, 0
        for read in reads[2:4]:
            read.flag = 0x1 | 0x4 | 0x8 | (read.flag & 0xC0)
            read.reference_id = read.next_reference_id = read.reference_start = read.next_reference_start = -1
            read.cigartuples, read.mapping_quality = None, 0
        for read in reads[:4]:
            read.template_length = 0
        for read in reads:
            out.write(read)
    return path


def known_sites(sample):
    """A VCF of one site, and the .dict that GATK wants."""
    pysam.dict("-o", str(sample.reference.with_suffix(".dict")), str(sample.reference))
    sites = sample.folder / "sites.vcf"
    sites.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=6000>\n##contig=<ID=chrX,length=4000>\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t1200\t.\tA\tT\t.\t.\t.\n"
    )
    pysam.tabix_index(str(sites), preset="vcf", force=True)
    return f"{sites}.gz"


@pytest.mark.slow
def test_base_recalibration_changes_qualities_only(script, sample):
    sites = known_sites(sample)
    bam = with_unmapped(sample)
    plain, _ = run(script, sample, bam=bam)
    before = [(r.query_name, r.flag, r.pos) for r in pysam.AlignmentFile(str(plain / "S.bam"))]
    shutil.rmtree(plain)
    assert "no platform (PL)" in fails(script, sample, "--known-sites", sites, bam=bam)
    out, _ = run(script, sample, "--known-sites", sites, "--fix-read-groups", "--threads", 2, bam=bam)
    reads = list(pysam.AlignmentFile(str(out / "S.bam")))
    assert sorted((r.query_name, r.flag, r.pos) for r in reads) == sorted(before)
    assert sum(read.is_unmapped for read in reads) == 3
    assert sorted(path.name for path in out.iterdir())[1:3] == ["S.bam", "S.bam.bai"]
    assert json.loads((out / "S.alignment_qc.json").read_text())["base_recalibration"] is True
    assert str(sample.folder) not in str(pysam.AlignmentFile(str(out / "S.bam")).header)


@pytest.mark.slow
def test_recalibrated_in_parts_as_in_one(sample, tmp_path, monkeypatch):
    """Reads and tables of two parts are those of GATK on the whole file, whatever the threads."""
    sites = known_sites(sample)
    bam = sample.write_bam("sorted.bam", sort="coordinate", groups=[{"ID": "L1", "SM": "S", "PL": "ILLUMINA"}])
    pysam.index(str(bam))
    recalibration.recalibrate(bam, sample.reference, sites, tmp_path / "one.bam")
    monkeypatch.setattr(recalibration, "READS_A_PART", 100)
    for threads in (1, 2):
        recalibration.recalibrate(
            bam, sample.reference, sites, tmp_path / f"{threads}.bam", threads=threads, memory=900
        )
    assert (tmp_path / "1.bam").read_bytes() == (tmp_path / "2.bam").read_bytes()
    one, two = (list(pysam.AlignmentFile(str(tmp_path / f"{name}.bam"))) for name in ("one", "1"))
    assert [read.to_string() for read in one] == [read.to_string() for read in two]
    assert len(one) == 1440


@pytest.mark.slow
def test_java_without_memory_is_a_killed_task(sample, tmp_path):
    """So the pipeline tries it again with more."""
    sites = known_sites(sample)
    bam = sample.write_bam("sorted.bam", sort="coordinate", groups=[{"ID": "L1", "SM": "S", "PL": "ILLUMINA"}])
    pysam.index(str(bam))
    with pytest.raises(OutOfMemory, match="gatk"):
        recalibration.recalibrate(bam, sample.reference, sites, tmp_path / "S.bam", memory=12)


def test_targets_that_no_contig_of_the_bam_has(tmp_path):
    parts = [{"chr1": np.array([[0, 100]])}, {"chr2": np.array([[0, 100]])}]
    with pytest.raises(InputError, match=r"no target \(chr9 \.\.\.\) is on a contig of the BAM"):
        recalibration._count(["gatk"], parts, {"chr9": np.array([[5, 9]])}, [], tmp_path / "S.bam", 1)
