//! What a request asks for, and the selectors that faults and gates choose requests with.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// A route of the ERP. In JSON by its name, for example `"DadosParcelas"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Route {
    /// `POST /api/Auth/SignIn`
    SignIn,
    /// `POST /api/Auth/RefreshToken`
    RefreshToken,
    /// `GET /api/globalestruturas/Empreendimentos`
    Empreendimentos,
    /// `GET /api/Carteira/DadosContrato/IdEmpreendimento={codigo}`
    DadosContrato,
    /// `GET /api/Carteira/DadosParcelas/IdContrato={cod_contrato}`
    DadosParcelas,
    /// `GET /api/FinanceiroMovimentacao/FaturaPagar/Saldo/{ini}/{fim}`
    FaturaPagar,
    /// `GET /api/FinanceiroMovimentacao/FaturaPagar/Saldo/Filial/{filial}/{ini}/{fim}`
    FaturaPagarFilial,
    /// `GET /api/FinanceiroMovimentacao/FaturaPagar/SaldoEmAberto/{ini}/{fim}`
    FaturaPagarEmAberto,
}

impl Route {
    /// Whether the route answers data, as opposed to tokens.
    pub fn is_data(self) -> bool {
        !matches!(self, Self::SignIn | Self::RefreshToken)
    }
}

/// One request, read from its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    SignIn,
    RefreshToken,
    Empreendimentos,
    Contratos { empreendimento: i64 },
    Parcelas { contrato: i64 },
    Faturas(Period),
}

/// The payables due from `ini` to `fim`, both included, of one filial or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub ini: NaiveDate,
    pub fim: NaiveDate,
    pub filial: Option<i64>,
    /// Only those with something left to pay.
    pub em_aberto: bool,
}

impl Period {
    /// Reads the dates of the path (`YYYY-MM-DD`).
    pub fn parse(filial: Option<i64>, ini: &str, fim: &str) -> Option<Self> {
        let date = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        Some(Self {
            ini: date(ini)?,
            fim: date(fim)?,
            filial,
            em_aberto: false,
        })
    }

    /// The same, of those alone that have something left to pay.
    pub fn em_aberto(self) -> Self {
        Self {
            em_aberto: true,
            ..self
        }
    }

    /// Why the ERP refuses to answer for this period, if it does.
    fn refusal(self) -> Option<&'static str> {
        if self.fim < self.ini {
            return Some("a data final é anterior à data inicial");
        }
        let limit = self.ini.checked_add_months(Months::new(24));
        let is_too_long = limit.is_none_or(|limit| self.fim > limit);
        is_too_long.then_some("o período não pode ser superior a 2 anos")
    }
}

impl Call {
    pub fn route(self) -> Route {
        match self {
            Self::SignIn => Route::SignIn,
            Self::RefreshToken => Route::RefreshToken,
            Self::Empreendimentos => Route::Empreendimentos,
            Self::Contratos { .. } => Route::DadosContrato,
            Self::Parcelas { .. } => Route::DadosParcelas,
            Self::Faturas(Period {
                em_aberto: true, ..
            }) => Route::FaturaPagarEmAberto,
            Self::Faturas(Period { filial: None, .. }) => Route::FaturaPagar,
            Self::Faturas(Period {
                filial: Some(_), ..
            }) => Route::FaturaPagarFilial,
        }
    }

    /// The text of the ERP's 400, for a call that it refuses.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Faturas(period) => period.refusal(),
            _ => None,
        }
    }

    pub fn contrato(self) -> Option<i64> {
        match self {
            Self::Parcelas { contrato } => Some(contrato),
            _ => None,
        }
    }

    pub fn empreendimento(self) -> Option<i64> {
        match self {
            Self::Contratos { empreendimento } => Some(empreendimento),
            _ => None,
        }
    }
}

/// Which calls a fault or a gate is for. Only what stands in the request can be selected by:
/// `contrato` matches `DadosParcelas` calls, `empreendimento` matches `DadosContrato` calls.
///
/// Without a route it means every data route; sign-in and refresh must be named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selector {
    /// The route, or every data route.
    pub route: Option<Route>,
    /// The `cod_contrato` of the path, or any.
    pub contrato: Option<i64>,
    /// The empreendimento's `codigo` in the path, or any.
    pub empreendimento: Option<i64>,
}

impl Selector {
    /// Every call of every data route.
    pub fn any() -> Self {
        Self::default()
    }

    /// Every call of one route.
    pub fn route(route: Route) -> Self {
        Self {
            route: Some(route),
            ..Self::default()
        }
    }

    /// Narrows to one contract's parcelas.
    pub fn contrato(self, cod_contrato: i64) -> Self {
        Self {
            contrato: Some(cod_contrato),
            ..self
        }
    }

    /// Narrows to one empreendimento's contract list.
    pub fn empreendimento(self, codigo: i64) -> Self {
        Self {
            empreendimento: Some(codigo),
            ..self
        }
    }

    pub(crate) fn matches(&self, call: Call) -> bool {
        self.route
            .map_or(call.route().is_data(), |route| route == call.route())
            && (self.contrato.is_none() || self.contrato == call.contrato())
            && (self.empreendimento.is_none() || self.empreendimento == call.empreendimento())
    }
}
