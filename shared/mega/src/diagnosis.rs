//! Questions to the ERP that cost no sign-in.

use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use url::Url;

use super::error::MegaError;
use super::http::{Content, Http, SetupError, content_of, status_error};
use super::live::bearer;
use super::route::{EMPREENDIMENTOS, LARGEST_BODY_BYTES, Route, url_of};
use super::settings::MegaConfig;
use domain::session::Token;

/// Asks the ERP, and never signs in.
#[derive(Debug)]
pub struct Probe {
    http: Http,
    base: Url,
    catalogue: Url,
}

/// What the ERP makes of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It answered with the catalogue.
    Yes {
        /// Empreendimentos that it lists.
        empreendimentos: usize,
    },
    /// It wants another session.
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

    /// Whether the ERP takes a session: one call of the catalogue with it.
    ///
    /// # Errors
    /// When the answer is neither a catalogue nor a wish for another session.
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
        let content_type = match content_of(&response) {
            Content::Json => None,
            Content::Text => Some("plain text".to_owned()),
            Content::Other(kind) => Some(kind),
        };
        if let Some(content_type) = content_type {
            return Err(MegaError::NotJson {
                route,
                content_type,
            });
        }
        let reading = parse::catalogue();
        let listed = self.http.read(route, response, LARGEST_BODY_BYTES, reading);
        let (catalogue, _) = listed.await?.finish();
        Ok(Taken::Yes {
            empreendimentos: catalogue.empreendimentos.len(),
        })
    }
}
