"""Records turned into features, kept on disk a block at a time: memory does not grow with the call set."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields

import numpy as np

from twohit.errors import InputError
from twohit.variants import somatic_haplotypes
from twohit.variants.somatic_alleles import alleles, kind_and_change, phase_number, whole_numbers
from twohit.variants.somatic_features import KIND_INDEL, KIND_SNV, TYPES, Features, columns, typed
from twohit.variants.somatic_rows import CONTEXTS, NUMBERS, SUBSTITUTIONS, Layout, numbers, parsed
from twohit.variants.vcf_io import N_FIXED, parse, parse_info

ROWS_AT_ONCE = 10_000  # alleles held as text and Python numbers
# Features of a record of the common shape that are no numbers in its text.
HEADS = (
    *("contig", "pos", "context", "substitution"),
    *("kind", "repeat_units", "unit_length", "unit_change", "pon", "phase"),
)
DEPTHS = frozenset(("AD", "FAD"))  # FORMAT fields with the reads or fragments of each allele


class Store:
    """The features of a call set, in a file that is gone when it is closed.

    Attributes
    ----------
    contigs : list of str
    sizes : list of int
        Alleles of each block.
    """

    def __init__(self):
        self.contigs: list[str] = []
        self.sizes: list[int] = []
        # below TMPDIR; it lives as long as the store
        self._file = tempfile.TemporaryFile(prefix="twohit.")  # noqa: SIM115

    def __len__(self) -> int:
        return sum(self.sizes)

    def append(self, block: Features) -> None:
        """Write one block at the end."""
        for field in fields(Features):
            self._file.write(np.ascontiguousarray(getattr(block, field.name)).data)
        self.sizes.append(len(block))

    def __iter__(self) -> Iterator[Features]:
        self._file.seek(0)
        for size in self.sizes:
            made = {}
            for field in fields(Features):
                kind = np.dtype(TYPES.get(field.name, np.int32))
                made[field.name] = np.frombuffer(self._file.read(size * kind.itemsize), dtype=kind)
            yield Features(**made)

    def take(self, rows: np.ndarray) -> Features:
        """The features of some rows, in order."""
        parts, start = [], 0
        for block in self:
            inside = rows[(rows >= start) & (rows < start + len(block))] - start
            parts.append(block.take(inside))
            start += len(block)
        return Features.joined(parts)

    def column(self, name: str) -> np.ndarray:
        """One feature of all alleles."""
        return np.concatenate([getattr(block, name) for block in self])

    def blocks(self, size: int) -> Iterator[Features]:
        """All alleles in order, about `size` at a time; no haplotype is parted."""
        held: Features | None = None
        for number, block in enumerate(self, 1):
            held = block if held is None else Features.joined([held, block])
            last = number == len(self.sizes)
            if len(held) < 2 * size and not last:
                continue
            parts = somatic_haplotypes.blocks(held, size) or [np.arange(0)]
            kept = parts if last else parts[:-1]  # what follows may belong to the last
            for rows in kept:
                yield held.take(rows)
            held = None if last else held.take(parts[-1])


def extract(
    rows: Iterable[list[str]],
    tumor: int,
    normal: int | None,
    bases_around: Callable[[str, int], str] | None = None,
) -> Store:
    """Turn records into arrays.

    Parameters
    ----------
    rows : iterable of list of str
        Columns of the records of Mutect2, filtered or not.
    tumor, normal : int
        Columns of the samples; `normal` None in tumour-only mode.
    bases_around : function (contig, 1-based position) to str, optional
        The three reference bases around a position; without it `context` is -1.
    """
    store, contigs = Store(), {}
    block = _Block(tumor, normal, bases_around)
    for found in rows:
        if found[0] not in contigs:
            contigs[found[0]] = len(contigs)
            block.around(found[0], int(found[1]))  # a contig that the reference lacks is told
        block.add(contigs[found[0]], found)
        if block.alleles >= ROWS_AT_ONCE:
            store.append(block.features())
            block = _Block(tumor, normal, bases_around)
    store.append(block.features())
    store.contigs = list(contigs)
    return store


class _Block:
    """Some thousand alleles: those of the common shape as lines of numbers, the others one by one."""

    def __init__(self, tumor: int, normal: int | None, bases_around: Callable[[str, int], str] | None):
        self.tumor, self.normal = tumor, normal
        self.around = bases_around or (lambda _contig, _pos: "")
        self.layouts: dict[str, Layout | None] = {}
        self.alleles = 0
        self.lines: list[str] = []
        self.heads: list[tuple] = []
        self.slow: list[tuple] = []
        self.order: tuple[list[int], list[int]] = ([], [])  # of the quick and of the slow

    def add(self, contig: int, found: list[str]) -> None:
        """Take one record in."""
        ref, alt, text = found[3], found[4], found[8]
        if text not in self.layouts:
            self.layouts[text] = Layout.of(text)
        layout = self.layouts[text]
        if layout is None or "," in alt or alt == ".":
            self._add_slowly(contig, found)
            return
        info = parse_info(found[7])
        tumor = found[N_FIXED + self.tumor].split(":")
        normal = found[N_FIXED + self.normal].split(":") if self.normal is not None else None
        line = numbers(info, layout, tumor, normal)
        if line is None:
            self._add_slowly(contig, found)
            return
        pos = int(found[1])
        substitution = SUBSTITUTIONS.get(ref + alt, -1) if len(ref) == 1 else -1
        context = CONTEXTS.get(self.around(found[0], pos), -1) if substitution >= 0 else -1
        self.heads.append((contig, pos, context, substitution, *_repeat(info, ref, alt),
                           int("PON" in info), _phased(layout, tumor)))  # fmt: skip
        self.lines.append(line)
        self.order[0].append(self.alleles)
        self.alleles += 1

    def _add_slowly(self, contig: int, found: list[str]) -> None:
        record = parse(found)
        if not DEPTHS & set(record.keys):
            raise InputError(
                f"{record.chrom}:{record.pos} has no allele depths (FORMAT AD or FAD); give what Mutect2 wrote"
            )
        around = self.around(record.chrom, record.pos) if len(record.ref) == 1 else ""
        made = alleles(record, contig, CONTEXTS.get(around, -1), self.tumor, self.normal)
        self.slow += made
        self.order[1].extend(range(self.alleles, self.alleles + len(made)))
        self.alleles += len(made)

    def features(self) -> Features:
        """All of it, in the order of the file."""
        order = np.argsort(self.order[0] + self.order[1], kind="stable")
        quick, slow = self._quick(parsed(self.lines)), columns(self.slow)
        return Features(*(np.concatenate(pair)[order] for pair in zip(quick, slow, strict=True)))

    def _quick(self, values: np.ndarray) -> list[np.ndarray]:
        found = dict(zip(NUMBERS, values.T, strict=True))
        heads = np.array(self.heads, dtype=np.int64).reshape(-1, len(HEADS))
        found |= dict(zip(HEADS, heads.T, strict=True))
        found["tumor_depth"] = found["tumor_ref"] + found["tumor_alt"]
        found["normal_depth"] = found["normal_ref"] + found["normal_alt"]
        return [typed(f.name, found[f.name]) for f in fields(Features)]


def _repeat(info: dict[str, str], ref: str, alt: str) -> tuple[int, int, int, int]:
    """Kind, units in the reference, length of a unit, units changed of a record with one alternative allele."""
    if "STR" not in info:
        return (KIND_SNV if len(ref) == len(alt) else KIND_INDEL), 0, 0, 0
    repeats, unit = whole_numbers(info.get("RPA"), 2, 0), len(info.get("RU", ""))
    kind, change = kind_and_change(ref, alt, repeats, unit, 0)
    return kind, repeats[0], unit, change


def _phased(layout: Layout, sample: list[str]) -> int:
    if layout.phase is None or len(sample) <= max(layout.phase):
        return -1
    return phase_number(sample[layout.phase[0]], sample[layout.phase[1]])
