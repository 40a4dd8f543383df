//! The rule behind each published column, in Portuguese; `producer` has them in English.

/// Tables with their columns of figures, and the rule of each.
#[rustfmt::skip]
const RULES: [(&str, &[(&str, &str)]); 5] = [
    ("contratos", &[
        ("contratos", "os que o ERP lista agora"),
        ("valor_contrato", "como está no ERP"),
        ("valor_atualizado_ipca", "valor × Π(1 + índice/100) nos meses depois da assinatura, dos contratos ativos que os índices de ipca_mensal alcançam"),
    ]),
    ("entradas_caixa", &[
        ("forecast", "Σ vlr_original, ou vlr_corrigido onde aquele é nulo ou 0, das parcelas ativas, no mês de data_vencimento; ativos se vêm do contrato, senão outras"),
        ("actual", "Σ vlr_pago das parcelas ativas que estão pagas, no mês de data_baixa; outras se não vêm do contrato, senão antecipacoes antes do mês do vencimento, ativos nele, recuperacoes depois"),
    ]),
    ("delinquency", &[
        ("up_to_30", "vencido no fim do mês, ou em as_of, há 1 a 30 dias"),
        ("days_30_60", "o mesmo, há 31 a 60 dias"),
        ("days_60_90", "o mesmo, há 61 a 90 dias"),
        ("days_90_180", "o mesmo, há 91 a 180 dias"),
        ("above_180", "o mesmo, há 181 a 365 dias"),
        ("total", "a soma destes; parcelas ativas, do contrato, não quitadas até então, com mais de dois dias úteis de atraso"),
    ]),
    ("estatisticas_portfolio", &[
        ("vp", "Σ vlr_presente de todas as parcelas, como o ERP o informa na hora do commit"),
        ("ltv", "vp ÷ Σ valor dos contratos ativos × 100, corrigido pelo IPCA onde é conhecido"),
        ("prazo_medio", "média do n de k/n da primeira parcela mensal de cada contrato ativo, ponderada pelo valor"),
        ("duration", "Macaulay, em anos, a 10 % ao ano, no último dia do mês, do que falta pagar"),
        ("total_contracts", "contratos listados"),
        ("active_contracts", "contratos com status Ativo, A, Normal ou N"),
    ]),
    ("saidas_caixa", &[
        ("orcamento", "Σ ValorParcela, no mês de DataVencimento"),
        ("realizado", "Σ (ValorParcela − SaldoAtual) onde é positivo, no mês de data_baixa, ou de DataVencimento onde não há"),
    ]),
];

/// The rule of a column; none where it has none.
pub fn rule(table: &str, column: &str) -> Option<&'static str> {
    let (_, rules) = RULES.iter().find(|(name, _)| *name == table)?;
    let (_, rule) = rules.iter().find(|(name, _)| *name == column)?;
    Some(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_commands_is_here_and_no_other() {
        let names = |rules: &'static [(&'static str, &'static [(&str, &str)])]| {
            let columns = |(table, columns): &(&'static str, &'static [(&'static str, &str)])| {
                columns
                    .iter()
                    .map(|(column, _)| (*table, *column))
                    .collect::<Vec<_>>()
            };
            rules.iter().flat_map(columns).collect::<Vec<_>>()
        };
        assert_eq!(names(&RULES), names(&producer::report::RULES));
    }
}
