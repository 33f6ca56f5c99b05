"""HGVS protein names with one-letter amino acids, whatever letters they came in."""

import re

ONE_LETTER = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V", "Ter": "*", "Sec": "U", "Xaa": "X",
}  # fmt: skip
THREE = re.compile("|".join(ONE_LETTER))


def one_letter(name: str) -> str:
    """Write a protein name with one letter an amino acid: NP_1.1:p.(Pro278Thr) becomes p.P278T.

    Parameters
    ----------
    name : str
        With or without an accession, parentheses or %3D for '=', as VEP and SnpEff write it.
    """
    bare = name.rsplit(":", 1)[-1].replace("%3D", "=").replace("(", "").replace(")", "")
    return THREE.sub(lambda match: ONE_LETTER[match[0]], bare).replace("fsX", "fs*")
