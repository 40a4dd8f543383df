//! What surrounds every page: its language, its menu, and how it is sent.

use askama::Template;
use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};

use crate::language::Language;
use crate::words::Words;

/// A part of the page, with a line in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The newest run.
    Overview,
    /// All runs.
    Runs,
    /// Figures of empreendimentos.
    Figures,
    /// Cash out of filiais.
    CashOut,
    /// What this is.
    About,
}

impl Place {
    /// The lines of the menu.
    pub const ALL: [Self; 5] = [
        Self::Overview,
        Self::Runs,
        Self::Figures,
        Self::CashOut,
        Self::About,
    ];

    /// Where it is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Runs => "/runs",
            Self::Figures => "/figures",
            Self::CashOut => "/cash-out",
            Self::About => "/about",
        }
    }

    /// What it is called.
    pub const fn name(self, words: &'static Words) -> &'static str {
        match self {
            Self::Overview => words.overview,
            Self::Runs => words.runs,
            Self::Figures => words.figures,
            Self::CashOut => words.cash_out,
            Self::About => words.about,
        }
    }
}

/// The reader's side of a page.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The language.
    pub language: Language,
    /// The same page in the other language.
    pub switch: String,
    /// The line of the menu that the page belongs to.
    pub place: Option<Place>,
}

impl Shell {
    /// Of a page that belongs to a line of the menu.
    pub fn at(self, place: Place) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }

    /// Whether the page belongs to this line of the menu.
    pub fn is_at(&self, place: &Place) -> bool {
        self.place.as_ref() == Some(place)
    }

    /// Its texts.
    pub fn words(&self) -> &'static Words {
        self.language.words()
    }
}

/// Finds the language: the address says it, or a cookie, or else the browser.
pub async fn chosen_language(mut request: Request, next: Next) -> Response {
    let (shell, asked) = of_request(&request);
    let tag = shell.language.tag();
    request.extensions_mut().insert(shell);
    let mut response = next.run(request).await;
    if asked {
        let cookie = format!("lang={tag}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict");
        let cookie = HeaderValue::from_str(&cookie).expect("letters and signs");
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// The reader's side of an answer, and whether the address names the language.
fn of_request(request: &Request) -> (Shell, bool) {
    let header = |name| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let language_in = |text, between| {
        let tag = pairs(text, between).find(|(name, _)| *name == "lang");
        tag.and_then(|(_, tag)| Language::of_tag(tag))
    };
    let query = request.uri().query().unwrap_or_default();
    let asked = language_in(query, '&');
    let language = asked
        .or_else(|| language_in(header(COOKIE), ';'))
        .unwrap_or_else(|| Language::preferred(header(ACCEPT_LANGUAGE)));
    let mut switch = format!("{}?", request.uri().path());
    for (name, value) in pairs(query, '&').filter(|(name, _)| *name != "lang") {
        switch += &format!("{name}={value}&");
    }
    switch += &format!("lang={}", language.other().tag());
    let shell = Shell {
        language,
        switch,
        place: None,
    };
    (shell, asked.is_some())
}

fn pairs(text: &str, between: char) -> impl Iterator<Item = (&str, &str)> {
    let parts = text.split(between).map(str::trim);
    parts.filter_map(|part| part.split_once('='))
}

/// Sends a page.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!("a page cannot be made: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
