//! Diagnostic calls to the ERP, which never sign in.

use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use url::Url;

use crate::error::MegaError;
use crate::http::{Http, SetupError, status_error};
use crate::route::{EMPREENDIMENTOS, Route, url_of};
use crate::session::bearer;
use crate::settings::MegaConfig;
use domain::session::Token;

/// Calls the ERP without signing in.
#[derive(Debug)]
pub struct Probe {
    http: Http,
    base: Url,
    catalogue: Url,
}

/// Whether the ERP accepts a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It answered with the catalogue.
    Yes {
        /// Empreendimentos that it lists.
        empreendimentos: usize,
    },
    /// It answered 401.
    No,
}

impl Probe {
    /// A probe of the ERP with these settings. Calls nobody yet.
    ///
    /// # Errors
    /// When the settings cannot make a request, or TLS does not start.
    pub fn new(config: &MegaConfig) -> Result<Self, SetupError> {
        Ok(Self {
            http: Http::new(config)?,
            base: config.url.clone(),
            catalogue: url_of(&config.url, EMPREENDIMENTOS)?,
        })
    }

    /// Whether anything answers at the ERP's address: the status it answers with, whatever it is.
    ///
    /// # Errors
    /// When nothing does, or TLS fails.
    pub async fn reach(&self) -> Result<u16, MegaError> {
        let request = self.http.client.get(self.base.clone());
        let response = self.http.send(Route::Empreendimentos, request).await?;
        Ok(response.status().as_u16())
    }

    /// Whether the ERP accepts a session: one call of the catalogue with it.
    ///
    /// # Errors
    /// When the answer is neither a catalogue nor a 401.
    pub async fn takes(&self, token: &Token) -> Result<Taken, MegaError> {
        let route = Route::Empreendimentos;
        let Some(bearer) = bearer(token) else {
            return Ok(Taken::No);
        };
        let request = self.http.client.get(self.catalogue.clone());
        let request = request.header(AUTHORIZATION, bearer);
        let response = self.http.send(route, request).await?;
        match response.status() {
            StatusCode::UNAUTHORIZED => return Ok(Taken::No),
            StatusCode::NO_CONTENT => return Ok(Taken::Yes { empreendimentos: 0 }),
            status if !status.is_success() => return Err(status_error(route, &response)),
            _ => {}
        }
        let listed = self.http.read_json(route, response, parse::catalogue());
        let (catalogue, _) = listed.await?.finish();
        Ok(Taken::Yes {
            empreendimentos: catalogue.empreendimentos.len(),
        })
    }
}
