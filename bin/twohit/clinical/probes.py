"""FISH probes: what a laboratory calls them, and which arm or partner gene they speak of."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Probe:
    """One probe: its name here, arm (or chromosome), gene for later comparison, abnormalities it can show."""

    name: str
    arm: str | None
    gene: str | None
    shows: tuple[str, ...]
    aliases: tuple[str, ...] = ()


COPIES = ("loss", "gain")
FUSION = ("fusion",)
# gene: the locus' own for copies; for a translocation the partner whose expression it raises.
PROBES = (
    Probe("1p32", "1p", "CDKN2C", COPIES, ("1p32.3", "cdkn2c", "del1p32", "del1p", "1p")),
    Probe("1p36", "1p", None, COPIES, ("del1p36",)),
    Probe("1q21", "1q", "CKS1B", COPIES, ("1q21.3", "cks1b", "gain1q21", "1q21gain", "gain1q", "1q", "1qgain")),
    Probe("1q22", "1q", None, COPIES, ("gain1q22", "1q22gain")),
    Probe("8q24.1", "8q", "MYC", (*COPIES, "fusion"), ("8q24", "8q24.21", "myc", "mycbreakapart", "cmyc")),
    Probe("11", "11", None, COPIES, ("11gain", "gain11", "cep11", "11cen", "d11z1", "trisomy11", "+11")),
    Probe(
        "13q14", "13q", "RB1", COPIES, ("del13", "del13q", "del13q14", "13q14.2", "13q14.3", "rb1", "d13s319", "13q")
    ),
    Probe("17p13.1", "17p", "TP53", COPIES, ("17p13", "tp53", "p53", "del17p", "del17p13", "del17p13.1", "17p")),
    Probe("t(4;14)", None, "NSD2", FUSION, ("igh/fgfr3", "igh::fgfr3", "fgfr3/igh", "igh/nsd2", "igh::nsd2")),
    Probe("t(6;14)", None, "CCND3", FUSION, ("igh/ccnd3", "igh::ccnd3")),
    Probe("t(8;14)", None, "MYC", FUSION, ("igh/myc", "igh::myc")),
    Probe("t(11;14)", None, "CCND1", FUSION, ("igh/ccnd1", "igh::ccnd1", "ccnd1/igh")),
    Probe("t(14;16)", None, "MAF", FUSION, ("igh/maf", "igh::maf")),
    Probe("t(14;20)", None, "MAFB", FUSION, ("igh/mafb", "igh::mafb")),
    Probe("IGH", "14q", None, (*COPIES, "fusion"), ("14q32", "14q32.3", "14q32.33", "ighbreakapart")),
)
ARM = re.compile(r"(?:chr)?([1-9]|1\d|2[0-2]|X|Y)([pq]?)", re.IGNORECASE)


def spelt(text: str) -> str:
    """Spelling under which probes are compared: lower case, without blanks, 'chr', bands of a translocation."""
    plain = re.sub(r"[\s_-]|^chr", "", text.lower())
    pair = re.match(r"t\((\d+)[;,:/](\d+)\)", plain)
    if pair:
        return f"t({pair.group(1)};{pair.group(2)})"
    return re.sub(r"^(del|gain|dup)\((.+)\)$", r"\1\2", plain)


_BY_NAME = {spelt(name): probe for probe in PROBES for name in (probe.name, *probe.aliases)}


def find_probe(text: str) -> Probe | None:
    """Return the probe a laboratory's name stands for, None when it is not known.

    What follows in brackets or after a slash may say it again: 17p13.1 (TP53), del13/13q14.
    """
    name = spelt(text)
    if name in _BY_NAME:
        return _BY_NAME[name]
    parts = [part for part in re.split(r"[()/]", name) if part]
    found = {_BY_NAME.get(part) for part in parts}
    return found.pop() if len(found) == 1 else None


def probe_names() -> str:
    """All names, for messages."""
    return ", ".join(probe.name for probe in PROBES)


def arm_name(text: str) -> str | None:
    """Arm (5p) or chromosome (9) as written here; None when it is neither."""
    found = ARM.fullmatch(text.strip())
    return found.group(1).upper() + found.group(2).lower() if found else None
