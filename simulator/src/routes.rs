//! The ERP's routes: from a request to its answer.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::auth::{Answer, Attempt};
use crate::call::{Call, Period};
use crate::connection::ResetSwitch;
use crate::counters::InFlight;
use crate::erp::Erp;
use crate::faulty::{self, FaultyCall};
use crate::reply;

type Shared = State<Arc<Erp>>;
type Connection = ConnectInfo<ResetSwitch>;

pub(crate) fn router() -> Router<Arc<Erp>> {
    const FATURAS: &str = "/api/FinanceiroMovimentacao/FaturaPagar/Saldo";
    const EM_ABERTO: &str = "/api/FinanceiroMovimentacao/FaturaPagar/SaldoEmAberto";
    Router::new()
        .route("/api/Auth/SignIn", post(sign_in))
        .route("/api/Auth/RefreshToken", post(refresh))
        .route(
            "/api/globalestruturas/Empreendimentos",
            get(empreendimentos),
        )
        .route("/api/Carteira/DadosContrato/{key}", get(contratos))
        .route("/api/Carteira/DadosParcelas/{key}", get(parcelas))
        .route(&format!("{FATURAS}/{{ini}}/{{fim}}"), get(faturas))
        .route(
            &format!("{FATURAS}/Filial/{{filial}}/{{ini}}/{{fim}}"),
            get(faturas_of_filial),
        )
        .route(
            &format!("{EM_ABERTO}/{{ini}}/{{fim}}"),
            get(faturas_em_aberto),
        )
}

async fn sign_in(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let attempt = Attempt {
        tenant_id: header(&headers, "tenantid"),
        grant_type: header(&headers, "granttype"),
        body: &body,
    };
    token_call(&erp, Call::SignIn, connection, || {
        let answer = erp.accounts.sign_in(&attempt);
        erp.tally.count(|counters| match answer {
            Answer::Tokens(_) => counters.sign_ins_ok += 1,
            Answer::Refused(_) => counters.sign_ins_refused += 1,
        });
        answer
    })
    .await
}

#[derive(Deserialize)]
struct RefreshQuery {
    #[serde(default, rename = "refreshToken")]
    refresh_token: String,
}

async fn refresh(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
    Query(query): Query<RefreshQuery>,
) -> Response {
    token_call(&erp, Call::RefreshToken, connection, || {
        let answer = erp
            .accounts
            .refresh(header(&headers, "tenantid"), &query.refresh_token);
        erp.tally.count(|counters| match answer {
            Answer::Tokens(_) => counters.refreshes_ok += 1,
            Answer::Refused(_) => counters.refreshes_refused += 1,
        });
        answer
    })
    .await
}

/// The stages of a call for tokens: arrival, gate, fault or answer.
async fn token_call(
    erp: &Erp,
    call: Call,
    ConnectInfo(connection): Connection,
    answer: impl FnOnce() -> Answer,
) -> Response {
    let in_flight = erp.tally.arrive(call);
    erp.unless_stopping(async {
        erp.pass_gates(call).await;
        if let Some(kind) = erp.pick_fault(call) {
            let stopping = erp.stopping.clone();
            return faulty::serve(
                kind,
                FaultyCall {
                    body: None,
                    in_flight,
                    connection,
                    stopping,
                },
            )
            .await;
        }
        match answer() {
            Answer::Tokens(tokens) => reply::ok(reply::JSON, tokens.to_string()),
            Answer::Refused(text) => reply::refusal(&text),
        }
    })
    .await
}

async fn empreendimentos(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
) -> Response {
    data_call(erp, Call::Empreendimentos, connection, headers).await
}

async fn contratos(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Response {
    match assigned(&key, "IdEmpreendimento=") {
        Some(empreendimento) => {
            data_call(erp, Call::Contratos { empreendimento }, connection, headers).await
        }
        None => reply::error(StatusCode::BAD_REQUEST, "IdEmpreendimento inválido"),
    }
}

async fn parcelas(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Response {
    match assigned(&key, "IdContrato=") {
        Some(contrato) => data_call(erp, Call::Parcelas { contrato }, connection, headers).await,
        None => reply::error(StatusCode::BAD_REQUEST, "IdContrato inválido"),
    }
}

async fn faturas(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
    Path((ini, fim)): Path<(String, String)>,
) -> Response {
    payables(erp, Period::parse(None, &ini, &fim), connection, headers).await
}

async fn faturas_of_filial(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
    Path((filial, ini, fim)): Path<(i64, String, String)>,
) -> Response {
    let period = Period::parse(Some(filial), &ini, &fim);
    payables(erp, period, connection, headers).await
}

async fn faturas_em_aberto(
    State(erp): Shared,
    connection: Connection,
    headers: HeaderMap,
    Path((ini, fim)): Path<(String, String)>,
) -> Response {
    let period = Period::parse(None, &ini, &fim).map(Period::em_aberto);
    payables(erp, period, connection, headers).await
}

/// The payables of a period; `None` where its dates cannot be read.
async fn payables(
    erp: Arc<Erp>,
    period: Option<Period>,
    connection: Connection,
    headers: HeaderMap,
) -> Response {
    match period {
        Some(period) => data_call(erp, Call::Faturas(period), connection, headers).await,
        None => reply::error(StatusCode::BAD_REQUEST, "data inválida: use AAAA-MM-DD"),
    }
}

async fn data_call(
    erp: Arc<Erp>,
    call: Call,
    ConnectInfo(connection): Connection,
    headers: HeaderMap,
) -> Response {
    let in_flight = erp.tally.arrive(call);
    erp.unless_stopping(answer(&erp, call, in_flight, connection, &headers))
        .await
}

/// The stages of a data call after its arrival: token, period, gate, latency, fault or body.
async fn answer(
    erp: &Arc<Erp>,
    call: Call,
    in_flight: InFlight,
    connection: ResetSwitch,
    headers: &HeaderMap,
) -> Response {
    let authorization = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if !erp
        .accounts
        .allows(header(headers, "tenantid"), authorization)
    {
        erp.tally.count(|counters| counters.unauthorized += 1);
        return reply::error(StatusCode::UNAUTHORIZED, "não autorizado");
    }
    if let Some(refusal) = call.refusal() {
        return reply::error(StatusCode::BAD_REQUEST, refusal);
    }
    erp.pass_gates(call).await;
    erp.take_time(in_flight.on_arrival).await;

    let fault = erp.pick_fault(call);
    let gzip = fault.is_none() && erp.gzip && reply::accepts_gzip(headers);
    let rendered = match fault {
        Some(kind) => match erp.render(call, |body| body).await {
            Ok(body) => {
                let stopping = erp.stopping.clone();
                let call = FaultyCall {
                    body,
                    in_flight,
                    connection,
                    stopping,
                };
                Ok(faulty::serve(kind, call).await)
            }
            Err(error) => Err(error),
        },
        None => erp.render(call, move |body| reply::list(body, gzip)).await,
    };
    rendered.unwrap_or_else(|error| {
        tracing::error!(route = ?call.route(), %error, "cannot read the data");
        reply::error(StatusCode::INTERNAL_SERVER_ERROR, "dados ilegíveis")
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The number of a path segment such as `IdContrato=11001`.
fn assigned(segment: &str, name: &str) -> Option<i64> {
    segment.strip_prefix(name)?.parse().ok()
}
