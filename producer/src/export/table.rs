//! What the tables and their columns are called.

use domain::job::{EmpreendimentoId, Target};
use store::{Cell, FigureTable};

/// The columns that identify a row, under their names in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyColumns {
    /// The code.
    pub owner: &'static str,
    /// The month.
    pub month: &'static str,
    /// The category, where the table has one.
    pub category: Option<&'static str>,
    /// The name of the owner.
    pub nome: &'static str,
}

/// The columns that identify a row of a table.
pub const fn key_columns(table: FigureTable) -> KeyColumns {
    match table {
        FigureTable::SaidasCaixa => KeyColumns {
            owner: "filial_id",
            month: "mes_referencia",
            category: Some("categoria"),
            nome: "filial_nome",
        },
        FigureTable::EntradasCaixa => KeyColumns {
            category: Some("category"),
            ..OF_EMPREENDIMENTO
        },
        FigureTable::Delinquency | FigureTable::EstatisticasPortfolio => OF_EMPREENDIMENTO,
    }
}

const OF_EMPREENDIMENTO: KeyColumns = KeyColumns {
    owner: "empreendimento_id",
    month: "ref_month",
    category: None,
    nome: "empreendimento_nome",
};

/// A table's name for people.
pub const fn title(table: FigureTable) -> &'static str {
    match table {
        FigureTable::EntradasCaixa => "Entradas de caixa",
        FigureTable::Delinquency => "Inadimplência",
        FigureTable::EstatisticasPortfolio => "Carteira",
        FigureTable::SaidasCaixa => "Saídas de caixa",
    }
}

/// What a table's owners are called.
pub const fn owner_heading(table: FigureTable) -> &'static str {
    match table {
        FigureTable::SaidasCaixa => "Filial",
        _ => "Empreendimento",
    }
}

/// A column's name for people; one without keeps its own.
pub fn heading(column: &'static str) -> &'static str {
    match column {
        "forecast" => "Previsto",
        "actual" => "Recebido",
        "up_to_30" => "Até 30 dias",
        "days_30_60" => "31 a 60 dias",
        "days_60_90" => "61 a 90 dias",
        "days_90_180" => "91 a 180 dias",
        "above_180" => "181 a 365 dias",
        "total" => "Total vencido",
        "vp" => "Valor presente",
        "ltv" => "LTV (%)",
        "prazo_medio" => "Prazo médio (parcelas)",
        "duration" => "Duration (anos)",
        "total_contracts" => "Contratos",
        "active_contracts" => "Contratos ativos",
        "orcamento" => "Orçamento",
        "realizado" => "Realizado",
        other => other,
    }
}

/// Whether the values of a column can be added up: ratios and mean times cannot.
pub fn adds_up(column: &str) -> bool {
    !matches!(column, "ltv" | "prazo_medio" | "duration")
}

/// The target whose commits write a cell; none for a code that the ERP cannot have.
pub fn target_of(table: FigureTable, cell: &Cell) -> Option<Target> {
    match table {
        FigureTable::SaidasCaixa => Some(Target::SaidasCaixa),
        _ => {
            let id = EmpreendimentoId::try_from(cell.key.owner).ok();
            id.map(Target::Empreendimento)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_heading_of_its_own() {
        for table in FigureTable::ALL {
            let columns = table.columns().iter().map(|(column, _)| *column);
            for column in columns {
                assert_ne!(heading(column), column, "{}", table.name());
            }
        }
    }
}
