"""Tables and settings of the atlas that hold something of all its parts."""

import numpy as np
import pandas as pd

from twohit import SCHEMA_VERSION
from twohit.cells.atlas_t_cells import TCells, Transgene
from twohit.cells.cell_qc import Rules
from twohit.cells.cell_samples import PatientCells
from twohit.cells.cell_types import CALLED, CellTypes
from twohit.cells.embedding import Settings


def judged_quality(qc: pd.DataFrame, cells: PatientCells, types: CellTypes, more: list[pd.DataFrame]) -> pd.DataFrame:
    """Add to the table of quality what is known once types are told: doublets, and the columns of `more`."""
    doublets = None
    if not np.isnan(types.doublet).all():
        doublets = np.bincount(cells.sample, np.nan_to_num(types.doublet) >= CALLED, len(cells.samples)).astype(int)
    return qc.assign(n_doublets=doublets, **{name: table[name] for table in more for name in table})


def cells_table(
    cells, measures, types, doublet_score, cluster, clusters, reference, states, transgene, umap, t_cells: TCells
) -> pd.DataFrame:
    """CELL_ANNOTATIONS."""
    ids = cells.samples["sample"].to_numpy(dtype=object)
    nothing = np.full(len(cells.sample), None, dtype=object)
    return pd.DataFrame(
        {
            "cell": cells.names,
            "sample": ids[cells.sample],
            "n_umis": measures.n_umis,
            "n_features": measures.n_features,
            "mito_fraction": measures.mito_fraction,
            "ribo_fraction": measures.ribo_fraction,
            "cluster": cluster,
            "cell_type": types.cell_type,
            "cell_subtype": types.subtype,
            "cell_type_probability": types.probability,
            "doublet_probability": types.doublet,
            "doublet_score": doublet_score,
            "given_type": types.given,
            "reference_label": nothing if reference is None else reference.label,
            "reference_type": nothing if reference is None else reference.cell_type,
            "reference_delta": nothing if reference is None else reference.delta,
            "cluster_type": _of_cluster(clusters, cluster, "cell_type"),
            "cluster_share": _of_cluster(clusters, cluster, "share"),
            "t_state": states,
            "transgene_umis": nothing if transgene is None else transgene,
            "car": nothing if t_cells.car is None else t_cells.car.call,
            "car_probability": nothing if t_cells.car is None else t_cells.car.probability,
            "exhaustion_score": t_cells.scores.get("exhaustion", nothing),
            "cytotoxicity_score": t_cells.scores.get("cytotoxicity", nothing),
            "umap_1": nothing if umap is None else umap[:, 0],
            "umap_2": nothing if umap is None else umap[:, 1],
        }
    )


def settings_told(atlas, transgene: Transgene, files: dict, rules: Rules, settings: Settings) -> dict:
    """What P.cell_atlas.json tells; `files` are those given in place of, or beside, the project's own."""
    integrated = atlas.embedding is not None and atlas.embedding.integrated is not atlas.embedding.pca
    return {
        "schema_version": SCHEMA_VERSION,
        "min_features": rules.min_features,
        "min_cells": rules.min_cells,
        "max_mito": rules.max_mito,
        "qc": "fixed" if rules.n_mads is None else "adaptive",
        "mads": rules.n_mads,
        "resolution": settings.resolution,
        "seed": settings.seed,
        "transgene_feature": transgene.features,
        "transgene_3prime": transgene.end_known,
        **{name: None if path is None else path.name for name, path in files.items()},
        "markers_missing": atlas.missing,
        "n_cells": len(atlas.cells.barcodes),
        "n_genes": int(atlas.cells.counts.shape[1]),
        "n_variable_genes": len(atlas.columns),
        "n_components": 0 if atlas.embedding is None else int(atlas.embedding.pca.shape[1]),
        "samples_integrated": integrated,
    }


def _of_cluster(clusters: pd.DataFrame, cluster: np.ndarray, column: str) -> np.ndarray:
    """What the table of clusters says, for each cell."""
    told = dict(zip(clusters["cluster"], clusters[column]))
    return np.array([told.get(name) for name in cluster], dtype=object)
