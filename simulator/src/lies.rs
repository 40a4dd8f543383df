//! Well-formed answers that are not true: whole lists, changed on their way out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::identifier;

/// What a copy with a code of its own adds to the code of its original.
const NEW_CODE_STEP: i64 = 100_000_000;
/// More copies than any test needs, and few enough to fit a memory.
const MOST_TIMES: u32 = 1_000;

/// A change to every answer with a certain list. Lies are told in the order of their arrival,
/// each over what the earlier ones have left.
///
/// In JSON: `{"about": {"parcelas": 11001}, "edit": {"keep_first": 3}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lie {
    /// The list.
    pub about: About,
    /// What is done to it.
    pub edit: Edit,
}

/// The list that a lie is about. In JSON `"empreendimentos"`, `"faturas"`, `"faturas_em_aberto"`,
/// `{"contratos": 1400}`, `{"parcelas": 11001}`, `{"parcelas_of_empreendimento": 1400}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The catalogue.
    Empreendimentos,
    /// The contratos of one empreendimento, also within the answer for all (0).
    Contratos(i64),
    /// The parcelas of one contrato.
    Parcelas(i64),
    /// The parcelas of each contrato of one empreendimento, list by list.
    ParcelasOfEmpreendimento(i64),
    /// The payables, answer by answer: after they are filtered by due date and filial.
    Faturas,
    /// The list of the payables that are still open, in the same way. It tells another story than
    /// [`About::Faturas`] where only one of them is lied about.
    FaturasEmAberto,
}

/// What a lie does to a list. In JSON by its name in snake case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// Sets a field of the records to a value.
    Set {
        /// Its name, or a JSON pointer such as `/Filial/Id`.
        field: String,
        /// Any JSON value.
        value: Value,
        /// Only in so many records. Default all.
        #[serde(default)]
        first: Option<usize>,
    },
    /// Leaves only so many records; 0 is the empty list, which the ERP answers with 204.
    KeepFirst(usize),
    /// Leaves out the records with these codes: `codigo`, `cod_contrato`, `cod_parcela` or
    /// `NumeroAP`.
    Omit(Vec<i64>),
    /// Leaves out this share of the records, from 0 to 1, spread evenly; rounded down.
    OmitShare(f64),
    /// Lists each record so many times.
    Repeat {
        /// 2 lists it twice.
        times: u32,
        /// Fields that are set in the copies, not in the first of each.
        #[serde(default)]
        set: Map<String, Value>,
        /// Whether each copy gets a code of its own. Default the same code.
        #[serde(default)]
        new_codes: bool,
    },
    /// Multiplies the amounts, rounded to centavos: each number in a field `vlr_…`, `valor…` or
    /// `SaldoAtual`.
    Multiply(f64),
    /// Lists contratos of another empreendimento too, as that one lists them. Of 0, the contratos
    /// of all: the filter is ignored. Only about contratos.
    AddContratos {
        /// Whose.
        of: i64,
        /// Only so many of them. Default all.
        #[serde(default)]
        first: Option<usize>,
    },
}

impl Lie {
    /// A lie about a list.
    pub fn new(about: About, edit: Edit) -> Self {
        Self { about, edit }
    }

    /// Why it cannot be told.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        match &self.edit {
            Edit::OmitShare(share) if !(0.0..=1.0).contains(share) => {
                Some("a share is between 0 and 1")
            }
            Edit::Repeat { times, .. } if !(1..=MOST_TIMES).contains(times) => {
                Some("times is between 1 and 1000")
            }
            Edit::Multiply(by) if !by.is_finite() => Some("a factor is finite"),
            Edit::AddContratos { .. } if !matches!(self.about, About::Contratos(_)) => {
                Some("add_contratos is about contratos")
            }
            _ => None,
        }
    }
}

impl Edit {
    /// Sets a field of every record.
    pub fn set(field: &str, value: impl Into<Value>) -> Self {
        Self::Set {
            field: field.to_owned(),
            value: value.into(),
            first: None,
        }
    }

    /// Lists every record twice, equal.
    pub fn twice() -> Self {
        Self::Repeat {
            times: 2,
            set: Map::new(),
            new_codes: false,
        }
    }

    /// Lists every record twice, with another content in the second.
    pub fn twice_with(field: &str, value: impl Into<Value>) -> Self {
        Self::Repeat {
            times: 2,
            set: Map::from_iter([(field.to_owned(), value.into())]),
            new_codes: false,
        }
    }

    /// Makes so many times as many records, with codes of their own.
    pub fn grow(times: u32) -> Self {
        Self::Repeat {
            times,
            set: Map::new(),
            new_codes: true,
        }
    }

    /// Changes the records. `contratos_of` answers the true contratos of an empreendimento.
    pub(crate) fn apply<E>(
        &self,
        records: &mut Vec<Value>,
        contratos_of: impl FnOnce(i64) -> Result<Vec<Value>, E>,
    ) -> Result<(), E> {
        match self {
            Self::Set {
                field,
                value,
                first,
            } => {
                let many = first.unwrap_or(usize::MAX);
                for record in records.iter_mut().take(many) {
                    set_field(record, field, value);
                }
            }
            Self::KeepFirst(many) => records.truncate(*many),
            Self::Omit(codes) => {
                records.retain(|record| code_of(record).is_none_or(|code| !codes.contains(&code)));
            }
            Self::OmitShare(share) => {
                let omitted_before = |n: usize| (n as f64 * share).floor();
                let mut n = 0;
                records.retain(|_| {
                    n += 1;
                    omitted_before(n) <= omitted_before(n - 1)
                });
            }
            Self::Repeat {
                times,
                set,
                new_codes,
            } => {
                *records = std::mem::take(records)
                    .iter()
                    .flat_map(|record| {
                        (0..*times).map(move |n| copy_of(record, n, set, *new_codes))
                    })
                    .collect();
            }
            Self::Multiply(by) => records
                .iter_mut()
                .for_each(|record| multiply_amounts(record, *by)),
            Self::AddContratos { of, first } => {
                let listed: Vec<_> = records.iter().filter_map(code_of).collect();
                let more = contratos_of(*of)?
                    .into_iter()
                    .filter(|record| code_of(record).is_none_or(|code| !listed.contains(&code)));
                records.extend(more.take(first.unwrap_or(usize::MAX)));
            }
        }
        Ok(())
    }
}

/// The names of the records' own codes, the more particular ones first.
const CODES: [&str; 4] = ["cod_parcela", "cod_contrato", "NumeroAP", "codigo"];

fn code_field(record: &Value) -> Option<&'static str> {
    CODES.into_iter().find(|name| record.get(name).is_some())
}

fn code_of(record: &Value) -> Option<i64> {
    identifier(record.get(code_field(record)?))
}

fn set_field(record: &mut Value, field: &str, value: &Value) {
    if field.starts_with('/') {
        if let Some(place) = record.pointer_mut(field) {
            *place = value.clone();
        }
    } else if let Some(fields) = record.as_object_mut() {
        fields.insert(field.to_owned(), value.clone());
    }
}

/// The `n`th of a record's copies; the 0th is the record itself.
fn copy_of(record: &Value, n: u32, set: &Map<String, Value>, new_code: bool) -> Value {
    let mut copy = record.clone();
    if n == 0 {
        return copy;
    }
    if new_code && let (Some(name), Some(code)) = (code_field(record), code_of(record)) {
        copy[name] = (code + i64::from(n) * NEW_CODE_STEP).into();
    }
    for (field, value) in set {
        set_field(&mut copy, field, value);
    }
    copy
}

fn multiply_amounts(record: &mut Value, by: f64) {
    let Some(fields) = record.as_object_mut() else {
        return;
    };
    for (name, value) in fields {
        let lower = name.to_ascii_lowercase();
        let is_amount =
            lower.starts_with("vlr") || lower.starts_with("valor") || lower == "saldoatual";
        if let (true, Some(amount)) = (is_amount && value.is_number(), value.as_f64()) {
            *value = ((amount * by * 100.0).round() / 100.0).into();
        }
    }
}
