//! The ERP's routes that are used.

use url::Url;

/// The largest body that is accepted. The longest seen, a year's faturas, has 3.4 MB.
const LARGEST_BODY_BYTES: usize = 64 * 1024 * 1024;
/// The same for the parcelas of one contrato, 8,000 of 1 KB: many such calls are in flight at once.
const LARGEST_PARCELAS_BYTES: usize = 8 * 1024 * 1024;
/// The most tries of a call whose answer a job can do without: at a tenant without the route the
/// job is not to wait for long, and failures of this one call are too few to open the circuit.
const CONTROL_TRIES: u32 = 2;
/// The catalogue's path.
pub(super) const EMPREENDIMENTOS: &str =
    "api/globalestruturas/Empreendimentos?expand=projeto,centroCusto,filial";

/// The routes used, for messages and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::Display, strum::IntoStaticStr)]
pub enum Route {
    /// `POST /api/Auth/SignIn`
    SignIn,
    /// `POST /api/Auth/RefreshToken`
    RefreshToken,
    /// `GET /api/globalestruturas/Empreendimentos`
    Empreendimentos,
    /// `GET /api/Carteira/DadosContrato/IdEmpreendimento=…`
    DadosContrato,
    /// `GET /api/Carteira/DadosParcelas/IdContrato=…`
    DadosParcelas,
    /// `GET /api/FinanceiroMovimentacao/FaturaPagar/Saldo/…`, of all filiais or of one
    FaturaPagar,
    /// `GET /api/FinanceiroMovimentacao/FaturaPagar/SaldoEmAberto/…`
    FaturaPagarEmAberto,
}

impl Route {
    /// Its name in messages, fingerprints and metrics.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A route under the base, whether or not the base ends with a slash.
pub(super) fn url_of(base: &Url, path: &str) -> Result<Url, url::ParseError> {
    let base = base.as_str().trim_end_matches('/');
    Url::parse(&format!("{base}/{path}"))
}

/// The most tries of a call, which for most routes are the `usual` ones.
pub(super) fn most_tries(route: Route, usual: u32) -> u32 {
    match route {
        Route::FaturaPagarEmAberto => usual.min(CONTROL_TRIES),
        _ => usual,
    }
}

/// The most bytes of a route's answer, after decompression.
pub(super) const fn largest_body(route: Route) -> usize {
    match route {
        Route::DadosParcelas => LARGEST_PARCELAS_BYTES,
        _ => LARGEST_BODY_BYTES,
    }
}
