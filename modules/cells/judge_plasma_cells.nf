// What the plasma cells of a patient still show: antigens by sample and clone, light chains, class, who is malignant.
process JUDGE_PLASMA_CELLS {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), path(atlas), path(copy_number)
    path panel
    val library

    output:
    tuple val(patient), path("plasma/${patient}.*")

    script:
    """
    judge_plasma_cells.py --patient ${patient} --atlas ${atlas} --panel ${panel} \\
        ${copy_number ? "--copy-number ${copy_number}" : ''} --outdir plasma
    """

    stub:
    """
    mkdir plasma
    touch plasma/${patient}.{antigens,light_chains,plasma_cells,plasma_classes}.tsv plasma/${patient}.antigens.{svg,png}
    """
}
