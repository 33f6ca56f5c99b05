"""filter_somatic.py as a user runs it: output, both filters, every mistake."""

import json
import re
from dataclasses import fields

import pysam
import pytest

from twohit.errors import InputError
from twohit.variants import filter_names, somatic_extract, somatic_features, vcf_io


@pytest.fixture
def raw(tmp_path, calls):
    """A raw VCF, bgzipped."""
    path = tmp_path / "raw.vcf"
    calls(1, somatic=30, strand=10, normal_artifact=10).write(path)
    pysam.tabix_compress(str(path), str(tmp_path / "raw.vcf.gz"), force=True)
    return tmp_path / "raw.vcf.gz"


def fails(script, *arguments):
    """Run, expect exit 2, give the one line."""
    done = script("filter_somatic.py", *arguments, check=False)
    assert done.returncode == 2, done.stderr
    (told,) = [line for line in done.stderr.splitlines() if ": judged without " not in line]
    return told


def filtered(path, changes):
    """A copy as FilterMutectCalls would write it: FILTER of each record, or PASS."""
    header = vcf_io.read_header(path)
    status = "##filtering_status=These calls have been filtered by FilterMutectCalls to label false positives."
    lines = [line if not line.startswith("##filtering_status") else status for line in header.lines]
    lines.append('##FILTER=<ID=clustered_events,Description="Clustered events observed in the tumor">')
    rows = []
    for i, record in enumerate(vcf_io.records(path)):
        record.fields[6] = changes.get(i, "PASS")
        rows.append("\t".join(record.fields))
    out = path.with_name("gatk.vcf.gz")
    vcf_io.write_vcf(out, lines, header.samples, rows)
    return out


def test_output_keeps_every_record_and_is_valid(script, raw, tmp_path):
    out = tmp_path / "f.vcf.gz"
    script("filter_somatic.py", "--vcf", raw, "--tumor", "T", "--normal", "N", "--out", out)
    before = [(r.chrom, r.pos, r.fields[9:]) for r in vcf_io.records(raw)]
    with pysam.VariantFile(str(out)) as vcf:
        after = list(vcf.fetch("chr1"))  # needs the index
        assert all(0 <= r.info["SOMATIC_POSTERIOR"][0] <= 1 for r in after)
        assert all(r.info["FILTER_TWOHIT"] == tuple(r.filter) for r in after)
    assert [(r.chrom, r.pos) for r in after] == [row[:2] for row in before]
    assert [r.fields[9:] for r in vcf_io.records(out)] == [row[2] for row in before]
    summary = json.loads((tmp_path / "f.filter_summary.json").read_text())
    assert summary["records"] == len(before)
    assert sum(summary["classes"].values()) == summary["alleles"]
    assert set(summary["missing"]) == {"stats", "orientation", "contamination", "segments", "reference", "gatk"}


def test_same_input_same_bytes_without_dates(script, tmp_path, calls):
    made = calls(2, somatic=20, strand=5)
    outputs = []
    for junk in ("Monday /home/a", "Tuesday /home/b"):
        path, out = tmp_path / f"{junk[:3]}.vcf", tmp_path / f"{junk[:3]}.out.vcf.gz"
        path.write_text(made.text(junk))
        script("filter_somatic.py", "--vcf", path, "--tumor", "T", "--normal", "N", "--out", out)
        outputs.append((out.read_bytes(), out.with_name(f"{out.name}.tbi").read_bytes()))
    assert outputs[0] == outputs[1]


def test_both_filters_and_the_choice(script, raw, tmp_path):
    bed = tmp_path / "panel.bed"
    bed.write_text("chr1\t0\t1100\tGENE1\n")
    gatk = filtered(raw, {0: "clustered_events", 5: "clustered_events"})
    summaries = {}
    for choice in ("twohit", "gatk"):
        out = tmp_path / f"{choice}.vcf.gz"
        script("filter_somatic.py", "--vcf", raw, "--tumor", "T", "--normal", "N", "--out", out, "--gatk", gatk,
               "--choose", choice, "--panel-bed", bed)  # fmt: skip
        for i, record in enumerate(vcf_io.records(out)):
            assert record.filters == record.info[f"FILTER_{choice.upper()}"].split(",")
            assert record.info["FILTER_GATK"] == ("clustered_events" if i in (0, 5) else "PASS")
        summaries[choice] = json.loads((tmp_path / f"{choice}.filter_summary.json").read_text())
    own = [r.info["FILTER_TWOHIT"] for r in vcf_io.records(tmp_path / "twohit.vcf.gz")]
    counts = summaries["twohit"]["disagreements"]["counts"]
    assert counts["both_pass"] == sum(x == "PASS" and i not in (0, 5) for i, x in enumerate(own))
    in_gene = [i for i in range(3) if (own[i] == "PASS") != (i != 0)]
    assert [row["pos"] for row in summaries["twohit"]["disagreements"]["panel"]] == [1000 + 50 * i for i in in_gene]


def test_filtered_input_is_taken_as_gatks_result(script, raw, tmp_path):
    gatk, out = filtered(raw, {1: "clustered_events"}), tmp_path / "f.vcf.gz"
    script("filter_somatic.py", "--vcf", gatk, "--tumor", "T", "--normal", "N", "--out", out, "--choose", "gatk")
    found = [r.filters for r in vcf_io.records(out)]
    assert found[1] == ["clustered_events"]
    assert found[0] == ["PASS"]


def test_multiallelic_records_are_judged_per_allele(script, tmp_path, callset, allele, calls):
    text = calls(6, somatic=30).text()
    line = (
        "chr1\t900000\t.\tA\tT,C\t.\t.\tAS_SB_TABLE=30,30|15,15|3,0;DP=150;ECNTH=1,1;MBQ=37,37,12;MMQ=60,60,60;"
        "MPOS=18,2;POPAF=6.00,6.00;TLOD=70.00,3.10\tGT:AD:AF:DP:F1R2:F2R1:FAD:SB\t"
        "0/0:60,0,0:0.01,0.01:60:30,0,0:30,0,0:60,0,0:30,30,0,0\t"
        "0/1/2:60,30,3:0.3,0.03:93:30,15,3:30,15,0:60,30,3:30,30,18,15\n"
    )
    path, out = tmp_path / "raw.vcf", tmp_path / "f.vcf.gz"
    path.write_text(text + line)
    script("filter_somatic.py", "--vcf", path, "--tumor", "T", "--normal", "N", "--out", out)
    last = list(vcf_io.records(out))[-1]
    first, second = map(float, last.info["SOMATIC_POSTERIOR"].split(","))
    assert first > 0.9 > second
    assert last.filters == ["PASS"]
    assert last.info["AS_FILTER"].split(",")[0] == "PASS"
    assert last.info["AS_FILTER"].split(",")[1] != "PASS"


def test_depth_rule_of_the_study(script, tmp_path, callset, allele):
    deep = allele((60, 30), (60, 0), (30, 30, 15, 15), (30, 15))
    shallow = allele((60, 30), (8, 0), (30, 30, 15, 15), (30, 15))
    path = callset([deep, shallow]).write(tmp_path / "raw.vcf")
    for depth, expected in ((10, [["PASS"], ["low_depth"]]), (5, [["PASS"], ["PASS"]])):
        out = tmp_path / f"{depth}.vcf.gz"
        script("filter_somatic.py", "--vcf", path, "--tumor", "T", "--normal", "N", "--out", out, "--min-depth", depth)
        assert [r.filters for r in vcf_io.records(out)] == expected


def test_no_record_is_fine(script, tmp_path, callset):
    path, out = callset([]).write(tmp_path / "raw.vcf"), tmp_path / "f.vcf.gz"
    script("filter_somatic.py", "--vcf", path, "--tumor", "T", "--out", out)
    assert list(vcf_io.records(out)) == []
    summary = json.loads((tmp_path / "f.filter_summary.json").read_text())
    assert summary["records"] == 0
    assert summary["expected_fdr"] is None


def test_another_caller(script, tmp_path):
    path = tmp_path / "other.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n##source=strelka\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
    )
    text = fails(script, "--vcf", path, "--tumor", "T", "--out", tmp_path / "f.vcf.gz")
    assert "strelka" in text
    assert "Mutect2" in text


def test_unknown_sample_names_those_there(script, raw, tmp_path):
    text = fails(script, "--vcf", raw, "--tumor", "X", "--out", tmp_path / "f.vcf.gz")
    assert "'X'" in text
    assert "N, T" in text
    assert "same sample" in fails(script, "--vcf", raw, "--tumor", "T", "--normal", "T", "--out", tmp_path / "f.vcf.gz")


def test_truncated_file_writes_nothing(script, raw, tmp_path):
    cut = tmp_path / "cut.vcf.gz"
    cut.write_bytes(raw.read_bytes()[:-40])
    out = tmp_path / "f.vcf.gz"
    assert "cut off" in fails(script, "--vcf", cut, "--tumor", "T", "--out", out)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cut.vcf.gz", "raw.vcf", "raw.vcf.gz"]


def test_no_vcf_at_all(script, tmp_path):
    path = tmp_path / "x.vcf"
    path.write_text("hello\n")
    assert "not a VCF" in fails(script, "--vcf", path, "--tumor", "T", "--out", tmp_path / "f.vcf.gz")
    missing = fails(script, "--vcf", tmp_path / "none.vcf", "--tumor", "T", "--out", tmp_path / "f.vcf.gz")
    assert "no such file" in missing


def test_side_file_of_another_sample(script, raw, tmp_path):
    table = tmp_path / "contamination.table"
    table.write_text("sample\tcontamination\terror\nOTHER\t0.01\t0.001\n")
    base = ["--vcf", raw, "--tumor", "T", "--out", tmp_path / "f.vcf.gz"]
    assert "OTHER" in fails(script, *base, "--contamination", table)
    table.write_text("sample\tcontamination\nT\t0.01\n")
    assert "'error'" in fails(script, *base, "--contamination", table)
    table.write_text("sample\tcontamination\terror\nT\tmuch\t0.001\n")
    assert "'much'" in fails(script, *base, "--contamination", table)
    segments = tmp_path / "segments.table"
    segments.write_text("#<METADATA>SAMPLE=OTHER\ncontig\tstart\tend\tminor_allele_fraction\n")
    assert "OTHER" in fails(script, *base, "--segments", segments)
    assert "archive" in fails(script, *base, "--orientation", segments)
    assert "'statistic'" in fails(script, *base, "--stats", table)


def test_gatk_file_must_fit(script, raw, tmp_path, calls):
    base = ["--vcf", raw, "--tumor", "T", "--normal", "N", "--out", tmp_path / "f.vcf.gz"]
    assert "FilterMutectCalls" in fails(script, *base, "--gatk", raw)
    assert "--choose gatk" in fails(script, *base, "--choose", "gatk")
    other = tmp_path / "other" / "raw.vcf.gz"
    other.parent.mkdir()
    plain = calls(8, somatic=3).write(other.with_suffix(""))
    pysam.tabix_compress(str(plain), str(other), force=True)
    assert "same raw calls" in fails(script, *base, "--gatk", filtered(other, {}))
    assert not (tmp_path / "f.vcf.gz").exists()


def test_reference_of_another_build(script, raw, tmp_path):
    fasta = tmp_path / "ref.fa"
    fasta.write_text(">chr1\n" + "ACGT" * 100 + "\n")
    base = ["--vcf", raw, "--tumor", "T", "--out", tmp_path / "f.vcf.gz", "--reference", fasta]
    assert "samtools faidx" in fails(script, *base)
    pysam.faidx(str(fasta))
    text = fails(script, *base)
    assert "1000000" in text
    assert "400" in text


def test_options_that_do_not_fit(script, raw, tmp_path):
    base = ["--vcf", raw, "--tumor", "T"]
    assert ".vcf.gz" in fails(script, *base, "--out", tmp_path / "f.vcf")
    assert "--gff and --panel" in fails(script, *base, "--out", tmp_path / "f.vcf.gz", "--gff", raw)
    assert "--fdr" in fails(script, *base, "--out", tmp_path / "f.vcf.gz", "--fdr", "1.5")
    bed = tmp_path / "x.bed"
    bed.write_text("chr1\t9\t3\tG\n")
    assert "line 1" in fails(script, *base, "--out", tmp_path / "f.vcf.gz", "--panel-bed", bed)


def test_cut_at_a_share_of_false_calls(script, raw, tmp_path):
    base = ["--vcf", raw, "--tumor", "T", "--normal", "N"]
    summaries = {}
    for fdr in ("0.2", "0.001"):
        script("filter_somatic.py", *base, "--out", tmp_path / f"{fdr}.vcf.gz", "--fdr", fdr)
        summaries[fdr] = json.loads((tmp_path / f"{fdr}.filter_summary.json").read_text())
        assert summaries[fdr]["expected_fdr"] <= float(fdr)
    assert summaries["0.001"]["filters_twohit"]["PASS"] < summaries["0.2"]["filters_twohit"]["PASS"]


def test_broken_line_is_named(tmp_path, calls):
    path = tmp_path / "raw.vcf"
    path.write_text(calls(1, somatic=2).text() + "chr1\t5\n")
    with pytest.raises(InputError, match="columns where the header has"):
        list(vcf_io.records(path))


def test_gatks_filters_per_allele():
    def status(filters, text):
        record = vcf_io.Record("chr1", 1, "A", ["T", "C"], filters, {"AS_FilterStatus": text}, [], [])
        return filter_names.gatk_allele_filters(record)

    assert status(["PASS"], "SITE|weak_evidence") == [[], ["weak_evidence"]]
    assert status(["clustered_events"], "SITE|SITE") == [["clustered_events"], ["clustered_events"]]


def test_contig_names_that_do_not_fit_are_told(script, raw, tmp_path):
    base = ["--vcf", raw, "--tumor", "T", "--out", tmp_path / "f.vcf.gz"]
    bed, segments = tmp_path / "panel.bed", tmp_path / "segments.table"
    bed.write_text("1\t0\t1100\tGENE1\n")
    text = fails(script, *base, "--panel-bed", bed)
    assert "contig 1" in text
    assert "chr1" in text
    segments.write_text("#<METADATA>SAMPLE=T\ncontig\tstart\tend\tminor_allele_fraction\n1\t1\t900\t0.4\n")
    assert "contig 1" in fails(script, *base, "--segments", segments)


def test_numbers_that_are_none_are_told(script, calls, tmp_path):
    text = calls(2, somatic=5).text()
    path, out = tmp_path / "raw.vcf", tmp_path / "f.vcf.gz"
    for old, new, said in ((r"TLOD=[\d.]+", "TLOD=x", "'x'"), (r";TLOD=[\d.]+", "", "no TLOD"),
                           (r"MBQ=[\d,]+", "MBQ=37,y", "'37,y'")):  # fmt: skip
        path.write_text(re.sub(old, new, text))
        told = fails(script, "--vcf", path, "--tumor", "T", "--normal", "N", "--out", out)
        assert said in told
        assert "raw.vcf" in told


def test_position_past_the_contigs_end(script, calls, tmp_path):
    fasta, path = tmp_path / "ref.fa", tmp_path / "raw.vcf"
    fasta.write_text(">chr1\n" + "ACGT" * 300 + "\n")
    pysam.faidx(str(fasta))
    path.write_text(re.sub("##contig.*\n", "", calls(2, somatic=30).text()))
    told = fails(script, "--vcf", path, "--tumor", "T", "--out", tmp_path / "f.vcf.gz", "--reference", fasta)
    assert "past the contig's end" in told


def test_callable_sites_below_none(script, raw, tmp_path):
    stats = tmp_path / "stats"
    stats.write_text("statistic\tvalue\ncallable\t-5\n")
    told = fails(script, "--vcf", raw, "--tumor", "T", "--out", tmp_path / "f.vcf.gz", "--stats", stats)
    assert "-5 callable sites" in told


def test_what_is_missing_is_said(script, raw, tmp_path):
    done = script("filter_somatic.py", "--vcf", raw, "--tumor", "T", "--out", tmp_path / "f.vcf.gz")
    assert "without contamination, gatk, normal, orientation, reference, segments, stats" in done.stderr


def test_quick_and_slow_reading_are_the_same(calls, tmp_path, monkeypatch):
    path = calls(6, somatic=40, strand=20, normal_artifact=20).write(tmp_path / "raw.vcf")
    read = [somatic_extract.extract(vcf_io.rows(path), 1, normal, None) for normal in (0, None)]
    monkeypatch.setattr(somatic_extract.Layout, "of", lambda text: None)
    slow = [somatic_extract.extract(vcf_io.rows(path), 1, normal, None) for normal in (0, None)]
    for one, other in zip(read, slow, strict=True):
        assert one.sizes == other.sizes
        for field in fields(somatic_features.Features):
            assert (one.column(field.name) == other.column(field.name)).all(), field.name


def test_info_keeps_its_order_and_replaces():
    assert vcf_io.with_info("A=1;A2=5;PON;Z=0=1", ["B=2", "PON2"]) == "A=1;A2=5;B=2;PON;PON2;Z=0=1"
    assert vcf_io.with_info("AS_FILTER=x;B=1", ["AS_FILTER=PASS"]) == "AS_FILTER=PASS;B=1"
    assert vcf_io.with_info(".", ["B=1"]) == "B=1"
