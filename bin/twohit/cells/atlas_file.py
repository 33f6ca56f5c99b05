"""The atlas as .h5ad, by the conventions of scverse."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from twohit import SCHEMA_VERSION
from twohit.cells.atlas_plots import colours_of, type_colours
from twohit.cells.variable_genes import log_normalised

CATEGORIES = (
    "donor_id",
    "sample",
    "timepoint",
    "fraction",
    "cluster",
    "cell_type",
    "cell_subtype",
    "given_type",
    "reference_label",
    "reference_type",
    "cluster_type",
    "t_state",
    "car",
)


def write_atlas_file(atlas, patient: str, path: Path) -> None:
    """Write raw counts (layers/counts), log1p of counts per 10,000 (X), annotations (obs) and coordinates (obsm).

    The file appears whole or not at all; the same atlas gives the same bytes.
    """
    import anndata

    cells = atlas.cells
    data = anndata.AnnData(
        X=log_normalised(cells.counts, atlas.measures.n_umis), obs=_obs(atlas, patient), var=_var(atlas)
    )
    data.layers["counts"] = cells.counts
    if atlas.embedding is not None:
        data.obsm["X_pca"] = atlas.embedding.pca.astype(np.float32)
        data.obsm["X_integrated"] = atlas.embedding.integrated.astype(np.float32)
    if atlas.umap is not None:
        data.obsm["X_umap"] = atlas.umap.astype(np.float32)
    data.uns["twohit"] = {"schema_version": str(SCHEMA_VERSION), "X": "log1p of counts per 10,000"}
    data.uns |= _colours(data.obs, atlas.types.order)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".h5ad")
    os.close(handle)
    try:
        data.write_h5ad(temporary, compression="gzip", compression_opts=1)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _colours(obs: pd.DataFrame, order: list[str]) -> dict:
    """NAME_colors as scanpy and cellxgene look for them, one a category: types as in the figures."""
    known = type_colours(order)
    made = {}
    for name in ("cell_type", "cluster_type", "cluster", "sample"):
        if name in obs:
            words = list(obs[name].cat.categories)
            more = colours_of(len(words))
            made[f"{name}_colors"] = np.array(
                [known.get(word, shade) for word, shade in zip(words, more)], dtype=object
            )
    return made


def _obs(atlas, patient: str) -> pd.DataFrame:
    cells = atlas.cells
    table = atlas.tables["cells"].drop(columns=["umap_1", "umap_2"]).set_index("cell")
    table.index.name = None
    for name in ("timepoint", "day", "fraction"):
        table[name] = cells.samples[name].to_numpy(dtype=object)[cells.sample]
    table["donor_id"] = patient
    table["barcode"] = cells.barcodes.astype(str)
    table["cluster_share"] = table["cluster_share"].astype("float64")
    table["day"] = pd.to_numeric(table["day"], errors="coerce").astype("float64")
    for name in (
        "transgene_umis",
        "car_probability",
        "exhaustion_score",
        "cytotoxicity_score",
        "reference_delta",
        "doublet_score",
    ):
        if table[name].isna().all():
            table = table.drop(columns=name)
    for name in CATEGORIES:
        if table[name].isna().all():
            table = table.drop(columns=name)
        else:
            table[name] = pd.Categorical(table[name].map(lambda value: value if isinstance(value, str) else None))
    for name in ("n_umis", "n_features", "transgene_umis"):
        if name in table:
            table[name] = table[name].astype("int64")
    return table


def _var(atlas) -> pd.DataFrame:
    """Genes by symbol, made unique as scanpy does; ids and the symbols as given beside them."""
    from anndata.utils import make_index_unique

    cells = atlas.cells
    index = make_index_unique(pd.Index(cells.symbols.astype(str)))
    table = pd.DataFrame(
        {"gene_ids": cells.ids.astype(str), "gene_symbols": cells.symbols.astype(str)}, index=index.to_numpy()
    )
    table["highly_variable"] = np.isin(np.arange(len(table)), atlas.columns)
    return table
