//! The ledger's words in Portuguese, for files and pages that analysts read.

use domain::checks::{CheckName, CheckVerdict};
use domain::ledger::JobState;

/// A check in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldCheck {
    /// What it is called.
    pub called: &'static str,
    /// What it expects.
    pub expected: &'static str,
}

/// What every balance expects.
const BALANCED: &str = "lido = publicado + deixado de fora, até a última casa decimal";

/// What a check is called and expects.
#[rustfmt::skip]
pub const fn check(check: CheckName) -> ToldCheck {
    use CheckName as Name;
    let (called, expected) = match check {
        Name::Whole => ("tudo chegou", "uma resposta para cada chamada"),
        Name::ReadableContratos => ("contratos legíveis", "todo contrato legível; data_assinatura pode ser desconhecida"),
        Name::ReadableParcelas => ("parcelas legíveis", "no máximo 1 % das parcelas rejeitadas, e não todas as de um contrato"),
        Name::ReadableFaturas => ("faturas legíveis", "no máximo 1 % das faturas rejeitadas"),
        Name::Belongs => ("contratos do próprio empreendimento", "no máximo um contrato, ou 1 %, de outro empreendimento"),
        Name::Once => ("sem repetições", "cada registro uma vez"),
        Name::Placed => ("datas e valores presentes", "data_vencimento em toda parcela, data_baixa e vlr_pago em toda parcela paga"),
        Name::BalancedForecast => ("o previsto fecha", BALANCED),
        Name::BalancedActual => ("o recebido fecha", BALANCED),
        Name::BalancedVp => ("o valor presente fecha", BALANCED),
        Name::BalancedValorContrato => ("o valor dos contratos fecha", BALANCED),
        Name::BalancedOrcamento => ("o orçamento das saídas fecha", BALANCED),
        Name::ByContrato => ("a soma dos contratos", "cada valor = a soma do que os contratos somam, arredondada uma vez"),
        Name::BalancedRealizado => ("o realizado das saídas fecha", BALANCED),
        Name::PlausibleTarget => ("sem queda brusca", "nenhuma queda de mais da metade desde o último commit, acima de 10 registros ou R$ 10"),
        Name::PlausibleGrowth => ("sem aumento brusco", "os contratos do último commit no máximo dobraram, acima de 100 parcelas ou R$ 100.000"),
        Name::PlausibleContrato => ("nenhum contrato esvaziado", "nenhum contrato sem parcelas que tinha mais de 10, exceto distratado ou quitado"),
        Name::PlausibleWindow => ("sem queda brusca das contas a pagar", "nenhuma queda de mais da metade em relação ao que a tabela contém no período"),
        Name::PlausibleCatalogue => ("cadastro sem perdas", "no máximo dois, ou 10 %, dos empreendimentos com contratos fora da lista"),
        Name::ControlTotal => ("em aberto como no ERP", "o que o ERP dá como em aberto é igual ao que está em aberto entre as faturas lidas"),
        Name::NewerStays => ("o mais novo permanece", "nenhum mês ou dia que uma visão posterior gravou"),
    };
    ToldCheck { called, expected }
}

/// What a verdict is called.
pub const fn verdict(verdict: CheckVerdict) -> &'static str {
    match verdict {
        CheckVerdict::Passed => "aprovada",
        CheckVerdict::Noted => "a observar",
        CheckVerdict::Accepted => "aceita",
        CheckVerdict::Failed => "reprovada",
    }
}

/// What a job in a state is called.
pub const fn job_state(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "na fila",
        JobState::Running => "em andamento",
        JobState::Retrying => "a repetir",
        JobState::Deferred => "adiado",
        JobState::Done => "feito",
        JobState::Superseded => "substituído",
        JobState::Failed => "com falha",
        JobState::Cancelled => "cancelado",
    }
}
