//! Synthetic data of any size. Nothing is kept but the plan: each body is computed from the seed
//! and its identifier when it is asked for.

mod contrato;
mod empreendimento;
mod faturas;
mod parcelas;
mod plan;
pub(crate) mod rng;
mod text;

use std::io;

use chrono::{FixedOffset, NaiveDate, Utc};

use crate::call::Period;
use crate::data::Source;
use plan::Plan;
use rng::Rng;

/// Size and seed of synthetic data. The same values give the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Seeded {
    /// Where all draws come from. Default 1.
    pub seed: u64,
    /// How many empreendimentos; about one in eight has no contract. Default 12.
    pub empreendimentos: u32,
    /// How many contracts in all, numbered from 11001. Default 240.
    pub contratos: u32,
    /// Parcelas of a contract on average. The total is exactly this times the contracts; some
    /// contracts have none. Default 60.
    pub parcelas_per_contrato: u32,
    /// Rows of payables, from two years before `today` to one year after. Default 700.
    pub faturas: u32,
    /// Share of the contracts that one empreendimento has, from 0 to 1. Default 0.3.
    pub share_of_largest: f64,
    /// The day that overdue and future are told apart by. Default today in Brasília.
    pub today: NaiveDate,
}

impl Default for Seeded {
    fn default() -> Self {
        let brasilia = FixedOffset::west_opt(3 * 60 * 60).expect("three hours are an offset");
        Self {
            seed: 1,
            empreendimentos: 12,
            contratos: 240,
            parcelas_per_contrato: 60,
            faturas: 700,
            share_of_largest: 0.3,
            today: Utc::now().with_timezone(&brasilia).date_naive(),
        }
    }
}

/// What a stream of draws is for, so that no two kinds of record share one.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Plan = 1,
    Empreendimento,
    Sizes,
    Contrato,
    Parcelas,
    Faturas,
}

impl Seeded {
    fn rng(&self, stream: Stream, which: i64) -> Rng {
        Rng::new(self.seed, stream as u64, which as u64)
    }
}

pub(crate) struct SeededSource {
    seeded: Seeded,
    plan: Plan,
}

impl SeededSource {
    pub fn new(seeded: &Seeded) -> Result<Self, String> {
        if !(0.0..=1.0).contains(&seeded.share_of_largest) {
            return Err("share_of_largest is between 0 and 1".into());
        }
        if seeded.empreendimentos == 0 && seeded.contratos > 0 {
            return Err("contracts need an empreendimento".into());
        }
        let years = 1990..2200;
        if !years.contains(&chrono::Datelike::year(&seeded.today)) {
            return Err("today is between the years 1990 and 2199".into());
        }
        Ok(Self {
            plan: Plan::new(seeded),
            seeded: seeded.clone(),
        })
    }
}

impl Source for SeededSource {
    fn empreendimentos(&self) -> io::Result<Vec<u8>> {
        let records = 0..self.seeded.empreendimentos as usize;
        Ok(text::list(records, 0, |text, index| {
            empreendimento::write(text, &self.seeded, index)
        }))
    }

    fn contratos(&self, empreendimento: i64) -> io::Result<Vec<u8>> {
        let contratos = self.plan.contratos_of(empreendimento);
        let bytes = contratos.len() * contrato::BYTES;
        Ok(text::list(contratos, bytes, |text, index| {
            let at = self.plan.empreendimento_of(index);
            contrato::write(text, &self.seeded, index, at);
        }))
    }

    fn parcelas(&self, contrato: i64) -> io::Result<Vec<u8>> {
        Ok(match self.plan.index_of(contrato) {
            Some(index) => parcelas::body(&self.seeded, index),
            None => Vec::new(),
        })
    }

    fn faturas(&self, period: Period) -> io::Result<Vec<u8>> {
        Ok(faturas::body(&self.seeded, period))
    }
}
