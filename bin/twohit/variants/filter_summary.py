"""What one filtering counted and learnt, for `filter_summary.json` and for readers of disagreements."""

from collections import Counter

from twohit.variants import filter_names as names
from twohit.variants import somatic_components as sc
from twohit.variants.filter_regions import Regions
from twohit.variants.filter_threshold import expected_fdr
from twohit.variants.somatic_side import SideFiles

PANEL_LIST_LIMIT = 10_000


class Tally:
    """What the summary counts while records are written."""

    def __init__(self, regions: Regions | None):
        self.regions = regions
        self.records = 0
        self.twohit: Counter = Counter()
        self.gatk: Counter = Counter()
        self.agreement: Counter = Counter()
        self.classes: Counter = Counter()
        self.panel: list[dict] = []

    def add(
        self, head: list[str], twohit: list[str], gatk: list[str] | None, posterior: str, labels: list[str]
    ) -> None:
        """Count one record: its columns, its filters by both, the posteriors as text, the class of each allele."""
        self.records += 1
        self.classes.update(labels)
        self.twohit.update(twohit)
        if gatk is None:
            return
        self.gatk.update(gatk)
        ours, theirs = twohit == [names.PASS], gatk == [names.PASS]
        word = {(True, True): "both_pass", (True, False): "only_twohit_passes", (False, True): "only_gatk_passes"}
        self.agreement[word.get((ours, theirs), "neither_passes")] += 1
        if ours == theirs or self.regions is None or len(self.panel) >= PANEL_LIST_LIMIT:
            return
        chrom, pos, _, ref, alt = head[:5]
        gene = self.regions.gene_at(chrom, int(pos), len(ref))
        if gene:
            row = {"gene": gene, "chrom": chrom, "pos": int(pos), "ref": ref}
            row |= {"alt": alt, "filter_twohit": ";".join(twohit), "filter_gatk": ";".join(gatk)}
            self.panel.append(row | {"somatic_posterior": posterior})


def summarise(request, side: SideFiles, judged, tally: Tally) -> dict:
    """Make the content of `filter_summary.json`.

    Parameters
    ----------
    request : filter_run.Request
    side : SideFiles
    judged : filter_judge.Judgement
    tally : Tally
    """
    p = judged.parameters
    usable = judged.somatic[~judged.shallow]
    disagreements = {"counts": dict(sorted(tally.agreement.items())), "panel": None}
    if request.regions is not None:
        disagreements["panel"] = tally.panel
    return {
        "schema_version": 1,
        "tumor": request.tumor,
        "normal": request.normal,
        "chosen": request.choose,
        "missing": sorted(side.missing),
        "records": tally.records,
        "alleles": len(judged.somatic),
        "threshold": judged.threshold,
        "expected_fdr": expected_fdr(usable, judged.threshold),
        "expected_true": float(judged.somatic.sum()),
        "min_depth": request.min_depth,
        "classes": dict(sorted(tally.classes.items())),
        "filters_twohit": dict(sorted(tally.twohit.items())),
        "filters_gatk": dict(sorted(tally.gatk.items())) if "gatk" not in side.missing else None,
        "disagreements": disagreements,
        "learnt": {
            "callable_sites": judged.sites,
            "iterations": p.iterations,
            "tumor_in_normal": p.tumor_in_normal,
            "slippage_offset": p.slippage.offset,
            "slippage_spread": p.slippage.spread,
            "rates_per_site": {name: list(p.rates[sc.INDEX[name]]) for name in sc.LEARNT},
            "orientation_rates_per_site": list(p.orientation),
            "somatic_fractions": list(p.fractions["somatic"]),
            "contamination": side.contamination[0] if side.contamination else None,
        },
    }
