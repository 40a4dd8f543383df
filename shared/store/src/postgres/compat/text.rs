//! The statements of the views, from `migrations/compat/starke`.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::compat::Views;

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!(
            "../../../../../migrations/compat/starke/",
            $name,
            ".sql"
        ))
    };
}

pub(super) const SCHEMA: &str = file!("schema");
pub(super) const IDS: &str = file!("ids");
pub(super) const FREEZE: &str = file!("freeze");
const WRITES: &str = file!("writes");

/// A view: its name, its statement, and what tells a row of ours from one of the old table.
pub(super) struct View {
    pub name: &'static str,
    sql: &'static str,
    is_ours: &'static str,
}

const BY_ORIGIN: &str = "{row}.origem = 'mega'";
/// Every old run passes, whoever wrote it.
const BY_ID: &str = "{row}.id >= 1000000000";

/// In the order in which they are created: the first two have the ids.
pub(super) const VIEWS: [View; 9] = [
    view("filiais", file!("filiais"), BY_ORIGIN),
    view("empreendimentos", file!("empreendimentos"), BY_ORIGIN),
    view("contratos", file!("contratos"), BY_ORIGIN),
    view("entradas_caixa", file!("entradas_caixa"), BY_ORIGIN),
    view("saidas_caixa", file!("saidas_caixa"), BY_ORIGIN),
    view(
        "estatisticas_portfolio",
        file!("estatisticas_portfolio"),
        BY_ORIGIN,
    ),
    view("inadimplencia", file!("inadimplencia"), BY_ORIGIN),
    view("faturas_pagar", file!("faturas_pagar"), BY_ORIGIN),
    view("runs", file!("runs"), BY_ID),
];

const fn view(name: &'static str, sql: &'static str, is_ours: &'static str) -> View {
    View { name, sql, is_ours }
}

/// A column of an old table, and its default as an expression.
pub(super) struct Column {
    pub name: String,
    pub default: Option<String>,
}

/// Puts the names of the schemas into a text.
pub(super) fn filled(text: &str, views: &Views, ours: &str) -> String {
    let floor = views.floor_month.map(|month| month.to_string());
    text.replace("{compat}", &views.into.to_string())
        .replace("{legacy}", &views.legacy.to_string())
        .replace("{ours}", ours)
        // No month is before this one.
        .replace("{floor}", floor.as_deref().unwrap_or("0000-00"))
}

impl View {
    /// The view, its defaults, and how it is written to. `columns` are the view's.
    pub(super) fn statements(&self, views: &Views, ours: &str, columns: &[Column]) -> String {
        let mut text = filled(self.sql, views, ours);
        for Column { name, default } in columns {
            if let Some(default) = default {
                let view = format!("{}.{}", views.into, self.name);
                _ = writeln!(
                    text,
                    "ALTER VIEW {view} ALTER COLUMN {name} SET DEFAULT {default};"
                );
            }
        }
        let names: Vec<_> = columns.iter().map(|column| column.name.clone()).collect();
        let new: Vec<_> = names.iter().map(|name| format!("NEW.{name}")).collect();
        let writes = WRITES
            .replace("{old_is_ours}", &self.is_ours.replace("{row}", "OLD"))
            .replace("{new_is_ours}", &self.is_ours.replace("{row}", "NEW"))
            .replace("{view}", self.name)
            .replace("{new_columns}", &new.join(", "))
            .replace("{columns}", &names.join(", "));
        text + &filled(&writes, views, ours)
    }
}

/// Tells this build's views from those of another.
pub(super) fn fingerprint() -> String {
    let mut hasher = DefaultHasher::new();
    (SCHEMA, WRITES).hash(&mut hasher);
    for view in &VIEWS {
        view.sql.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
