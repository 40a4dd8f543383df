//! What is compared of the tables of the replaced system and ours.

use chrono::NaiveDate;

/// Whose tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Ours.
    Ours,
    /// Those of the replaced system; only rows of its origin `mega`.
    Theirs,
}

/// A table that both have, by its name there.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::Display,
)]
#[strum(serialize_all = "snake_case")]
pub enum ComparedTable {
    /// `filiais`: code.
    Filiais,
    /// `empreendimentos`: code.
    Empreendimentos,
    /// `contratos`: code of the empreendimento, code.
    Contratos,
    /// `entradas_caixa`: code of the empreendimento, month, category.
    EntradasCaixa,
    /// `saidas_caixa`: code of the filial, month, category.
    SaidasCaixa,
    /// `estatisticas_portfolio`: code of the empreendimento, month.
    EstatisticasPortfolio,
    /// `inadimplencia`: code of the empreendimento, month.
    Inadimplencia,
    /// `faturas_pagar`: code of the filial, AP, parcela. A key has several lines with us, and one there.
    FaturasPagar,
}

/// A row: its key, and its figures in the order of [`ComparedTable::figures`]. Codes in a key have twelve
/// digits, so that keys sort as texts do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The key.
    pub key: Vec<String>,
    /// The figures as text; `None` where there is none.
    pub figures: Vec<Option<String>>,
    /// The day in São Paulo on which it was written.
    pub day: Option<NaiveDate>,
}

/// How two figures are held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// An amount, equal within the tolerance; null equals null alone.
    Amount,
    /// A number with one decimal, equal within 0.1.
    Tenths,
    /// A count; absent on one side, it is not compared.
    Count,
    /// A text, equal after trimming.
    Text,
}

use FigureKind::{Amount, Count, Tenths, Text};

impl ComparedTable {
    /// All, in the order in which they are compared.
    pub const ALL: [Self; 8] = [
        Self::Filiais,
        Self::Empreendimentos,
        Self::Contratos,
        Self::EntradasCaixa,
        Self::SaidasCaixa,
        Self::EstatisticasPortfolio,
        Self::Inadimplencia,
        Self::FaturasPagar,
    ];

    /// The names and kinds of its figures.
    pub const fn figures(self) -> &'static [(&'static str, FigureKind)] {
        match self {
            Self::Filiais => &[
                ("is_active", Text),
                ("nome", Text),
                ("fantasia", Text),
                ("cnpj", Text),
            ],
            Self::Empreendimentos => &[
                ("is_active", Text),
                ("filial", Text),
                ("centro_custo_id", Text),
                ("name", Text),
            ],
            Self::Contratos => &[
                ("valor_contrato", Amount),
                ("valor_atualizado_ipca", Amount),
                ("status", Text),
                ("data_assinatura", Text),
            ],
            Self::EntradasCaixa => &[("forecast", Amount), ("actual", Amount)],
            Self::SaidasCaixa => &[("orcamento", Amount), ("realizado", Amount)],
            Self::EstatisticasPortfolio => &[
                ("vp", Amount),
                ("ltv", Amount),
                ("duration", Amount),
                ("prazo_medio", Tenths),
                ("total_contracts", Count),
                ("active_contracts", Count),
            ],
            Self::Inadimplencia => &[
                ("up_to_30", Amount),
                ("days_30_60", Amount),
                ("days_60_90", Amount),
                ("days_90_180", Amount),
                ("above_180", Amount),
                ("total", Amount),
                ("quantities.up_to_30", Count),
                ("quantities.days_30_60", Count),
                ("quantities.days_60_90", Count),
                ("quantities.days_90_180", Count),
                ("quantities.above_180", Count),
                ("quantities.total", Count),
            ],
            Self::FaturasPagar => &[
                ("data_vencimento", Text),
                ("valor_parcela", Amount),
                ("saldo_atual", Amount),
                ("data_baixa", Text),
                ("tipo_documento", Text),
            ],
        }
    }

    /// The month in one of its keys; none in a table without months.
    pub fn month_of(self, key: &[String]) -> Option<&str> {
        match self {
            Self::EntradasCaixa
            | Self::SaidasCaixa
            | Self::EstatisticasPortfolio
            | Self::Inadimplencia => key.get(1).map(String::as_str),
            Self::Filiais | Self::Empreendimentos | Self::Contratos | Self::FaturasPagar => None,
        }
    }

    /// Asks for its lines on a side: `key`, `figures`, and when each was written, `at`. `{schema}` stands for
    /// the side's schema.
    pub(crate) const fn query(self, side: Side) -> &'static str {
        match (self, side) {
            (Self::Filiais, Side::Ours) => {
                "SELECT ARRAY[lpad(id::text, 12, '0')] AS key,
                        ARRAY[is_active::text, nome, fantasia, cnpj] AS figures,
                        synced_at AS at
                 FROM {schema}.filiais"
            }
            (Self::Filiais, Side::Theirs) => {
                "SELECT ARRAY[lpad(external_id::text, 12, '0')] AS key,
                        ARRAY[is_active::text, nome::text, fantasia::text, cnpj::text] AS figures,
                        coalesce(atualizado_em, criado_em) AS at
                 FROM {schema}.filiais WHERE origem = 'mega'"
            }
            (Self::Empreendimentos, Side::Ours) => {
                "SELECT ARRAY[lpad(id::text, 12, '0')] AS key,
                        ARRAY[is_active::text, filial_id::text, centro_custo_id::text, nome] AS figures,
                        synced_at AS at
                 FROM {schema}.empreendimentos"
            }
            (Self::Empreendimentos, Side::Theirs) => {
                "SELECT ARRAY[lpad(e.external_id::text, 12, '0')] AS key,
                        ARRAY[e.is_active::text, f.external_id::text, e.centro_custo_id::text, e.name::text] AS figures,
                        coalesce(e.updated_at, e.created_at) AS at
                 FROM {schema}.empreendimentos e LEFT JOIN {schema}.filiais f ON f.id = e.filial_id
                 WHERE e.origem = 'mega'"
            }
            (Self::Contratos, Side::Ours) => {
                "SELECT ARRAY[lpad(empreendimento_id::text, 12, '0'), lpad(id::text, 12, '0')] AS key,
                        ARRAY[valor_contrato::text, valor_atualizado_ipca::text, status, data_assinatura::text] AS figures,
                        synced_at AS at
                 FROM {schema}.contratos"
            }
            (Self::Contratos, Side::Theirs) => {
                "SELECT ARRAY[lpad(e.external_id::text, 12, '0'), lpad(c.cod_contrato::text, 12, '0')] AS key,
                        ARRAY[c.valor_contrato::text, c.valor_atualizado_ipca::text, c.status::text, c.data_assinatura::text] AS figures,
                        c.last_synced_at AS at
                 FROM {schema}.contratos c JOIN {schema}.empreendimentos e ON e.id = c.empreendimento_id
                 WHERE c.origem = 'mega'"
            }
            (Self::EntradasCaixa, Side::Ours) => {
                "SELECT ARRAY[lpad(empreendimento_id::text, 12, '0'), ref_month, category] AS key,
                        ARRAY[forecast::text, actual::text] AS figures,
                        synced_at AS at
                 FROM {schema}.entradas_caixa"
            }
            (Self::EntradasCaixa, Side::Theirs) => {
                "SELECT ARRAY[lpad(e.external_id::text, 12, '0'), t.ref_month::text, t.category::text] AS key,
                        ARRAY[t.forecast::numeric::text, t.actual::numeric::text] AS figures,
                        t.created_at AS at
                 FROM {schema}.entradas_caixa t JOIN {schema}.empreendimentos e ON e.id = t.empreendimento_id
                 WHERE t.origem = 'mega'"
            }
            (Self::SaidasCaixa, Side::Ours) => {
                "SELECT ARRAY[lpad(filial_id::text, 12, '0'), mes_referencia, categoria] AS key,
                        ARRAY[orcamento::text, realizado::text] AS figures,
                        synced_at AS at
                 FROM {schema}.saidas_caixa"
            }
            (Self::SaidasCaixa, Side::Theirs) => {
                "SELECT ARRAY[lpad(f.external_id::text, 12, '0'), t.mes_referencia::text,
                              coalesce(nullif(t.categoria, ''), 'OUTROS')::text] AS key,
                        ARRAY[t.orcamento::numeric::text, t.realizado::numeric::text] AS figures,
                        t.criado_em AS at
                 FROM {schema}.saidas_caixa t JOIN {schema}.filiais f ON f.id = t.filial_id
                 WHERE t.origem = 'mega'"
            }
            (Self::EstatisticasPortfolio, Side::Ours) => {
                "SELECT ARRAY[lpad(empreendimento_id::text, 12, '0'), ref_month] AS key,
                        ARRAY[vp::text, ltv::text, duration::text, prazo_medio::text,
                              total_contracts::text, active_contracts::text] AS figures,
                        synced_at AS at
                 FROM {schema}.estatisticas_portfolio"
            }
            (Self::EstatisticasPortfolio, Side::Theirs) => {
                "SELECT ARRAY[lpad(e.external_id::text, 12, '0'), t.ref_month::text] AS key,
                        ARRAY[t.vp::numeric::text, t.ltv::numeric::text, t.duration::numeric::text,
                              t.prazo_medio::numeric::text, t.total_contracts::text, t.active_contracts::text] AS figures,
                        t.created_at AS at
                 FROM {schema}.estatisticas_portfolio t JOIN {schema}.empreendimentos e ON e.id = t.empreendimento_id
                 WHERE t.origem = 'mega'"
            }
            (Self::Inadimplencia, Side::Ours) => {
                "SELECT ARRAY[lpad(empreendimento_id::text, 12, '0'), ref_month] AS key,
                        ARRAY[up_to_30::text, days_30_60::text, days_60_90::text, days_90_180::text,
                              above_180::text, total::text, details #>> '{quantities,up_to_30}',
                              details #>> '{quantities,days_30_60}', details #>> '{quantities,days_60_90}',
                              details #>> '{quantities,days_90_180}', details #>> '{quantities,above_180}',
                              details ->> 'quantity'] AS figures,
                        synced_at AS at
                 FROM {schema}.delinquency"
            }
            (Self::Inadimplencia, Side::Theirs) => {
                "SELECT ARRAY[lpad(e.external_id::text, 12, '0'), left(t.ref_month, 7)] AS key,
                        ARRAY[t.up_to_30::numeric::text, t.days_30_60::numeric::text, t.days_60_90::numeric::text,
                              t.days_90_180::numeric::text, t.above_180::numeric::text, t.total::numeric::text,
                              t.details::jsonb #>> '{quantities,up_to_30}', t.details::jsonb #>> '{quantities,days_30_60}',
                              t.details::jsonb #>> '{quantities,days_60_90}', t.details::jsonb #>> '{quantities,days_90_180}',
                              t.details::jsonb #>> '{quantities,above_180}', t.details::jsonb #>> '{quantities,total}'] AS figures,
                        t.created_at AS at
                 FROM {schema}.inadimplencia t JOIN {schema}.empreendimentos e ON e.id = t.empreendimento_id
                 WHERE t.origem = 'mega'"
            }
            (Self::FaturasPagar, Side::Ours) => {
                "SELECT ARRAY[lpad(filial_id::text, 12, '0'), numero_ap, numero_parcela] AS key,
                        ARRAY[data_vencimento::text, valor_parcela::text, saldo_atual::text,
                              data_baixa::text, coalesce(nullif(tipo_documento, ''), 'OUTROS')] AS figures,
                        synced_at AS at
                 FROM {schema}.faturas_pagar"
            }
            (Self::FaturasPagar, Side::Theirs) => {
                "SELECT ARRAY[lpad(filial_id::text, 12, '0'), numero_ap::text, numero_parcela::text] AS key,
                        ARRAY[data_vencimento::text, valor_parcela::text, saldo_atual::text, data_baixa::text,
                              coalesce(nullif(tipo_documento, ''), 'OUTROS')::text] AS figures,
                        atualizado_em AS at
                 FROM {schema}.faturas_pagar WHERE origem = 'mega'"
            }
        }
    }
}
