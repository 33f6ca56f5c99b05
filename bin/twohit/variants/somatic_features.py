"""What Mutect2's raw records hold of each alternative allele, as arrays: one row an allele."""

from dataclasses import dataclass, fields

import numpy as np

KIND_SNV, KIND_INDEL, KIND_STR = 0, 1, 2
# Types of the arrays of features; those not named hold counts and positions (int32).
TYPES = {"tlod": np.float64, "popaf": np.float64, "phase": np.int64}


@dataclass
class Features:
    """Arrays of length n_alleles, in file order.

    Counts of reads are fragments (FAD) where Mutect2 gives them. `normal_*` are 0 without a normal. Qualities and
    positions are Mutect2's medians; -1 where missing. `substitution` is 4 * ref + alt for an SNV (A, C, G, T = 0..3),
    else -1; `context` is 16 * base before + 4 * ref + base after on the reference strand, -1 for an allele that is no
    SNV and without a reference. `contig` indexes the list of contig names. `kind`: 0 SNV or MNV, 1 indel, 2 indel of
    whole repeat units in a short tandem repeat. `phase` is the same for alleles on one phased haplotype of a contig, -1
    where there is no phase.
    """

    contig: np.ndarray
    pos: np.ndarray
    context: np.ndarray
    kind: np.ndarray
    substitution: np.ndarray
    tlod: np.ndarray
    tumor_alt: np.ndarray
    tumor_depth: np.ndarray
    normal_alt: np.ndarray
    normal_depth: np.ndarray
    tumor_dp: np.ndarray
    normal_dp: np.ndarray
    ref_forward: np.ndarray
    ref_reverse: np.ndarray
    alt_forward: np.ndarray
    alt_reverse: np.ndarray
    ref_f1r2: np.ndarray
    ref_f2r1: np.ndarray
    alt_f1r2: np.ndarray
    alt_f2r1: np.ndarray
    ref_base_quality: np.ndarray
    alt_base_quality: np.ndarray
    ref_mapping_quality: np.ndarray
    alt_mapping_quality: np.ndarray
    read_position: np.ndarray
    haplotype_events: np.ndarray
    popaf: np.ndarray
    pon: np.ndarray
    repeat_units: np.ndarray
    unit_length: np.ndarray
    unit_change: np.ndarray
    phase: np.ndarray

    def __len__(self) -> int:
        return len(self.pos)

    def take(self, rows: np.ndarray) -> "Features":
        """The same arrays for some rows."""
        return Features(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @classmethod
    def joined(cls, parts: list["Features"]) -> "Features":
        """Some after the other."""
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)})


def columns(rows: list[tuple]) -> list[np.ndarray]:
    """Arrays of the features of some alleles, from a tuple of numbers each."""
    values = zip(*rows, strict=True) if rows else ((),) * len(fields(Features))
    return [typed(field.name, np.array(column)) for field, column in zip(fields(Features), values, strict=True)]


def typed(name: str, values: np.ndarray) -> np.ndarray:
    """The array of one feature; what its type cannot hold becomes the largest that it can."""
    kind = np.dtype(TYPES.get(name, np.int32))
    if kind.kind == "i":
        values = np.clip(values, np.iinfo(kind).min, np.iinfo(kind).max)
    return values.astype(kind)
