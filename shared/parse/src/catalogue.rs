//! Empreendimentos, and the filiais they name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::array::ArrayParser;
use super::body_parser::BodyParser;
use super::fields::Fields;
use super::problem::Problem;
use super::record::not_an_object;
use domain::job::{EmpreendimentoId, FilialId};
use domain::records::Rejection;
use domain::tables::Catalogue;
use domain::tables::{EmpreendimentoRow, FilialRow};

const NAMES: [&str; 7] = [
    "codigo",
    "nome",
    "codigoFilial",
    "nomeFilial",
    "fantasiaFilial",
    "cnpjFilial",
    "centroCusto",
];
const CODIGO: usize = 0;
const NOME: usize = 1;
const CODIGO_FILIAL: usize = 2;
const NOME_FILIAL: usize = 3;
const FANTASIA_FILIAL: usize = 4;
const CNPJ_FILIAL: usize = 5;
const CENTRO_CUSTO: usize = 6;

/// The catalogue as parsed so far, and the empreendimentos that could not be read.
#[derive(Default)]
pub struct CatalogueBuilder {
    empreendimentos: BTreeMap<EmpreendimentoId, EmpreendimentoRow>,
    filiais: BTreeMap<FilialId, FilialRow>,
    rejected: Vec<Rejection>,
}

/// Parses the catalogue.
pub fn catalogue() -> impl BodyParser<Value = CatalogueBuilder> {
    ArrayParser::new(&NAMES, CatalogueBuilder::default(), CatalogueBuilder::add)
}

impl CatalogueBuilder {
    fn add(&mut self, fields: Option<Fields<'_, 7>>) {
        let Some(fields) = fields else {
            self.rejected.push(not_an_object());
            return;
        };
        let (row, filial) = match entry(&fields) {
            Ok(entry) => entry,
            Err(problem) => {
                self.rejected.push(rejection(&fields, problem));
                return;
            }
        };
        self.filiais.entry(filial.id).or_insert(filial);
        match self.empreendimentos.entry(row.id) {
            Entry::Vacant(free) => {
                free.insert(row);
            }
            Entry::Occupied(first) if *first.get() == row => {}
            // Nothing shows which of the two is right; the first stays.
            Entry::Occupied(_) => {
                let problem = Problem::new("codigo", "repeated");
                self.rejected.push(rejection(&fields, problem));
            }
        }
    }

    /// The catalogue in order of its codes, and the rejected empreendimentos.
    pub fn finish(self) -> (Catalogue, Vec<Rejection>) {
        let catalogue = Catalogue {
            empreendimentos: self.empreendimentos.into_values().collect(),
            filiais: self.filiais.into_values().collect(),
        };
        (catalogue, self.rejected)
    }
}

fn rejection(fields: &Fields<'_, 7>, problem: Problem) -> Rejection {
    Rejection {
        code: fields.get(CODIGO).and_then(|field| field.code()).ok(),
        reason: problem.to_string(),
        amount: None,
    }
}

fn entry(fields: &Fields<'_, 7>) -> Result<(EmpreendimentoRow, FilialRow), Problem> {
    let filial_id = fields.get(CODIGO_FILIAL)?.id()?;
    let fantasia = label(fields, FANTASIA_FILIAL)?;
    let empreendimento = EmpreendimentoRow {
        id: fields.get(CODIGO)?.id()?,
        nome: fields.get(NOME)?.text()?.into_owned(),
        filial_id,
        centro_custo_id: centro_custo(fields)?,
    };
    let filial = FilialRow {
        id: filial_id,
        nome: label(fields, NOME_FILIAL)?
            .or_else(|| fantasia.clone())
            .unwrap_or_default(),
        fantasia,
        cnpj: label(fields, CNPJ_FILIAL)?,
    };
    Ok((empreendimento, filial))
}

/// A text of display only, which the ERP may leave out or blank.
fn label(fields: &Fields<'_, 7>, index: usize) -> Result<Option<String>, Problem> {
    match fields.optional(index).and_then(|field| field.non_null()) {
        Some(field) => field
            .label()
            .map(|text| Some(text).filter(|text| !text.is_empty())),
        None => Ok(None),
    }
}

/// `centroCusto.reduzido`, which some empreendimentos do not have.
fn centro_custo(fields: &Fields<'_, 7>) -> Result<Option<i64>, Problem> {
    let given = fields
        .optional(CENTRO_CUSTO)
        .and_then(|field| field.non_null());
    if given.is_none() {
        return Ok(None);
    }
    let reduzido = fields.inside(CENTRO_CUSTO, &["reduzido"], "centroCusto.reduzido")?;
    reduzido.non_null().map(|field| field.code()).transpose()
}
