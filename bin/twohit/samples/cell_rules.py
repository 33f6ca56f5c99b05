"""What rows of cells and of the clinical course may not say together."""

from twohit.samples.rows import FILE_COLUMNS, Row, Sheet


def check_cells_and_clinical(sheet: Sheet) -> None:
    """Check that a sample of cells has reads or one matrix, and a patient one clinical file of each sort."""
    first: dict[tuple, Row] = {}
    reads: dict[tuple, Row] = {}
    for row in sheet.rows:
        if row.get("kind") == "cells" and row.get("fastq_1"):
            reads.setdefault((row.get("patient"), row.get("sample")), row)
    for row in sheet.rows:
        if row.get("kind") == "cells":
            owner = (row.get("patient"), row.get("sample"))
            owned = [(column, owner) for column in ("matrix", "raw_matrix", "bam", "metadata")]
            _check_counted(sheet, row, reads.get(owner))
        elif row.get("kind") == "clinical":
            owned = [(column, row.get("patient")) for column in FILE_COLUMNS["clinical"]]
        else:
            continue
        for column, owner in owned:
            other = first.setdefault((column, owner), row) if row.get(column) else row
            if other is not row and (column != "metadata" or other.get(column) != row.get(column)):
                sheet.wrong(row, column, row.get(column), f"row {other.number} gives one already; keep one")


def _check_counted(sheet: Sheet, row: Row, reads: Row | None) -> None:
    """Check that a sample of cells has reads (in row `reads`), or what is made of reads, but not both."""
    for column in ("matrix", "raw_matrix", "bam"):
        if row.get(column) and reads is not None:
            why = f"the sample has reads in row {reads.number}, which are counted; keep reads or {column}"
            sheet.wrong(row, column, row.get(column), why)


def check_cell_references(sheet: Sheet, references: set[str]) -> None:
    """Check that what reads of cells are counted with is given, and that it is used."""
    counted = [row for row in sheet.rows if row.get("kind") == "cells" and row.get("fastq_1")]
    missing = [name for name in ("fasta", "gff", "barcode_whitelist") if name not in references]
    if counted and missing:
        why = f"reads of cells need --{' and --'.join(missing)}; give them"
        sheet.wrong(counted[0], "fastq_1", counted[0].get("fastq_1"), why)
    if "transgene" in references and not counted:
        why = "--transgene is not used: no sample of cells has reads; name the feature of a matrix by "
        sheet.warnings.append(why + "--transgene_feature")
