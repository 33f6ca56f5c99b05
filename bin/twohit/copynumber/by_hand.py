"""Purity and ploidy that a user fixes: for all tumours of a counts file, or for each by its name."""

from dataclasses import dataclass

from twohit.errors import InputError

# Below, no change can be seen; above, no fit is made. The samplesheet's columns have the same limits (samples/rows.py).
PURITIES = (0.03, 1.0)
PLOIDIES = (0.5, 10.0)
UNCHANGED_PLOIDY = 0.1  # distance from two copies that a tumour without any change may be told to have


@dataclass(frozen=True)
class ByHand:
    """What is fixed of one tumour; None: the data choose."""

    purity: float | None = None
    ploidy: float | None = None

    def forbids_null(self) -> bool:
        """Whether it says that something is changed."""
        return self.purity is not None or (self.ploidy is not None and abs(self.ploidy - 2) > UNCHANGED_PLOIDY)


NOTHING_FIXED = ByHand()


def by_hand(samples: list[str], purity: list[str] | None, ploidy: list[str] | None) -> dict[str, ByHand]:
    """What `--purity` and `--ploidy` fix of each sample.

    Parameters
    ----------
    purity, ploidy : list of str, optional
        One number for all samples, or SAMPLE=NUMBER for each of some.

    Raises
    ------
    InputError
        If a value is no number within its limits, or a sample is unknown or named twice.
    """
    purities, ploidies = _values("--purity", purity, samples, PURITIES), _values("--ploidy", ploidy, samples, PLOIDIES)
    return {name: ByHand(purities.get(name), ploidies.get(name)) for name in samples}


def _values(option: str, given: list[str] | None, samples: list[str], limits: tuple[float, float]) -> dict[str, float]:
    given = given or []
    if len(given) == 1 and "=" not in given[0]:
        return dict.fromkeys(samples, _number(option, given[0], given[0], limits))
    made: dict[str, float] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise InputError(f"{option} {text}: of several values each needs its sample; write SAMPLE={text}")
        if name not in samples:
            raise InputError(f"{option} {text}: {name!r} is not a --sample; use one of {', '.join(samples)}")
        if name in made:
            raise InputError(f"{option} {text}: {name!r} has a value already; give one")
        made[name] = _number(option, text, value, limits)
    return made


def _number(option: str, text: str, value: str, limits: tuple[float, float]) -> float:
    try:
        number = float(value) if value.isascii() else float("nan")
    except ValueError:
        number = float("nan")
    if not limits[0] <= number <= limits[1]:
        raise InputError(f"{option} {text}: must be a number within {limits[0]:g} and {limits[1]:g}")
    return number
