"""bcftools norm and csq on the calls: every record split, left-aligned and with BCSQ; complaints in one line."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from twohit.alignment.checks import reference_lengths
from twohit.errors import InputError
from twohit.genome.transcripts import read_gff
from twohit.machine import blame_machine
from twohit.variants import vcf_io
from twohit.variants.allele_filters import spell_out
from twohit.variants.caller_status import with_status
from twohit.variants.epitopes import Epitope
from twohit.variants.given import spell_given
from twohit.variants.hotspots import Hotspot
from twohit.variants.missense_scores import MissenseScores


@dataclass(frozen=True)
class Request:
    """What is annotated: the VCF, where it came from, which of its samples are tumour and normal, and by what.

    `annotator`: csq (run here), vep (the VCF has VEP's CSQ) or given (it has CSQ, ANN or BCSQ).
    """

    vcf: Path
    origin: str
    gff: Path
    reference: Path
    tumor: str | None = None
    normal: str | None = None
    genes: frozenset[str] | None = None
    annotator: str = "csq"
    hotspots: dict[tuple[str, str], Hotspot] = field(default_factory=dict)
    epitopes: tuple[Epitope, ...] = ()
    scores: MissenseScores | None = None


def annotated_calls(request: Request, folder: Path) -> Path:
    """Normalise, split multi-allelic records; consequences by bcftools csq, or those the VCF came with."""
    if shutil.which("bcftools") is None:
        raise InputError("bcftools: not on PATH; install it (make env) or add its folder to PATH")
    split, told = folder / "split.vcf", folder / "told.vcf"
    if request.annotator == "csq":
        _check_ensembl_style(request.gff)
    _call(["view", "-O", "v", "-o", str(folder / "plain.vcf"), str(request.vcf)], request)
    _check_places(folder / "plain.vcf", request)
    plain = folder / "plain.vcf"
    if request.origin == "somatic":
        with_status(plain, folder / "somatic.vcf", request.tumor)
        plain = folder / "somatic.vcf"
    spell_out(plain, folder / "own.vcf")
    if request.annotator != "csq":
        try:
            spell_given(folder / "own.vcf", folder / "given.vcf", "CSQ" if request.annotator == "vep" else None)
        except InputError as error:
            raise InputError(str(error).replace(str(folder / "own.vcf"), str(request.vcf))) from error
        _call(["norm", "-f", str(request.reference), "-c", "e", "-m-", "-O", "v", "-o", str(split),
               str(folder / "given.vcf")], request)  # fmt: skip
        return split
    fasta, vcf, gff = map(str, (request.reference, folder / "own.vcf", request.gff))
    _call(["norm", "-f", fasta, "-c", "e", "-m-", "-O", "v", "-o", str(split), vcf], request)
    _call(["csq", "-l", "-p", "a", "-s", "-", "-f", fasta, "-g", gff, "-O", "v", "-o", str(told), str(split)], request)
    return told


def _check_places(plain: Path, request: Request) -> None:
    """Refuse records that lie on no contig of the FASTA, or past a contig's end."""
    lengths = reference_lengths(request.reference)
    for line in vcf_io.lines_of(plain):
        if line.startswith("#") or not line:
            continue
        chrom, pos, _, ref = line.split("\t", 4)[:4]
        end = int(pos) + len(ref) - 1
        if end > lengths.get(chrom, 0):
            what = f"which has {lengths[chrom]} bases" if chrom in lengths else "which is not in it"
            raise InputError(
                f"{request.vcf}: {chrom}:{pos} {ref[:20]} ends at {end} of {chrom}, {what}: not of the build of "
                f"{request.reference}; give the FASTA it was called on"
            )


def _call(arguments: list[str], request: Request) -> None:
    """Run bcftools; what it refuses becomes one line about the user's file."""
    done = subprocess.run(["bcftools", *arguments], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    blame_machine(f"bcftools {arguments[0]}", done.returncode, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    said = "; ".join(dict.fromkeys((lines[0], lines[-1]))) if lines else f"exit {done.returncode}"
    mismatch = [line for line in lines if "mismatch" in line.lower()]
    if mismatch or "faidx" in done.stderr:
        text = mismatch[0] if mismatch else said
        raise InputError(
            f"{request.vcf}: not of the build of {request.reference} ({text}); give the FASTA it was called on"
        )
    raise InputError(f"{request.vcf}: bcftools {arguments[0]} failed: {said}")


def _check_ensembl_style(gff: Path) -> None:
    """Refuse a GFF3 that bcftools csq would read as empty."""
    if not read_gff(gff, ()).ensembl_style:
        raise InputError(
            f"{gff}: not Ensembl-style: bcftools csq needs ID=gene:..., ID=transcript:... and biotype=...; "
            "use the GFF3 of Ensembl, or convert NCBI's and GENCODE's with bcftools' gff2gff.py"
        )
