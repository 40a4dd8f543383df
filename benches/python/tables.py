"""Writing the tables: bulk upserts, one transaction for each empreendimento."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine, MetaData, Table, delete, text
from sqlalchemy.dialects.postgresql import insert

RUN = "python"
# PostgreSQL takes at most 65,535 parameters in a statement.
ROWS_AT_ONCE = 2_000
FIGURES = ("entradas_caixa", "delinquency", "estatisticas_portfolio")

UPSERT_SAIDAS = text("""
INSERT INTO saidas_caixa (filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado,
                          detalhes, run_id, synced_at)
SELECT filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado, detalhes,
       :run, now()
FROM saidas_caixa_das_faturas
ON CONFLICT (filial_id, mes_referencia, categoria) DO UPDATE
SET orcamento = excluded.orcamento, realizado = excluded.realizado,
    detalhes = excluded.detalhes, run_id = excluded.run_id, synced_at = excluded.synced_at""")


class Tables:
    """The product's own tables, as its migrations make them."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.metadata = MetaData()
        self.metadata.reflect(engine)

    def write_catalogue(self, empreendimentos: list[dict]) -> None:
        filiais = {
            int(row["codigoFilial"]): {
                "id": int(row["codigoFilial"]),
                "nome": row["nomeFilial"],
                "fantasia": row["fantasiaFilial"],
                "cnpj": (row["cnpjFilial"] or "").strip(),
            }
            for row in empreendimentos
        }
        rows = [
            {
                "id": int(row["codigo"]),
                "nome": row["nome"],
                "filial_id": int(row["codigoFilial"]),
                "centro_custo_id": (row.get("centroCusto") or {}).get("reduzido"),
            }
            for row in empreendimentos
        ]
        with self.engine.begin() as connection:
            self._upsert(connection, "filiais", list(filiais.values()))
            self._upsert(connection, "empreendimentos", rows)

    def write_empreendimento(
        self, codigo: int, nome: str, contratos: list[dict], active: bool, figures: list[list[dict]]
    ) -> None:
        contrato_rows = [dict(row, empreendimento_id=codigo) for row in contratos]
        listed = [row["id"] for row in contratos]
        own = {"empreendimento_id": codigo, "empreendimento_nome": nome}
        with self.engine.begin() as connection:
            self._upsert(connection, "contratos", contrato_rows)
            contratos_table = self.metadata.tables["contratos"]
            gone = contratos_table.c.id.not_in(listed)
            connection.execute(
                delete(contratos_table).where(contratos_table.c.empreendimento_id == codigo, gone)
            )
            for table, rows in zip(FIGURES, figures, strict=True):
                self._upsert(connection, table, [{**own, **row} for row in rows])
            connection.execute(
                text("UPDATE empreendimentos SET is_active = :active, last_synced_at = now() "
                     "WHERE id = :id"),
                {"active": active, "id": codigo},
            )

    def write_faturas(self, rows: list[dict], start: date, end: date) -> None:
        filiais = [
            {"id": filial, "nome": f"Filial {filial}"}
            for filial in {row["filial_id"] for row in rows}
        ]
        with self.engine.begin() as connection:
            self._upsert(connection, "filiais", filiais, keep=True)
            faturas = self.metadata.tables["faturas_pagar"]
            due = faturas.c.data_vencimento.between(start, end)
            connection.execute(delete(faturas).where(due))
            self._upsert(connection, "faturas_pagar", rows)
            connection.execute(UPSERT_SAIDAS, {"run": RUN})

    def _upsert(
        self, connection: Connection, name: str, rows: list[dict], keep: bool = False
    ) -> None:
        table: Table = self.metadata.tables[name]
        stamp = {"run_id": RUN, "synced_at": datetime.now(UTC)}
        keys = [column.name for column in table.primary_key]
        for first in range(0, len(rows), ROWS_AT_ONCE):
            values = [{**row, **stamp} for row in rows[first : first + ROWS_AT_ONCE]]
            statement = insert(table).values(values)
            others = {key: statement.excluded[key] for key in values[0] if key not in keys}
            connection.execute(
                statement.on_conflict_do_nothing()
                if keep
                else statement.on_conflict_do_update(index_elements=keys, set_=others)
            )
