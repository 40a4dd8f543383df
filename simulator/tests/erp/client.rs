//! A client that speaks to a simulator of its own.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use reqwest::{ClientBuilder, RequestBuilder, Response};
use serde_json::{Value, json};
use simulator::{Config, Credentials, Simulator};

/// The recorded data that the whole workspace is tested with.
pub fn golden() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden"))
}

/// Fails a test that waits for something that never comes.
pub async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), event)
        .await
        .expect("it happens in 20 seconds")
}

pub fn http(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .expect("no provider yet");
    });
    set(reqwest::Client::builder().no_proxy())
        .build()
        .expect("a client")
}

pub struct Client {
    pub erp: Simulator,
    pub http: reqwest::Client,
    pub token: String,
    pub tenant_id: String,
}

impl Client {
    /// Starts a simulator and signs in.
    pub async fn start(config: Config) -> Self {
        let mut client = Self::signed_out(config).await;
        client.token = text_of(&client.sign_in("demo", "demo").await, "accessToken");
        client
    }

    pub async fn signed_out(config: Config) -> Self {
        let erp = Simulator::start(config).await.expect("a simulator");
        let tenant_id = Credentials::default().tenant_id;
        Self {
            erp,
            http: http(|builder| builder),
            token: String::new(),
            tenant_id,
        }
    }

    pub async fn golden() -> Self {
        Self::start(Config::folder(golden())).await
    }

    pub fn sign_in_request(&self, username: &str, password: &str) -> RequestBuilder {
        self.http
            .post(format!("{}/api/Auth/SignIn", self.erp.url()))
            .json(&json!({ "userName": username, "password": password }))
    }

    /// Signs in with the right headers; null where refused.
    pub async fn sign_in(&self, username: &str, password: &str) -> Value {
        let request = self.sign_in_request(username, password);
        tokens(
            request
                .header("tenantId", &self.tenant_id)
                .header("grantType", "Api"),
        )
        .await
    }

    /// Renews with a refresh token; null where refused.
    pub async fn refresh(&self, refresh_token: &str) -> Value {
        let url = format!("{}/api/Auth/RefreshToken", self.erp.url());
        let request = self
            .http
            .post(url)
            .query(&[("refreshToken", refresh_token)]);
        tokens(request.header("tenantId", &self.tenant_id)).await
    }

    pub fn request(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}/api/{path}", self.erp.url()))
            .header("tenantId", &self.tenant_id)
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Response {
        soon(self.request(path).send()).await.expect("an answer")
    }

    pub async fn parcelas(&self, contrato: i64) -> Response {
        self.get(&parcelas_path(contrato)).await
    }

    /// The records of a list; none for 204.
    pub async fn records(&self, path: &str) -> Vec<Value> {
        let response = self.get(path).await;
        if response.status() == 204 {
            assert_eq!(response.bytes().await.expect("a body"), "");
            return Vec::new();
        }
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(
            response.headers()["content-type"],
            "application/json; charset=utf-8"
        );
        response.json().await.expect("a list")
    }
}

pub const EMPREENDIMENTOS: &str =
    "globalestruturas/Empreendimentos?expand=projeto,centroCusto,filial";

pub fn contratos_path(empreendimento: i64) -> String {
    format!("Carteira/DadosContrato/IdEmpreendimento={empreendimento}")
}

pub fn parcelas_path(contrato: i64) -> String {
    format!("Carteira/DadosParcelas/IdContrato={contrato}")
}

pub fn faturas_path(filial: Option<i64>, ini: &str, fim: &str) -> String {
    let filial = filial.map_or(String::new(), |filial| format!("Filial/{filial}/"));
    format!("FinanceiroMovimentacao/FaturaPagar/Saldo/{filial}{ini}/{fim}")
}

pub fn em_aberto_path(ini: &str, fim: &str) -> String {
    format!("FinanceiroMovimentacao/FaturaPagar/SaldoEmAberto/{ini}/{fim}")
}

pub fn text_of(value: &Value, key: &str) -> String {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} in {value}"))
        .to_owned()
}

async fn tokens(request: RequestBuilder) -> Value {
    let response = soon(request.send()).await.expect("an answer");
    assert_eq!(response.status(), 200);
    match response.headers()["content-type"].to_str() {
        Ok("application/json; charset=utf-8") => response.json().await.expect("tokens"),
        _ => Value::Null,
    }
}
