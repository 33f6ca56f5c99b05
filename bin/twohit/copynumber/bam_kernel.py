"""Alleles at given positions from raw BAM records, compiled: a read is looked at only where it holds a position.

Overlapping mates count once, by the rules of samtools' pileup: equal bases add up their qualities on one of the mates;
of different ones the better counts, its quality times 0.8. Which mate keeps the base where both are alike depends on
the read name. Layout of a record: SAM specification, 4.2.
"""

import numpy as np
from numba import njit

REF, ALT, OTHER, GONE = 0, 1, 2, 3  # columns of the counts
PAIRED, PROPER, MATE_UNMAPPED = 1, 2, 8  # flags of a read
ROLES = np.array([1, 2, 3, 3, 2, 0, 0, 1, 1])  # of MIDNSHP=X: 1 both, 2 the read alone, 3 the genome alone, 0 neither
KEPT_QUALITY = 0.8  # share of its quality that the better of two different bases keeps
MOST_QUALITY = 200
EMPTY, TAKEN = -1, -2  # slots of waiting mates
LEAST_RECORD = 48  # bytes of the shortest record that is likely


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _int32(buf, at):
    value = np.int64(buf[at]) | np.int64(buf[at + 1]) << 8 | np.int64(buf[at + 2]) << 16 | np.int64(buf[at + 3]) << 24
    return value - (value >> 31 << 32)


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _parts(buf, rec):
    """Offsets of CIGAR, bases and qualities; number of operations, length of the read."""
    cigar = rec + 36 + buf[rec + 12]
    operations = np.int64(buf[rec + 16]) | np.int64(buf[rec + 17]) << 8
    length = _int32(buf, rec + 20)
    bases = cigar + 4 * operations
    return cigar, bases, bases + (length + 1) // 2, operations, length


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _base_at(buf, rec, place):
    """Base code and quality of a read at a position; -1 where it has none there."""
    cigar, bases, quals, operations, length = _parts(buf, rec)
    at, k = _int32(buf, rec + 8) + 1, np.int64(0)
    for i in range(operations):
        word = _int32(buf, cigar + 4 * i) & 0xFFFFFFFF
        size, role = word >> 4, ROLES[word & 15]
        if role == 1:
            if place < at:
                return np.int64(-1), np.int64(0)
            if place < at + size:
                k += place - at
                if k >= length:
                    return np.int64(-1), np.int64(0)
                return np.int64(buf[bases + (k >> 1)] >> (4 * (1 - (k & 1)))) & 15, np.int64(buf[quals + k])
        at += size * (role & 1)
        k += size * (role == 1 or role == 2)
    return np.int64(-1), np.int64(0)


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _beside(buf, rec, base, quality, mate, place, keeps):
    """Quality of a base once the mate's base at the same place is known.

    As samtools 1.16 does, the base right behind a deletion of the later mate alone is not compared.
    """
    other, its = _base_at(buf, mate, place)
    if other < 0:
        return quality
    early, late = min(rec, mate), max(rec, mate)
    behind = place > _int32(buf, late + 8) + 1 and _base_at(buf, late, place - 1)[0] < 0
    if behind and _base_at(buf, early, place - 1)[0] >= 0:
        return quality
    if other == base:
        return min(quality + its, MOST_QUALITY) if keeps else 0
    if quality > its or (quality == its and keeps):
        return np.int64(KEPT_QUALITY * quality)
    return 0


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _tally(buf, rec, mate, keeps, first, since, places, ref, alt, counts, least, sign):
    """Add a read's bases at the places from `since` on to the counts, or take them off (`sign` -1)."""
    cigar, bases, quals, operations, length = _parts(buf, rec)
    at, k, j = _int32(buf, rec + 8) + 1, np.int64(0), first
    for i in range(operations):
        word = _int32(buf, cigar + 4 * i) & 0xFFFFFFFF
        size, role = word >> 4, ROLES[word & 15]
        if role == 1 or role == 3:
            while j < places.size and places[j] < at + size:
                if places[j] >= max(at, since):
                    here = k + (places[j] - at if role == 1 else 0)
                    base = np.int64(15)
                    quality = np.int64(0)
                    if here < length:
                        base = np.int64(buf[bases + (here >> 1)] >> (4 * (1 - (here & 1)))) & 15
                        quality = np.int64(buf[quals + here])
                        if mate >= 0:
                            # A deletion has the quality of the base behind it, as in a pileup.
                            place = places[j] if role == 1 else at + size
                            quality = _beside(buf, rec, base, quality, mate, place, keeps)
                    if quality >= least:
                        kind = GONE if role == 3 else REF if base == ref[j] else ALT if base == alt[j] else OTHER
                        counts[j, kind] += sign
                j += 1
        at += size * (role & 1)
        k += size * (role == 1 or role == 2)


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _name_hash(buf, rec):
    """Hash of a read's name (times 31, then Wang's 32-bit mix), as samtools draws by it."""
    key = np.int64(0)
    for i in range(rec + 36, rec + 35 + buf[rec + 12]):
        key = (key * 31 + buf[i]) & 0xFFFFFFFF
    key = (key + ~(key << 15)) & 0xFFFFFFFF
    key ^= key >> 10
    key = (key + (key << 3)) & 0xFFFFFFFF
    key ^= key >> 6
    key = (key + ~(key << 11)) & 0xFFFFFFFF
    return key ^ key >> 16


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _same_name(buf, one, two):
    if buf[one + 12] != buf[two + 12]:
        return False
    for i in range(36, 35 + buf[one + 12]):  # noqa: SIM110
        if buf[one + i] != buf[two + i]:
            return False
    return True


@njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _may_overlap(buf, rec, flag):
    """Whether a read's mate may cover the same bases."""
    if flag & MATE_UNMAPPED or not flag & PROPER or _int32(buf, rec + 24) != _int32(buf, rec + 4):
        return False
    return abs(_int32(buf, rec + 32)) < 2 * _int32(buf, rec + 20)


@njit(nogil=True)
def count_records(buf, used, counted, places, ref, alt, counts, least, slots):
    """Count the records of a buffer.

    Parameters
    ----------
    buf : array of uint8
    used, counted : int
        Bytes that are filled; bytes at the front whose records were counted before and only wait for their mates.
    places : array of int64, shape (n,)
        Sorted 1-based positions on the records' contig.
    ref, alt : array of int64, shape (n,)
        BAM codes of the alleles (1, 2, 4, 8 for A, C, G, T).
    counts : array of int32, shape (n, 4)
        Added to.
    least : int
        Least base quality, above 0.
    slots : array of int64
        Work space, a power of two, at least twice the number of records.

    Returns
    -------
    (int, int)
        Bytes of whole records seen; first byte that is still needed.
    """
    slots[:] = EMPTY
    mask = slots.size - 1
    rec, first, start = np.int64(0), np.int64(0), np.int64(-1)
    while rec + 4 <= used:
        size = 4 + _int32(buf, rec)
        if rec + size > used:
            break
        start = _int32(buf, rec + 8) + 1
        flag = np.int64(buf[rec + 18]) | np.int64(buf[rec + 19]) << 8
        if not (flag & PAIRED and not flag & PROPER):
            while first < places.size and places[first] < start:
                first += 1
            mate, keeps = np.int64(-1), True
            if _may_overlap(buf, rec, flag):
                key = _name_hash(buf, rec)
                keeps = (key & 1) == 0
                slot = key & mask
                while slots[slot] != EMPTY and not (slots[slot] >= 0 and _same_name(buf, slots[slot], rec)):
                    slot = (slot + 1) & mask
                mate = slots[slot]
                if mate >= 0:
                    slots[slot] = TAKEN
                elif _int32(buf, rec + 28) + 1 >= start:
                    slots[slot] = rec
            if rec >= counted:
                # The mate was counted as if it were alone: take that off, count both beside each other.
                for turn in range(0 if mate >= 0 else 2, 3):
                    one, other = (rec, mate) if turn == 2 else (mate, rec if turn else np.int64(-1))
                    keep, sign = keeps == (turn == 2), 1 if turn else -1
                    _tally(buf, one, other, keep, first, start, places, ref, alt, counts, least, sign)
        rec += size
    needed = rec
    for slot in range(slots.size):
        if slots[slot] >= 0 and _int32(buf, slots[slot] + 28) + 1 >= start:
            needed = min(needed, slots[slot])
    return rec, needed
