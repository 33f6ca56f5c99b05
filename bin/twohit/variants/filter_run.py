"""Filter one Mutect2 call set: read, learn, judge, write. The science is in the somatic_* modules."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from twohit import cli
from twohit.errors import InputError
from twohit.jsonfiles import write_json
from twohit.variants import filter_names as names
from twohit.variants import vcf_io
from twohit.variants.filter_judge import Judgement, judge
from twohit.variants.filter_reference import REPEATS, opened
from twohit.variants.filter_regions import Regions
from twohit.variants.filter_summary import Tally, summarise
from twohit.variants.somatic_copies import read_copies
from twohit.variants.somatic_extract import extract
from twohit.variants.somatic_side import SideFiles, read_side_files

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
    copy_number: Path | None = None
    purity: float | None = None
    reference: Path | None = None
    gatk: Path | None = None
    choose: str = "twohit"
    min_depth: int = 10
    beta: float = 1.0
    fdr: float | None = None
    regions: Regions | None = None


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
    if request.copy_number is not None:
        side.copies = read_copies(request.copy_number, request.purity)
    _say_missing(request, side, gatk)
    _check_contigs(request, header, side)
    with opened(request.reference, request.vcf, header) as bases:
        try:
            store = extract(vcf_io.rows(request.vcf), tumor, normal, bases.around if bases else None)
        except InputError as error:
            raise error if str(request.vcf) in str(error) else InputError(f"{request.vcf}: {error}") from error
        repeats = bases.repeats(store) if bases else REPEATS
    judged = judge(store, side, normal is not None, request.min_depth, request.beta, request.fdr, repeats)
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
    if side.missing:
        cli.progress(f"{request.vcf}: judged without {', '.join(sorted(side.missing))}")


def _check_contigs(request: Request, header: vcf_io.Header, side: SideFiles) -> None:
    """Refuse panel genes or segments of which no contig is in the VCF: spelt otherwise, they would say nothing."""
    given = {"the panel's genes": request.regions.spans if request.regions else None, request.segments: side.segments}
    for what, contigs in given.items():
        if contigs and header.contigs and not set(contigs) & set(header.contigs):
            raise InputError(
                f"{request.vcf}: has contig {next(iter(header.contigs))}, {what} contig {min(contigs)}: "
                "none is in both; spell them alike (chr prefix)"
            )


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
    explained = judged.explained()
    for head in vcf_io.heads(request.vcf):
        n = head[4].count(",") + 1 if head[4] != "." else 0
        told = list(itertools.islice(explained, n))
        own, labels, posteriors = ([row[i] for row in told] for i in range(3))
        twohit = names.record_filters(own)
        posterior = ",".join(posteriors)
        added = [f"SOMATIC_POSTERIOR={posterior}", f"SOMATIC_CLASS={','.join(labels)}"]
        added.append(f"FILTER_TWOHIT={','.join(twohit)}")
        chosen, per_allele, gatk_record = twohit, own, None
        if theirs is not None:
            other = _matching(head, theirs, gatk)
            gatk_record = other.filters or [names.PASS]
            added.append(f"FILTER_GATK={','.join(gatk_record)}")
            if request.choose == "gatk":
                chosen, per_allele = gatk_record, names.gatk_allele_filters(other)
        added.append("AS_FILTER=" + ",".join(["|".join(reasons) or names.PASS for reasons in per_allele]))
        tally.add(head, twohit, gatk_record, posterior, labels)
        head[6], head[7] = ";".join(chosen), vcf_io.with_info(head[7], added)
        yield "\t".join(head)


def _matching(head: list[str], theirs: Iterator[vcf_io.Record], path: Path) -> vcf_io.Record:
    other = next(theirs, None)
    if other is None or other.fields[:2] + other.fields[3:5] != head[:2] + head[3:5]:
        there = f"{other.chrom}:{other.pos}" if other else "the end of the file"
        raise InputError(
            f"{path}: holds {there} where --vcf holds {head[0]}:{head[1]}; "
            "give the VCF FilterMutectCalls made of the same raw calls"
        )
    return other
