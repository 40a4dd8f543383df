//! What surrounds every page: its language, its menu, and how it is sent.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};

use crate::cookie;
use crate::language::Language;
use crate::visitor::Visitor;
use crate::words::Words;

/// The cookie of the chosen language.
const CHOSEN: &str = "lang";
/// A year.
const KEPT_SECONDS: u64 = 365 * 24 * 60 * 60;

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
    /// What changed.
    Changes,
    /// Months that are signed off.
    Closes,
    /// When runs begin by themselves.
    Schedules,
    /// The pause of the fleet, pruning and notifications.
    Maintenance,
    /// What this is.
    About,
}

impl Place {
    /// The lines of the menu.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Runs,
        Self::Figures,
        Self::CashOut,
        Self::Changes,
        Self::Closes,
        Self::Schedules,
        Self::Maintenance,
        Self::About,
    ];

    /// Where it is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Runs => "/runs",
            Self::Figures => "/figures",
            Self::CashOut => "/cash-out",
            Self::Changes => "/changes",
            Self::Closes => "/closes",
            Self::Schedules => "/schedules",
            Self::Maintenance => "/maintenance",
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
            Self::Changes => words.changes,
            Self::Closes => words.closes,
            Self::Schedules => words.schedules,
            Self::Maintenance => words.maintenance,
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
    /// Who it is; none before the sign-in.
    pub visitor: Option<Visitor>,
    /// Whether they can set jobs going here.
    pub acts: bool,
    /// Whether they can begin a run here.
    pub begins: bool,
}

/// What can be done here, by an operator.
#[derive(Debug, Clone, Copy)]
pub struct Allows {
    /// Enqueueing jobs.
    pub acting: bool,
    /// Beginning runs.
    pub beginning: bool,
}

impl Shell {
    /// Of a part of a page, for nobody in particular.
    pub const fn in_language(language: Language) -> Self {
        Self {
            language,
            switch: String::new(),
            place: None,
            visitor: None,
            acts: false,
            begins: false,
        }
    }

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

    /// What the visitor is called, where somebody signed in.
    pub fn name(&self) -> Option<&str> {
        self.visitor.as_ref()?.name.as_deref()
    }

    /// Who the visitor is in the ledger.
    pub fn who(&self) -> String {
        let visitor = self.visitor.as_ref();
        visitor.map(Visitor::who).unwrap_or_default()
    }

    /// Its texts.
    pub fn words(&self) -> &'static Words {
        self.language.words()
    }
}

/// Finds the language: the address says it, or a cookie, or else the browser. An operator can do
/// what this place allows.
pub async fn surround(State(allows): State<Allows>, mut request: Request, next: Next) -> Response {
    let asked = request.uri().query().and_then(named);
    let header = request.headers().get(ACCEPT_LANGUAGE);
    let preferred = header.and_then(|value| value.to_str().ok());
    let language = asked
        .or_else(|| Language::of_tag(cookie::value(request.headers(), CHOSEN)?))
        .unwrap_or_else(|| Language::preferred(preferred.unwrap_or_default()));
    let visitor = request.extensions_mut().remove::<Visitor>();
    let operates = visitor.as_ref().is_some_and(Visitor::operates);
    let shell = Shell {
        language,
        switch: in_other(&request, language),
        place: None,
        visitor,
        acts: allows.acting && operates,
        begins: allows.beginning && operates,
    };
    request.extensions_mut().insert(shell);
    let mut response = next.run(request).await;
    if asked.is_some() {
        let cookie = cookie::set(CHOSEN, language.tag(), KEPT_SECONDS, false);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The language that an address names.
fn named(query: &str) -> Option<Language> {
    let (_, tag) = pairs(query).find(|(name, _)| *name == CHOSEN)?;
    Language::of_tag(tag)
}

/// The address of the same page in the other language.
fn in_other(request: &Request, language: Language) -> String {
    let mut address = format!("{}?", request.uri().path());
    let query = request.uri().query().unwrap_or_default();
    for (name, value) in pairs(query).filter(|(name, _)| *name != CHOSEN) {
        address += &format!("{name}={value}&");
    }
    address + &format!("{CHOSEN}={}", language.other().tag())
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|part| part.split_once('='))
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
