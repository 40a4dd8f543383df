"""The baseline: a backfill in the usual design of such a program, at its best.

A pool of 16 threads asks for the parcelas of one empreendimento at a time; all of them are then in
memory, the figures are computed from the list, and the tables written with bulk upserts.

    python backfill.py START END AS_OF     dates YYYY-MM-DD; DATABASE_URL and MEGA_API_* from the
                                           environment; the tables must be there

Prints what it read and what it took, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from sqlalchemy import create_engine

import figures
from figures import Window
from mega import Mega, Parcela, day, decimal
from tables import Tables

THREADS = 16


def main() -> None:
    window = Window(*map(date.fromisoformat, sys.argv[1:4]))
    started = time.monotonic()
    url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg://", 1)
    tables = Tables(create_engine(url))
    mega = Mega(
        os.environ["MEGA_API_URL"],
        os.environ["MEGA_API_TENANT_ID"],
        os.environ["MEGA_API_USERNAME"],
        os.environ["MEGA_API_PASSWORD"],
        THREADS,
    )
    empreendimentos = mega.empreendimentos()
    tables.write_catalogue(empreendimentos)
    with ThreadPoolExecutor(THREADS) as pool:
        parcelas = sum(
            backfill(mega, tables, pool, int(row["codigo"]), row["nome"], window)
            for row in empreendimentos
        )
    cash_out(mega, tables, window)
    used = resource.getrusage(resource.RUSAGE_SELF)
    report = {
        "parcelas": parcelas,
        "seconds": time.monotonic() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_kib": used.ru_maxrss,
    }
    print(json.dumps(report))


def backfill(
    mega: Mega, tables: Tables, pool: ThreadPoolExecutor, codigo: int, nome: str, window: Window
) -> int:
    """One empreendimento; how many parcelas it has."""
    contratos = mega.contratos(codigo)
    ids = [contrato["cod_contrato"] for contrato in contratos]
    parcelas_of: dict[int, list[Parcela]] = dict(zip(ids, pool.map(mega.parcelas, ids)))
    everything = [parcela for parcelas in parcelas_of.values() for parcela in parcelas]
    computed = [
        figures.cash_in(everything, window),
        figures.delinquency(everything, window),
        figures.portfolio(contratos, parcelas_of, window),
    ]
    rows = [
        {
            "id": contrato["cod_contrato"],
            "status": contrato["status_contrato"],
            "valor_contrato": figures.money(decimal(contrato["valor_contrato"])),
            "data_assinatura": day(contrato["data_assinatura"]),
        }
        for contrato in contratos
    ]
    active = any(map(figures.is_active, contratos))
    # Without a contrato there are no figures, not zeros.
    tables.write_empreendimento(codigo, nome, rows, active, computed if contratos else [[]] * 3)
    return len(everything)


def cash_out(mega: Mega, tables: Tables, window: Window) -> None:
    rows = {}
    for record in mega.faturas(window.start, window.end):
        row = fatura(record)
        # Of rows with one identity the first counts.
        rows.setdefault(tuple(row[column] for column in KEY), row)
    tables.write_faturas(list(rows.values()), window.start, window.end)


KEY = (
    "filial_id",
    "numero_ap",
    "numero_parcela",
    "agente_codigo",
    "tipo_documento",
    "numero_documento",
    "data_vencimento",
    "valor_parcela",
)


def fatura(record: dict) -> dict:
    vencimento = day(record["DataVencimento"])
    saldo = figures.money(decimal(record["SaldoAtual"]))
    return {
        "filial_id": int(record["Filial"]["Id"]),
        "numero_ap": str(record["NumeroAP"]),
        "numero_parcela": str(record["NumeroParcela"]),
        "agente_codigo": int(record["Agente"]["Codigo"]),
        "tipo_documento": record["TipoDocumento"] or "",
        "numero_documento": record["NumeroDocumento"] or "",
        "data_vencimento": vencimento,
        "valor_parcela": figures.money(decimal(record["ValorParcela"])),
        "saldo_atual": saldo,
        "data_prorrogado": day(record["DataProrrogado"]),
        "data_baixa": vencimento if saldo == 0 else None,
    }


if __name__ == "__main__":
    main()
