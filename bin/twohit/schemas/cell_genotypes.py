"""Tables of the mutations of single cells."""

from twohit.tables import Column, Table, interval

_SITE = (
    Column("chrom", "str", "contig as in the variants"),
    Column("pos", "int", "position, 1-based"),
    Column("ref", "str", "reference allele"),
    Column("alt", "str", "alternative allele"),
)

CELL_GENOTYPES = Table(
    "cell_genotypes",
    "cells with a molecule at a mutated site (`S.cell_genotypes.tsv`); a cell without a row has no data",
    (
        Column("cell", "str", "cell as listed"),
        *_SITE,
        Column("ref_umis", "int", "molecules with the reference allele"),
        Column("alt_umis", "int", "molecules with the alternative allele"),
        Column("p_mutated", "probability", "that the cell carries the mutation; empty without data", nullable=True),
        Column("other_umis", "int", "molecules that tell neither allele"),
        Column(
            "state",
            "str",
            "p_mutated at least 0.9, at most 0.1, between, or no molecule that tells",
            choices=("mutated", "not_mutated", "undecided", "no_data"),
        ),
    ),
)

CELL_MUTATIONS = Table(
    "cell_mutations",
    "share of the cells that carry a mutation, by cell type and clone (`S.cell_mutations.tsv`)",
    (
        Column("sample", "str", "cells sample id", nullable=True),
        *_SITE,
        Column("gene", "str", "gene symbol", nullable=True),
        Column("change", "str", "protein change, else coding DNA name", nullable=True),
        Column("cell_type", "str", "cell type, or all where types are not known"),
        Column("clone", "str", "clone by copy number; empty: all cells of the type", nullable=True),
        Column("n_cells", "int", "cells of the group"),
        Column("ref_umis", "int", "their molecules with the reference allele"),
        Column("alt_umis", "int", "their molecules with the alternative allele"),
        *interval("expected_umis", "float", "molecules that tell the alleles apart, expected in a cell"),
        *interval("share", "probability", "share of the cells that are mutated; empty without a molecule", True),
        Column("n_mutated", "int", "cells told mutated"),
        Column("n_not_mutated", "int", "cells told not mutated"),
        Column("n_undecided", "int", "cells whose molecules leave it open"),
        Column("n_no_data", "int", "cells without a molecule that tells: neither mutated nor not"),
    ),
)

CELL_EVENT_PAIRS = Table(
    "cell_event_pairs",
    "are two events, called arms or mutations, in the same cells, and which was first (`S.event_pairs.tsv`)",
    (
        Column("sample", "str", "cells sample id", nullable=True),
        Column("cell_type", "str", "cells looked at"),
        Column("event_1", "str", "16p:loss, TNFRSF17 p.Q38*, or chrom:pos:ref:alt"),
        Column("event_2", "str", "the other"),
        Column("n_cells", "int", "cells looked at"),
        Column("n_informative", "int", "cells with data on both events"),
        *interval("share_both", "probability", "share of the cells with both"),
        Column("p_same_cells", "probability", "P(at least 5 % of the cells carry both)"),
        *interval("n_both", "float", "cells with both, expected number"),
        *interval("n_first", "float", "cells with the first only"),
        *interval("n_second", "float", "cells with the second only"),
        *interval("n_neither", "float", "cells with neither"),
        Column("p_identical", "probability", "P(every cell has both or neither)"),
        Column("p_first_earlier", "probability", "P(the second is only in cells of the first, which are more)"),
        Column("p_second_earlier", "probability", "P(the first is only in cells of the second, which are more)"),
        Column("p_separate", "probability", "P(no cell has both)"),
        Column("p_crossing", "probability", "P(all four combinations: no tree of clones gives that)"),
    ),
)
