//! The central bank's series of the monthly IPCA, which syncs ask for beside the ERP.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use crate::erp::Erp;
use crate::reply;

/// The series as the bank publishes it.
#[derive(Debug)]
pub(crate) struct Series(Mutex<Value>);

impl Default for Series {
    /// Two years with an invented index.
    fn default() -> Self {
        let months = (2025..=2026).flat_map(|year| (1..=12).map(move |month| (year, month)));
        let element = |(year, month)| {
            json!({
                "data": format!("01/{month:02}/{year}"),
                "valor": format!("0.{:02}", 20 + month),
            })
        };
        Self(Mutex::new(months.map(element).collect()))
    }
}

impl Series {
    pub fn set(&self, body: Value) {
        *self.0.lock().expect("no holder of this lock panics") = body;
    }

    fn body(&self) -> String {
        let body = self.0.lock().expect("no holder of this lock panics");
        body.to_string()
    }
}

pub(crate) fn router() -> Router<Arc<Erp>> {
    Router::new().route("/dados/serie/bcdata.sgs.433/dados", get(series))
}

async fn series(State(erp): State<Arc<Erp>>) -> Response {
    reply::ok(reply::JSON, erp.ipca.body())
}
