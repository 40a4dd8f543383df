//! What changed: the figures that differ between two times, or from what was signed off.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use domain::job::{EmpreendimentoId, RunId, Target};
use domain::money::Amount;
use domain::month::Month;
use producer::error::CommandError;
use producer::report::{
    Between, ContratoMove, Diff, DiffFilter, FigureChange, Moment, diff, times,
};
use rust_decimal::Decimal;
use store::Store;
use url::form_urlencoded::Serializer;

use crate::error::refused;
use crate::meanings::movement;
use crate::months::asked_day;
use crate::shell::{Place, Shell, page};

/// Figures listed, until more are asked for, and then; each is opened to the contratos that moved it.
const LISTED: [usize; 2] = [20, 200];
/// Contratos listed of a figure.
const CONTRATOS: usize = 20;
/// Totals that stand open above the figures.
const OPEN_TOTALS: usize = 30;

/// What is asked for, as the form has it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    to: String,
    run: String,
    month: String,
    empreendimento: String,
    min: String,
    since: String,
    more: String,
}

/// The same, read; what cannot be read is as if it were not there.
struct Filter {
    /// From how the figures stood at the end of this day; else from before the newest run.
    from: Option<NaiveDate>,
    /// To how they stood at the end of this day; else to now.
    to: Option<NaiveDate>,
    /// To how this run left them, from before it.
    run: Option<RunId>,
    month: Option<Month>,
    empreendimento: Option<EmpreendimentoId>,
    /// Only amounts that differ by at least this much.
    min: Option<Decimal>,
    /// From what was signed off, to now.
    since_close: bool,
    /// Whether more than the largest are listed.
    more: bool,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct Changes {
    shell: Shell,
    filter: Filter,
    diff: Diff,
}

/// `/changes`.
pub async fn list(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Query(asked): Query<Asked>,
) -> Response {
    let shell = shell.at(Place::Changes);
    let filter = Filter::of(&asked);
    match filter.read(&*store).await {
        Ok(diff) => {
            let changes = Changes {
                shell,
                filter,
                diff,
            };
            page(StatusCode::OK, &changes)
        }
        Err(error) => refused(shell, &error),
    }
}

impl Filter {
    fn of(asked: &Asked) -> Self {
        Self {
            from: asked_day(Some(&asked.from)),
            to: asked_day(Some(&asked.to)),
            run: asked.run.parse().ok(),
            month: asked.month.parse().ok(),
            empreendimento: asked.empreendimento.trim().parse().ok(),
            min: asked.min.trim().parse().ok(),
            since_close: asked.since == "close",
            more: asked.more == "on",
        }
    }

    /// The differences, as the command `diff` finds them.
    async fn read(&self, store: &dyn Store) -> Result<Diff, CommandError> {
        let day = |day: Option<NaiveDate>| day.map(Moment::Day);
        let between = match self.since_close {
            true => Between::CloseAndNow,
            false => {
                let to = day(self.to).or_else(|| self.run.clone().map(Moment::Run));
                times(store, day(self.from).as_ref(), to.as_ref()).await?
            }
        };
        let filter = DiffFilter {
            empreendimento: self.empreendimento,
            month: self.month,
            min: self.min,
            top: self.listed(),
        };
        diff(store, &between, &filter).await
    }

    fn listed(&self) -> usize {
        LISTED[usize::from(self.more)]
    }

    /// The address of the same with more figures.
    fn with_more(&self) -> String {
        let text = |value: Option<String>| value.unwrap_or_default();
        let since = self.since_close.then(|| "close".to_owned());
        let pairs = [
            ("from", text(self.from.map(|day| day.to_string()))),
            ("to", text(self.to.map(|day| day.to_string()))),
            ("run", text(self.run.as_ref().map(RunId::to_string))),
            ("month", text(self.month.map(|month| month.to_string()))),
            ("empreendimento", self.code()),
            ("min", self.least()),
            ("since", text(since)),
            ("more", "on".to_owned()),
        ];
        let mut query = Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        format!("/changes?{}", query.finish())
    }

    fn code(&self) -> String {
        let id = self.empreendimento.as_ref();
        id.map(ToString::to_string).unwrap_or_default()
    }

    fn least(&self) -> String {
        self.min.map(|min| min.to_string()).unwrap_or_default()
    }
}

impl Changes {
    /// The largest differences.
    fn figures(&self) -> &[FigureChange] {
        let listed = self.filter.listed().min(self.diff.figures.len());
        &self.diff.figures[..listed]
    }

    /// How many more there are.
    fn others(&self) -> usize {
        self.diff.figures.len() - self.figures().len()
    }

    /// Whether the totals are few enough to stand open.
    fn totals_are_few(&self) -> bool {
        self.diff.totals.len() <= OPEN_TOTALS
    }

    /// Where a figure is shown.
    fn place(&self, figure: &FigureChange) -> String {
        let month = figure.month;
        match figure.target() {
            Some(Target::Empreendimento(id)) => format!("/figures/{id}/{month}"),
            Some(Target::SaidasCaixa) | None => format!("/cash-out?month={month}"),
        }
    }

    /// A figure, or that there was none.
    fn value(&self, value: &Option<Decimal>) -> String {
        let number = |value: &Decimal| self.shell.language.number(&value.to_string());
        value.as_ref().map_or_else(|| "–".to_owned(), number)
    }

    fn difference(&self, difference: &Decimal) -> String {
        self.shell.language.signed(&difference.to_string())
    }

    /// The contratos that moved a figure most, and how many more did.
    fn largest<'a>(&self, moves: &'a [ContratoMove]) -> (&'a [ContratoMove], usize) {
        let listed = moves.len().min(CONTRATOS);
        (&moves[..listed], moves.len() - listed)
    }

    fn moved(&self, by: &Amount) -> String {
        self.shell.language.signed(&by.to_string())
    }

    fn why(&self, of: &ContratoMove) -> &'static str {
        movement(of.why).of(self.shell.language)
    }
}
