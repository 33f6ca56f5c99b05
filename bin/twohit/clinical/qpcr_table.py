"""The wells of a qPCR run: read and checked."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from twohit.clinical.reading import Line, Problems, read_lines

COLUMNS = ("day", "infusion", "plate", "role", "target", "well", "ct", "standard_copies", "dna_ng")
ROLES = ("standard", "sample", "ntc")
UNDETECTED = ("undetermined", "undetected", "nd", "n.d.", "noct", "no ct", "neg", "negative", "-")
REFERENCE = ("rnasep", "rpph1", "rnasep(rpph1)")  # the gene that counts genomes, in lower case without blanks
REFERENCE_NAME = "RNaseP"
GENOME_NG = 3.3e-3  # mass of one haploid human genome (3.1e9 base pairs at 650 Da each), in ng
MAX_CT = 60.0  # cycles; no instrument runs longer
MAX_COPIES, MAX_NG, MAX_INFUSION = 1e12, 1e5, 50
MIN_LEVELS = 3  # levels a standard curve needs: a line and one degree of freedom to judge it


@dataclass(frozen=True)
class Well:
    """One reaction of one target. `ct` None: nothing amplified. `copies`: of standards only."""

    line: Line
    plate: str
    role: str
    target: str
    well: str
    ct: float | None
    copies: float | None
    dna_ng: float | None
    day: int | None
    infusion: int | None

    @property
    def is_reference(self) -> bool:
        """Whether the target is RNaseP."""
        return self.target == REFERENCE_NAME


def read_qpcr(path: Path, infusion_days: dict[int, int] | None, problems: Problems) -> list[Well]:
    """Read qpcr.csv: every mistake is noted in `problems`.

    Parameters
    ----------
    path : Path
        CSV with the columns `COLUMNS`.
    infusion_days : dict of int to int, or None
        Day of each infusion from the clinical table; None when it names none.
    """
    lines = read_lines(path, COLUMNS, (), problems)
    wells = [well for line in lines if (well := _well(line)) is not None]
    _check_repeats(wells)
    _check_infusions(wells, infusion_days)
    if len(wells) == len(lines):  # a curve cannot be judged while its wells are wrong
        _check_standards(wells)
        _check_mass(wells)
    if lines and not any(well.role == "sample" and not well.is_reference for well in wells) and not problems.errors:
        problems.errors.append(f"{path}: no well of role 'sample' measures the transgene; add the samples")
    return wells


def _target(text: str) -> str:
    return REFERENCE_NAME if re.sub(r"[\s_-]", "", text.lower()) in REFERENCE else text


def _ct(line: Line) -> tuple[bool, float | None]:
    """Whether the cell is right, and the cycle (None: undetected)."""
    text = line.text("ct", needed=False)
    if text is None or text.lower() in UNDETECTED:
        return True, None
    before = len(line.problems.errors)
    ct = line.number_of("ct", 0, MAX_CT, above=True)
    return len(line.problems.errors) == before, ct


def _well(line: Line) -> Well | None:
    before = len(line.problems.errors)
    role, plate, target, name = line.choice("role", ROLES), line.text("plate"), line.text("target"), line.text("well")
    is_sample = role == "sample"
    day, infusion = line.day(needed=is_sample), line.whole("infusion", 1, MAX_INFUSION, needed=is_sample)
    right, ct = _ct(line)
    copies = line.number_of("standard_copies", 0, MAX_COPIES, needed=False, above=True)
    mass = line.number_of("dna_ng", 0, MAX_NG, needed=False, above=True)
    if not right or len(line.problems.errors) > before:
        return None
    target = _target(target)
    if role == "standard" and copies is None:
        if target == REFERENCE_NAME and mass is not None:
            copies = mass / GENOME_NG
        else:
            line.wrong("standard_copies", "is empty; a standard needs the copies put in its well")
            return None
    if role != "standard" and copies is not None:
        line.wrong("standard_copies", f"a well of role {role!r} has none; empty the cell or mend the role")
        return None
    return Well(line, plate, role, target, name, ct, copies, mass, day, infusion)


def _check_repeats(wells: list[Well]) -> None:
    seen = {}
    for well in wells:
        key = (well.plate, well.well, well.target)
        if key in seen:
            well.line.wrong(
                "well", f"{well.target} in this well of plate {well.plate!r} is in row {seen[key]}; keep one"
            )
        seen.setdefault(key, well.line.number)


def _check_infusions(wells: list[Well], days: dict[int, int] | None) -> None:
    """Check that samples belong to a known infusion: after the one before it, not after the next."""
    known = days or {1: 0}
    for well in wells:
        if well.role != "sample":
            continue
        k = well.infusion
        if days is not None and k not in days:
            well.line.wrong(
                "infusion", f"the clinical table has {len(days)} infusion(s); add it there or mend the number"
            )
        elif k - 1 in known and well.day <= known[k - 1]:
            well.line.wrong("day", f"is not after infusion {k - 1} (day {known[k - 1]}); mend the day or the infusion")
        elif k + 1 in known and well.day > known[k + 1]:
            well.line.wrong("day", f"is after infusion {k + 1} (day {known[k + 1]}); it belongs to that infusion")


def _check_standards(wells: list[Well]) -> None:
    """Check that each plate with samples of a target has standards enough; RNaseP may do without if masses are told."""
    levels, detected = defaultdict(set), defaultdict(list)
    for well in wells:
        if well.role == "standard":
            detected[well.plate, well.target, well.copies].append(well.ct is not None)
    for (plate, target, copies), found in detected.items():
        if all(found):
            levels[plate, target].add(copies)
    told = set()
    for well in wells:
        key = (well.plate, well.target)
        if well.role != "sample" or key in told or len(levels[key]) >= MIN_LEVELS:
            continue
        if well.is_reference and not any(key == (plate, target) for plate, target, _ in detected):
            continue
        told.add(key)
        why = f"plate {well.plate!r} has {len(levels[key])} level(s) of {well.target} standards fully detected"
        well.line.wrong("plate", f"{why}; a curve needs {MIN_LEVELS}: add the plate's standards")


def _check_mass(wells: list[Well]) -> None:
    """Check that the DNA of every transgene well is known, by dna_ng or by detected RNaseP with standards."""
    curves = {well.plate for well in wells if well.role == "standard" and well.is_reference}
    measured = {
        (well.plate, well.day, well.infusion)
        for well in wells
        if well.role == "sample" and well.is_reference and well.ct is not None and well.plate in curves
    }
    for well in wells:
        if well.role != "sample" or well.is_reference or well.dna_ng is not None:
            continue
        if (well.plate, well.day, well.infusion) not in measured:
            fix = "give the DNA of the well in ng, or RNaseP wells of this sample and RNaseP standards on its plate"
            well.line.wrong("dna_ng", f"is empty; {fix}")
