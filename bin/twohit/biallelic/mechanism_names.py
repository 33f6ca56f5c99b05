"""Names of mechanisms whose hit is no small mutation: a breakpoint, or a loss of exons."""

from twohit.biallelic.breakpoints import CONSEQUENCE
from twohit.biallelic.exons import EXON_LOSS

NAMES = {  # consequence of the hit: what it is called, with an article, and two of them
    CONSEQUENCE: ("breakpoint in the gene", "a breakpoint in the gene", "two breakpoints in the gene"),
    EXON_LOSS: ("loss of exons", "a loss of exons", "two losses of exons"),
}


def name_mechanism(entry: dict) -> dict:
    """Call hits that are breakpoints or losses of exons so in the mechanism and the reason."""
    somatic = [hit["consequence"] for hit in entry["hits"] if hit["origin"] == "somatic"]
    kinds = sorted({name for name in somatic if name in NAMES})
    if not kinds:
        return entry
    every = set(somatic) == {kinds[0]}
    pair = NAMES[kinds[0]][2] if every else " and ".join(NAMES[name][1] for name in kinds)
    if not every and len(kinds) == 1:
        pair += " and a damaging mutation"

    def renamed(text: str | None) -> str | None:
        if text is None:
            return None
        text = text.replace("two damaging mutations", pair)
        return text.replace("damaging mutation", NAMES[kinds[0]][0]) if every else text

    made = entry | {name: renamed(entry[name]) for name in ("mechanism", "reason")}
    made["mechanisms"] = [item | {"name": renamed(item["name"])} for item in entry["mechanisms"]]
    return made
