"""Wrong input through Nextflow: exit code 2, one clear line for each mistake, nothing published."""

import gzip
import random
import subprocess

import pytest

from tests.samples.sheets import HEADER, write_bam, write_counts, write_vcf

from .conftest import ROOT, nextflow

pytestmark = pytest.mark.e2e

CONTIG, LENGTH = "chr7_140423000_140483161", 60162  # of tests/data/braf_exon15.gff3


@pytest.fixture
def folder(tmp_path):
    """A reference of random bases with one gene, and reads."""
    bases = "".join(random.Random(1).choices("ACGT", k=LENGTH))
    (tmp_path / "genome.fa").write_text(f">{CONTIG}\n{bases}\n")
    (tmp_path / "genome.json").write_text(
        f'{{"name": "slice", "contigs": [{{"name": "{CONTIG}", "length": {LENGTH}, "centromere": 0}}]}}'
    )
    for name in ("t_1", "t_2", "n_1", "n_2"):
        (tmp_path / f"{name}.fq.gz").write_bytes(gzip.compress(f"@{name}\nA\n+\nI\n".encode()))
    (tmp_path / "panel.tsv").write_text("gene\trole\treason\tcitation\nBRAF\tother\t\t\n")
    return tmp_path


def reference(folder):
    return (
        *("--fasta", folder / "genome.fa", "--gff", ROOT / "tests" / "data" / "braf_exon15.gff3"),
        *("--genome", folder / "genome.json", "--panel", folder / "panel.tsv"),
    )


def sheet(folder, *rows):
    width = HEADER.count(",")
    lines = [row + "," * (width - row.count(",")) for row in rows]
    (folder / "samples.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    return "--input", folder / "samples.csv"


def published(run):
    """Whatever of a patient or of the run's state was published."""
    return [path for path in run.results.rglob("*") if path.name == "manifest.json" or "report" in path.parts]


def test_wrong_parameters(tmp_path):
    wrong = ("--inptu", "x", "--fasta", "gone.fa", "--min_depth", "0", "--scatter_count", "many", "--genome", "hg99")
    run = nextflow(ROOT, tmp_path, "-profile", "test,native", *wrong, "--somatic_filter", "best", "--min-depth", "3")
    assert run.code == 2 and published(run) == []
    assert run.said() == [
        "twohit: error: --inptu: no such parameter; did you mean --input?",
        "twohit: error: --minDepth: no such parameter; did you mean --min_depth?",
        "twohit: error: --genome hg99: no such file; give GRCh38, hg38, hg19, GRCh37 or the path of an existing file",
        "twohit: error: --fasta gone.fa: no such file; give the path of an existing file",
        "twohit: error: --somatic_filter best: is not known; use twohit or gatk",
        "twohit: error: --min_depth 0: is too small; the least is 1",
        "twohit: error: --scatter_count many: is not a whole number",
    ]


def test_help_names_every_parameter(tmp_path):
    import json

    run = nextflow(ROOT, tmp_path, "--help")
    groups = json.loads((ROOT / "nextflow_schema.json").read_text())["$defs"].values()
    assert run.code == 0
    for group in groups:
        assert group["title"] in run.text
        for name, rule in group["properties"].items():
            (line,) = (line for line in run.text.splitlines() if line.startswith(f"  --{name} "))
            assert rule["description"] in line
            assert "default" not in rule or f"[{str(rule['default']).lower()}]" in line.lower()


def test_defaults_of_schema_and_config_agree():
    import json

    command = ["nextflow", "config", "-flat", ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = dict(
        line.removeprefix("params.").split(" = ", 1) for line in done.stdout.splitlines() if line.startswith("params.")
    )
    for group in json.loads((ROOT / "nextflow_schema.json").read_text())["$defs"].values():
        for name, rule in group["properties"].items():
            value = told.pop(name).strip("'")
            if name == "panel":
                value = value.removeprefix(f"{ROOT}/")
            unset = "false" if rule["type"] == "boolean" else "null"  # nf-core's lint wants no false in the schema
            assert value == str(rule.get("default", unset)).replace("True", "true"), name
    assert told == {}


@pytest.mark.parametrize(
    "profile", ["native", "docker", "podman", "singularity", "slurm", "test", "demo", "test_doubled"]
)
def test_profiles_can_be_read(profile):
    command = ["nextflow", "config", "-profile", profile, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = {
        "docker": "docker {",
        "podman": "podman {",
        "singularity": "singularity {",
        "slurm": "executor = 'slurm'",
    }
    assert expected.get(profile, "params {") in done.stdout


def test_a_wrong_samplesheet_is_refused_whole(folder):
    write_bam(folder / "n.bam", "N")
    (folder / "n.bam.bai").unlink()
    write_vcf(folder / "calls.vcf.gz", ["A", "B"])
    rows = sheet(
        folder,
        "P1,T,tumor,,,,gone.fq.gz,n_2.fq.gz",
        "P1,N,normal,,,,,,,n.bam",
        "P2,T2,tumor,,,,t_1.fq.gz,t_2.fq.gz",
        "P2,N2,normal,,,,t_1.fq.gz,t_2.fq.gz",
        "P3,T3,tumor,,,,,,,,calls.vcf.gz",
    )
    run = nextflow(ROOT, folder, "-profile", "native", *rows, *reference(folder))
    assert run.code == 2 and published(run) == []
    told = [line.removeprefix("check_samplesheet.py: error: samples.csv: ") for line in run.said()]
    assert [line.split(":")[0] for line in told] == [
        "row 2, column 'fastq_1', value 'gone.fq.gz'",
        "row 3, column 'bam', value 'n.bam'",
        "row 5, column 'fastq_1', value 't_1.fq.gz'",
        "row 5, column 'fastq_2', value 't_2.fq.gz'",
        "row 6, column 'vcf', value 'calls.vcf.gz'",
    ]
    assert "tumor and normal are the same file" in told[2]


def test_wrong_columns(folder):
    (folder / "samples.csv").write_text("patient,sample,type,fastq1\nP1,T,tumor,t_1.fq.gz\n")
    run = nextflow(ROOT, folder, "-profile", "native", "--input", folder / "samples.csv", *reference(folder))
    assert run.code == 2 and published(run) == []
    (line,) = run.said()
    assert "column 'type' is unknown" in line and "column 'kind' is missing" in line


def test_a_panel_gene_that_the_gene_models_lack(folder):
    (folder / "panel.tsv").write_text("gene\trole\treason\tcitation\nBRAF\tother\t\t\nBARF\tother\t\t\n")
    rows = sheet(folder, "P1,T,tumor,,,,t_1.fq.gz,t_2.fq.gz")
    run = nextflow(ROOT, folder, "-profile", "native", *rows, *reference(folder))
    assert run.code == 2 and published(run) == []
    (line,) = run.said()
    assert line.startswith("prepare_reference.py: error: ") and "BARF" in line


def test_all_genes_need_a_file_that_lists_them(folder):
    rows = sheet(folder, "P1,T,tumor,,,,t_1.fq.gz,t_2.fq.gz")
    run = nextflow(ROOT, folder, "-profile", "native", *rows, "--panel", "all", "--targets", "gone.bed")
    assert run.code == 2 and published(run) == []
    assert run.said() == [
        "twohit: error: --targets gone.bed: no such file; give the path of an existing file",
        "twohit: error: --panel all: needs --gff or --genes, which say what genes there are",
    ]
    run = nextflow(ROOT, folder, "-profile", "native", *rows, "--panel", "every")
    assert run.said() == [
        "twohit: error: --panel every: no such file; give all or the path of an existing file",
    ]


def test_names_with_blanks_and_what_is_left_out_of_the_reference_files(folder):
    """Blanks in the names of a samplesheet, files and a folder; sites on a contig that the FASTA lacks."""
    base = (folder / "genome.fa").read_text().split("\n")[1][99]
    lines = ["##fileformat=VCFv4.2", "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"])]
    lines += [f"{CONTIG}\t100\t.\t{base}\t{'A' if base != 'A' else 'C'}\t.\t.\t.", "chrUn_1\t5\t.\tA\tC\t.\t.\t."]
    (folder / "known sites.vcf").write_text("\n".join(lines) + "\n")
    write_counts(folder / "no sites.csv", 2)
    sheet(folder, "P1,T,tumor,,,,,,,,,no sites.csv")
    (folder / "samples.csv").rename(folder / "my samples.csv")
    given = ("--input", folder / "my samples.csv", "--known_sites", folder / "known sites.vcf", *reference(folder))
    run = nextflow(ROOT, folder, "-profile", "native", *given, outdir="out put")
    assert run.code == 2 and published(run) == []
    assert run.said() == ["segment_copy_number.py: error: no sites.csv: holds no site; count at more SNPs"]
    assert "known_sites.vcf.gz: left out are 1 contigs that the FASTA lacks (chrUn_1" in run.text
    assert "twohit: 1 task(s) failed, exit code 2" in run.errors


def test_a_listed_normal_that_is_not_there(folder):
    (folder / "normals.txt").write_text("gone.csv.gz\n")
    run = nextflow(ROOT, folder, "-profile", "test,native", "--copy_number_normals", folder / "normals.txt")
    assert run.code == 2 and published(run) == []
    assert run.said() == [
        f"twohit: error: --copy_number_normals {folder}/normals.txt: {folder}/gone.csv.gz: no such file; "
        "list existing SNP counts"
    ]


def test_a_folder_with_signs_of_the_shell_is_only_a_folder(folder):
    """What stands in a path or a parameter never runs."""
    hostile = folder / "it's $(touch HACKED); x"
    hostile.mkdir()
    (hostile / "samples.csv").write_text(f"{HEADER}\nP1,P1_T,tumor" + "," * (HEADER.count(",") - 2) + "\n")
    cells = ("--cell_reference", "B'; touch HACKED; '")
    run = nextflow(ROOT, folder, "-profile", "native", "--input", hostile / "samples.csv", *reference(folder), *cells)
    assert run.code == 2 and published(run) == []
    assert any("names no file" in line for line in run.said())
    assert not list(folder.rglob("HACKED"))
