//! The rule behind each published column, on one line; docs/DOMAIN.md has them in full.

/// Tables with their columns of figures, and the rule of each.
pub const RULES: [(&str, &[(&str, &str)]); 5] = [
    (
        "contratos",
        &[
            ("contratos", "those the ERP lists now"),
            ("valor_contrato", "as the ERP has it"),
            (
                "valor_atualizado_ipca",
                "value × Π(1 + index/100) over the months after the signature, of active contratos \
                 the indices of ipca_mensal reach back to",
            ),
        ],
    ),
    (
        "entradas_caixa",
        &[
            (
                "forecast",
                "Σ vlr_original, or vlr_corrigido where that is null or 0, of active parcelas, in \
                 the month of data_vencimento; ativos from contract, else outras",
            ),
            (
                "actual",
                "Σ vlr_pago of active parcelas that are paid, in the month of data_baixa; outras if \
                 not from contract, else antecipacoes before the due month, ativos in it, \
                 recuperacoes after it",
            ),
        ],
    ),
    (
        "delinquency",
        &[
            (
                "up_to_30",
                "overdue at the month's end, or as_of, for 1 to 30 days",
            ),
            ("days_30_60", "the same, for 31 to 60 days"),
            ("days_60_90", "the same, for 61 to 90 days"),
            ("days_90_180", "the same, for 91 to 180 days"),
            ("above_180", "the same, for 181 to 365 days"),
            (
                "total",
                "the sum of these; active, from contract, not settled by then, more than two \
                 business days late",
            ),
        ],
    ),
    (
        "estatisticas_portfolio",
        &[
            (
                "vp",
                "Σ vlr_presente of all parcelas, as the ERP gives it at the commit",
            ),
            (
                "ltv",
                "vp ÷ Σ value of active contratos × 100, corrected by IPCA where known",
            ),
            (
                "prazo_medio",
                "mean n of k/n of each active contrato's first mensal parcela, weighted by value",
            ),
            (
                "duration",
                "Macaulay, years, at 10 % a year, at the month's last day, of what is left to pay",
            ),
            ("total_contracts", "contratos listed"),
            (
                "active_contracts",
                "contratos with status Ativo, A, Normal or N",
            ),
        ],
    ),
    (
        "saidas_caixa",
        &[
            (
                "orcamento",
                "Σ ValorParcela, in the month of DataVencimento",
            ),
            (
                "realizado",
                "Σ (ValorParcela − SaldoAtual) where positive, in the month of data_baixa, or of \
                 DataVencimento where there is none",
            ),
        ],
    ),
];

/// The columns of a table with their rules; none for a table without.
pub(crate) fn column_rules(table: &str) -> &'static [(&'static str, &'static str)] {
    RULES
        .iter()
        .find(|(name, _)| *name == table)
        .map_or(&[], |(_, rules)| rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_with_a_rule_is_in_the_document() {
        let document = include_str!("../../../docs/DOMAIN.md");
        for (table, rules) in RULES {
            assert!(document.contains(table), "{table}");
            for (column, rule) in rules {
                // Two columns of the document are named in its prose.
                let prose = ["contratos", "valor_contrato", "total"].contains(column);
                assert!(
                    prose || document.contains(&format!("`{column}`")),
                    "{column}"
                );
                assert!(!rule.contains('\n') && !rule.contains("  "), "{rule}");
            }
        }
    }
}
