"""From simulated reads to Mutect2's raw calls and the side files both filters read, for `somatic_filter.py`."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import somatic_plan as planned
import somatic_reads as reads

GATK = ["gatk", "--java-options", "-Xmx3g -XX:ParallelGCThreads=1"]
QUICK = os.environ | {"TWOHIT_GATK_C1": "1"}  # less time of Java's compiler: the data are small


def run(command: list, **options) -> None:
    """Run; what it said is in the error."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise SystemExit(f"{command[:4]}: {done.stderr[-1500:]}")


def raw_calls(setting: planned.Setting, folder: Path) -> Path:
    """Make raw.vcf.gz, its stats, orientation, contamination and segments below folder/NAME; done once."""
    place = folder / setting.name
    if (place / "truth.json").is_file():
        return place
    place.mkdir(parents=True, exist_ok=True)
    made = planned.plan(setting)
    _reference(made, place)
    for which in "TN":
        first, second = reads.write_fastq(reads.sample(setting, made, which), place / which)
        group = f"@RG\\tID:{which}\\tSM:{which}\\tLB:{which}\\tPL:ILLUMINA"
        line = (
            f"bwa mem -t 2 -K 10000000 -R '{group}' ref.fa {first.name} {second.name} | samtools sort -o {which}.bam -"
        )
        run(["bash", "-o", "pipefail", "-c", line], cwd=place)
        run(["samtools", "index", f"{which}.bam"], cwd=place)
        first.unlink(), second.unlink()
    _call(place)
    truth = [vars(event) for event in made.truth]
    artefacts = [vars(event) for event in made.artefacts]
    (place / "truth.json").write_text(json.dumps({"truth": truth, "artefacts": artefacts}))
    return place


def _reference(made: planned.Plan, place: Path) -> None:
    text = made.sequence.tobytes().decode()
    (place / "ref.fa").write_text(
        f">{planned.CONTIG}\n" + "".join(f"{text[i : i + 80]}\n" for i in range(0, len(text), 80))
    )
    run(["bwa", "index", "ref.fa"], cwd=place)
    run(["samtools", "faidx", "ref.fa"], cwd=place)
    run(["samtools", "dict", "ref.fa", "-o", "ref.dict"], cwd=place)
    header = '##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="AF">\n'
    header += f"##contig=<ID={planned.CONTIG},length={len(text)}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    rows = [
        f"{planned.CONTIG}\t{p + 1}\t.\t{r}\t{a}\t.\t.\tAF={f:.5f}\n" for (p, r, a), f in sorted(made.frequency.items())
    ]
    for name, kept in (("germline", rows), ("common", [r for r in rows if 0.01 < float(r.rsplit("=", 1)[1]) < 0.9])):
        (place / f"{name}.vcf").write_text(header + "".join(kept))
        run(["bgzip", "-f", f"{name}.vcf"], cwd=place)
        run(["bcftools", "index", "-t", f"{name}.vcf.gz"], cwd=place)


def _call(place: Path) -> None:
    def gatk(tool, *arguments):
        run([*GATK, tool, *arguments], cwd=place, env=QUICK)

    gatk("Mutect2", "-R", "ref.fa", "-I", "T.bam", "-I", "N.bam", "-normal", "N",
         "--germline-resource", "germline.vcf.gz",
         "--f1r2-tar-gz", "f1r2.tar.gz", "--native-pair-hmm-threads", 2, "-O", "raw.vcf.gz")  # fmt: skip
    gatk("LearnReadOrientationModel", "-I", "f1r2.tar.gz", "-O", "orientation.tar.gz")
    for which in "TN":
        gatk("GetPileupSummaries", "-I", f"{which}.bam", "-V", "common.vcf.gz", "-L", "common.vcf.gz",
             "-min-af", 0.01, "-max-af", 0.9, "-O", f"{which}.pileups")  # fmt: skip
    gatk("CalculateContamination", "-I", "T.pileups", "-matched", "N.pileups", "-O", "contamination.table",
         "--tumor-segmentation", "segments.table")  # fmt: skip


SIDE = ("--orientation", "orientation.tar.gz", "--contamination", "contamination.table", "--segments", "segments.table")


def filter_mutect_calls(place: Path, out: str, *options: str) -> Path:
    """FilterMutectCalls on the raw calls; gives its VCF (made once)."""
    path = place / out
    if not path.is_file():
        run([*GATK, "FilterMutectCalls", "-R", "ref.fa", "-V", "raw.vcf.gz", "--stats", "raw.vcf.gz.stats",
             "--ob-priors", "orientation.tar.gz", "--contamination-table", "contamination.table",
             "--tumor-segmentation", "segments.table", *options, "-O", out], cwd=place,
            env=QUICK)  # fmt: skip
    return path


def primitives(pos: int, ref: str, alt: str) -> frozenset:
    """An allele as a set of single substitutions, or as one trimmed indel (1-based)."""
    if len(ref) == len(alt):
        return frozenset((pos + i, r, a) for i, (r, a) in enumerate(zip(ref, alt, strict=True)) if r != a)
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, pos = ref[1:], alt[1:], pos + 1
    return frozenset([(pos, ref, alt)])


def truth_of(place: Path) -> tuple[list[frozenset], np.ndarray]:
    """Primitives of every true event (not in the contaminating person's), and their fractions."""
    rows = json.loads((place / "truth.json").read_text())["truth"]
    return [primitives(r["pos"] + 1, r["ref"], r["alt"]) for r in rows], np.array([r["fraction"] for r in rows])
