"""Reads a workbook of `producer export` and holds it against what it must be: typed cells, a header that
stays in view, and sums whose cached results are the exact sums of the cells.

    read_xlsx.py FILE
"""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal
from zipfile import ZipFile

from openpyxl import load_workbook

TABLES = ("Entradas de caixa", "Inadimplência", "Carteira", "Saídas de caixa")
# Columns of text and of dates; every other one has numbers. One of them may be empty: what was imported
# has no day that it is as of.
TEXT = {"Nome", "Categoria", "Execução"}
DATES = {"Mês": "mm/yyyy", "Data-base": "dd/mm/yyyy", "Gravado em": "dd/mm/yyyy hh:mm:ss"}
MAY_BE_EMPTY = {"Data-base"}


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def exact(value: float) -> Decimal:
    """The decimal that the cell was written from: a double has it as its shortest form."""
    return Decimal(repr(value))


def check_cell(head: str, cell, where: str) -> None:
    if cell.value is None:
        check(head in MAY_BE_EMPTY or head in TEXT, f"{where} is empty")
    elif head in TEXT:
        check(cell.data_type in ("s", "inlineStr"), f"{where} is text, and is {cell.data_type}")
    elif head in DATES:
        check(isinstance(cell.value, datetime), f"{where} is a date")
        check(cell.number_format == DATES[head], f"{where} is shown as {DATES[head]}")
    else:
        check(cell.data_type == "n", f"{where} is a number, and is {cell.data_type}")


def check_table(sheet) -> tuple[int, list[tuple[str, Decimal]]]:
    """The number of cells, and the sum of each column that has one."""
    rows = sheet.iter_rows()
    heads = [cell.value for cell in next(rows)]
    sums = [Decimal(0)] * len(heads)
    cells = 0
    for row in rows:
        if row[0].value == "Total":
            cached = [cell.value for cell in row]
            break
        cells += 1
        for column, (head, cell) in enumerate(zip(heads, row)):
            check_cell(head, cell, f"{sheet.title}, row {cells + 1}, {head}")
            if head not in TEXT and head not in DATES:
                sums[column] += exact(cell.value)
    else:
        check(cells == 0, f"{sheet.title} has a row of sums")
        return 0, []
    found = []
    for head, value, total in zip(heads[1:], cached[1:], sums[1:]):
        if value is not None:
            check(float(total) == float(value), f"{sheet.title}, {head}: {value} is {total}")
            found.append((head, total))
    return cells, found


def main(file: str) -> None:
    # Panes are not read in the mode that reads row by row, in which a million rows fit into memory.
    values = load_workbook(file, read_only=True, data_only=True)
    names = values.sheetnames
    check(names[0] == "Resumo" and names[-2:] == ["Provas", "Proveniência"], f"sheets: {names}")
    summary = [[cell.value for cell in row] for row in values["Resumo"].iter_rows()]
    check(summary[0][1] in ("COMPLETO", "PARCIAL"), "the summary says whether all is there")
    for name in names[1:-2]:
        check(name.split(" (")[0] in TABLES, f"{name} is a table")
        cells, sums = check_table(values[name])
        print(f"{name}: {cells} cells, " + ", ".join(f"{head} {total}" for head, total in sums))
        # Where a table is on one sheet, the summary has the same sums.
        if f"{name} (2)" in names or " (" in name:
            continue
        told = {row[1]: row[3] for row in summary if row[0] == name}
        for head, total in sums:
            check(float(told[head]) == float(total), f"Resumo, {name}, {head}")
    for name in names[1:]:
        check_panes(file, names.index(name) + 1, name)


def check_panes(file: str, number: int, name: str) -> None:
    """The first row of a sheet stays in view: read from the sheet's own beginning."""
    with ZipFile(file) as archive, archive.open(f"xl/worksheets/sheet{number}.xml") as sheet:
        beginning = sheet.read(4_096).decode("utf-8", "ignore")
    check('ySplit="1"' in beginning and 'state="frozen"' in beginning, f"{name}: first row frozen")


if __name__ == "__main__":
    main(sys.argv[1])
