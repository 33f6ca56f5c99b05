"""Filter one Mutect2 call set: read, learn, judge, write. The science is in the somatic_* modules."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twohit.errors import InputError
from twohit.tables import write_json
from twohit.variants import filter_names as names
from twohit.variants import somatic_components as sc
from twohit.variants import somatic_em as em
from twohit.variants import somatic_haplotypes, vcf_io
from twohit.variants.filter_regions import Regions
from twohit.variants.filter_summary import Tally, summarise
from twohit.variants.filter_threshold import best_threshold
from twohit.variants.somatic_evidence import Evidence, gather, half_read
from twohit.variants.somatic_features import Features, extract
from twohit.variants.somatic_side import SideFiles, minor_fractions, read_side_files

# The model learns from at most so many alleles, evenly picked, and judges all in blocks: memory stays flat.
LEARN_FROM = 20_000
STRETCH_ALLELES = 50  # neighbours among them
BLOCK = 20_000
STRETCH = 100_000  # bases of the reference that are read at once
# Callable sites assumed without Mutect2's stats: raw calls come about one per thousand.
SITES_PER_ALLELE, FEWEST_SITES = 1000.0, 1e6
INFO_LINES = (
    '##INFO=<ID=SOMATIC_POSTERIOR,Number=A,Type=Float,Description="Posterior probability that the allele is somatic">',
    '##INFO=<ID=SOMATIC_CLASS,Number=A,Type=String,Description="Most probable explanation of the allele">',
    '##INFO=<ID=FILTER_TWOHIT,Number=.,Type=String,Description="FILTER of the twohit model">',
    '##INFO=<ID=FILTER_GATK,Number=.,Type=String,Description="FILTER of FilterMutectCalls">',
    '##INFO=<ID=AS_FILTER,Number=A,Type=String,Description="The chosen filter per allele, reasons joined by |">',
)


@dataclass
class Request:
    """What the user asked for; see `filter_somatic.py --help`."""

    vcf: Path
    tumor: str
    out: Path
    normal: str | None = None
    stats: Path | None = None
    orientation: Path | None = None
    contamination: Path | None = None
    segments: Path | None = None
    reference: Path | None = None
    gatk: Path | None = None
    choose: str = "twohit"
    min_depth: int = 10
    beta: float = 1.0
    regions: Regions | None = None


@dataclass
class Judgement:
    """The model's result: posterior per allele and component, threshold, and what else removes an allele."""

    posterior: np.ndarray
    threshold: float
    shallow: np.ndarray
    pon: np.ndarray
    parameters: em.Parameters
    sites: float

    @property
    def somatic(self) -> np.ndarray:
        """P(somatic) per allele."""
        return self.posterior[:, sc.INDEX["somatic"]]

    def explained(self) -> Iterator[tuple[list[str], str]]:
        """Filters and class of each allele, made a block at a time: lists of words take more room than numbers."""
        for start in range(0, len(self.posterior), BLOCK):
            rows = slice(start, start + BLOCK)
            part = self.posterior[rows]
            yield from zip(
                names.allele_filters(part, self.threshold, self.shallow[rows], self.pon[rows]),
                names.classes(part),
                strict=True,
            )


def run(request: Request) -> dict:
    """Filter, write the VCF with its index and the summary beside it; gives the summary."""
    header = vcf_io.read_header(request.vcf)
    vcf_io.check_mutect2(header, request.vcf)
    tumor = vcf_io.sample_column(header, request.tumor, "--tumor", request.vcf)
    normal = None
    if request.normal is not None:
        normal = vcf_io.sample_column(header, request.normal, "--normal", request.vcf)
        if normal == tumor:
            raise InputError(f"--normal {request.normal}: the same sample as --tumor; name the patient's normal")
    gatk = _gatk_path(request, header)
    if request.choose == "gatk" and gatk is None:
        raise InputError("--choose gatk: needs --gatk, the VCF FilterMutectCalls wrote, or a filtered --vcf")
    side = read_side_files(request.tumor, request.stats, request.orientation, request.contamination, request.segments)
    _say_missing(request, side, gatk)
    with _reference(request, header) as bases_around:
        try:
            features, contigs = extract(vcf_io.records(request.vcf), tumor, normal, bases_around)
        except InputError as error:
            raise error if str(request.vcf) in str(error) else InputError(f"{request.vcf}: {error}") from error
    judged = judge(features, contigs, side, request)
    tally = Tally(request.regions)
    lines = _output_lines(request, judged, gatk, tally)
    vcf_io.write_vcf(request.out, _output_header(header, gatk), header.samples, lines)
    summary = summarise(request, side, judged, tally)
    write_json(summary, summary_path(request.out))
    return summary


def summary_path(out: Path) -> Path:
    """`f.filter_summary.json` beside `f.vcf.gz` (of `T.somatic.vcf.gz` that is `T.filter_summary.json`)."""
    stem = out.name.removesuffix(".gz").removesuffix(".vcf").removesuffix(".somatic")
    return out.with_name(f"{stem}.filter_summary.json")


def judge(features: Features, contigs: list[str], side: SideFiles, request: Request) -> Judgement:
    """Learn from the alleles and give each its posterior and filters."""
    n = len(features)
    sites = side.callable_sites or max(FEWEST_SITES, SITES_PER_ALLELE * n)
    minor = minor_fractions(side.segments, features, contigs)
    half, has_pon = half_read(features), bool(features.pon.any())
    rows = _learn_from(n)

    def evidence(some: np.ndarray) -> Evidence:
        return gather(features.take(some), side, minor[some], half, has_pon)

    parameters = em.learn(evidence(rows), sites, n / max(len(rows), 1))
    posterior = np.zeros((n, len(sc.COMPONENTS)))
    for block in somatic_haplotypes.blocks(features, BLOCK):
        posterior[block] = em.posterior(evidence(block), parameters)
    shallow = features.tumor_dp < request.min_depth
    if request.normal is not None:
        shallow |= features.normal_dp < request.min_depth
    somatic = posterior[:, sc.INDEX["somatic"]]
    threshold = best_threshold(somatic[~shallow], request.beta)
    return Judgement(posterior, threshold, shallow, features.pon == 1, parameters, sites)


def _learn_from(n: int) -> np.ndarray:
    """Rows to learn from: all, or stretches of neighbours (haplotypes stay whole) evenly picked."""
    if n <= LEARN_FROM:
        return np.arange(n)
    stretch = min(STRETCH_ALLELES, LEARN_FROM)
    starts = np.linspace(0, n - stretch, LEARN_FROM // stretch).round().astype(int)
    return np.unique(starts[:, None] + np.arange(stretch))


def _gatk_path(request: Request, header: vcf_io.Header) -> Path | None:
    if request.gatk is not None:
        other = vcf_io.read_header(request.gatk)
        if not other.filtered:
            raise InputError(f"{request.gatk}: FilterMutectCalls did not write it; give its output to --gatk")
        return request.gatk
    return request.vcf if header.filtered else None


def _say_missing(request: Request, side: SideFiles, gatk: Path | None) -> None:
    for name, value in (("reference", request.reference), ("normal", request.normal), ("gatk", gatk)):
        if value is None:
            side.missing.append(name)


@contextlib.contextmanager
def _reference(request: Request, header: vcf_io.Header) -> Iterator[Callable[[str, int], str] | None]:
    """Give a function that reads three reference bases, or None without a reference."""
    if request.reference is None:
        yield None
        return
    import pysam

    path = Path(request.reference)
    if not Path(f"{path}.fai").is_file():
        raise InputError(f"{path}: its index {path.name}.fai is missing; run samtools faidx {path.name}")
    with pysam.FastaFile(str(path)) as fasta:
        lengths = dict(zip(fasta.references, fasta.lengths, strict=True))
        for contig, length in header.contigs.items():
            if lengths.get(contig, length) != length:
                raise InputError(
                    f"{request.vcf}: contig {contig} has {length} bases, in {path} {lengths[contig]}: "
                    "another build; give the reference the reads were aligned to"
                )

        held = {"contig": None, "start": 0, "end": 0, "bases": ""}  # records are in order: a stretch serves many

        def around(contig: str, pos: int) -> str:
            if contig not in lengths:
                raise InputError(f"{request.vcf}: contig {contig} is not in {path}; give the reference of the VCF")
            start, end = max(0, pos - 2), min(lengths[contig], pos + 1)
            if contig != held["contig"] or start < held["start"] or end > held["end"]:
                stop = min(lengths[contig], start + STRETCH)
                held.update(contig=contig, start=start, end=stop, bases=fasta.fetch(contig, start, stop).upper())
            return held["bases"][start - held["start"] : end - held["start"]]

        yield around


def _output_header(header: vcf_io.Header, gatk: Path | None) -> list[str]:
    described = [f'##FILTER=<ID={key},Description="{text}">' for key, text in names.DESCRIPTIONS.items()]
    lines = vcf_io.stable_header(header, [])
    if gatk is not None:
        there = {line.split(",", 1)[0] for line in lines}
        theirs = vcf_io.read_header(gatk).lines
        lines += [x for x in theirs if x.startswith(("##FILTER=", "##INFO=")) and x.split(",", 1)[0] not in there]
    there = {line.split(",", 1)[0] for line in lines}
    lines += [line for line in described if line.split(",", 1)[0] not in there]
    ours = {line.split(",", 1)[0] for line in INFO_LINES}
    return [line for line in lines if line.split(",", 1)[0] not in ours] + list(INFO_LINES)


def _output_lines(request: Request, judged: Judgement, gatk: Path | None, tally: Tally) -> Iterator[str]:
    theirs = vcf_io.records(gatk) if gatk is not None else None
    somatic, row, explained = judged.somatic, 0, judged.explained()
    for record in vcf_io.records(request.vcf):
        n = len(record.alts)
        told = list(itertools.islice(explained, n))
        own, labels = [filters for filters, _ in told], [label for _, label in told]
        twohit = names.record_filters(own)
        other = _matching(record, theirs, gatk) if theirs is not None else None
        gatk_alleles = names.gatk_allele_filters(other) if other is not None else None
        gatk_record = (other.filters or [names.PASS]) if other is not None else None
        posterior = ",".join(f"{value:.4g}" for value in somatic[row : row + n])
        info = dict(record.info)
        info["SOMATIC_POSTERIOR"], info["SOMATIC_CLASS"] = posterior, ",".join(labels)
        info["FILTER_TWOHIT"] = ",".join(twohit)
        chosen, per_allele = twohit, own
        if gatk_record is not None:
            info["FILTER_GATK"] = ",".join(gatk_record)
            if request.choose == "gatk":
                chosen, per_allele = gatk_record, gatk_alleles
        info["AS_FILTER"] = ",".join("|".join(reasons) or names.PASS for reasons in per_allele)
        tally.add(record, twohit, gatk_record, posterior, labels)
        row += n
        fields = list(record.fields)
        fields[6], fields[7] = ";".join(chosen), _info_text(info)
        yield "\t".join(fields)


def _info_text(info: dict[str, str]) -> str:
    return ";".join(f"{key}={value}" if value != "" else key for key, value in sorted(info.items())) or "."


def _matching(record: vcf_io.Record, theirs: Iterator[vcf_io.Record], path: Path) -> vcf_io.Record:
    other = next(theirs, None)
    if other is None or (other.chrom, other.pos, other.ref, other.alts) != (
        record.chrom,
        record.pos,
        record.ref,
        record.alts,
    ):
        there = f"{other.chrom}:{other.pos}" if other else "the end of the file"
        raise InputError(
            f"{path}: holds {there} where --vcf holds {record.chrom}:{record.pos}; "
            "give the VCF FilterMutectCalls made of the same raw calls"
        )
    return other
