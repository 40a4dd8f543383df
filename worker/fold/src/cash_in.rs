//! `entradas_caixa`: what was due and what was paid, by month and category.

use domain::manifest::Balance;
use domain::money::Amount;
use domain::month::Month;
use domain::records::Parcela;
use domain::tables::{Category, EntradaRow};
use serde_json::json;

use super::calendar::Calendar;

/// One month and category.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    forecast: Amount,
    actual: Amount,
    forecast_count: u32,
    actual_count: u32,
}

/// Cash in, and the balance of every amount.
#[derive(Debug, Clone)]
pub struct CashIn {
    /// By month, then by [`Category`].
    cells: Vec<[Cell; Category::ALL.len()]>,
    /// `published` stays zero here and is summed from the cells, so that the balance is a check.
    forecast: Balance,
    actual: Balance,
}

impl CashIn {
    pub fn new(months: usize) -> Self {
        Self {
            cells: vec![Default::default(); months],
            forecast: Balance::default(),
            actual: Balance::default(),
        }
    }

    /// Adds a parcela. One that is not active or has no due date enters the balance alone.
    pub fn add(&mut self, calendar: &Calendar, parcela: &Parcela) {
        self.forecast.source += parcela.valor;
        self.actual.source += parcela.vlr_pago;
        match parcela
            .data_vencimento
            .filter(|_| parcela.active)
            .map(Month::of)
        {
            Some(due) => {
                self.add_forecast(calendar, parcela, due);
                self.add_actual(calendar, parcela, due);
            }
            None => {
                self.forecast.not_counted += parcela.valor;
                self.actual.not_counted += parcela.vlr_pago;
            }
        }
    }

    /// Adds a repeated parcela to the balance alone.
    pub fn add_repeated(&mut self, parcela: &Parcela) {
        self.forecast.source += parcela.valor;
        self.forecast.not_counted += parcela.valor;
        self.actual.source += parcela.vlr_pago;
        self.actual.not_counted += parcela.vlr_pago;
    }

    fn add_forecast(&mut self, calendar: &Calendar, parcela: &Parcela, due: Month) {
        let category = if parcela.from_contract {
            Category::Ativos
        } else {
            Category::Outras
        };
        match calendar.index(due) {
            Some(month) => {
                let cell = &mut self.cells[month][category as usize];
                cell.forecast += parcela.valor;
                cell.forecast_count += 1;
            }
            None => self.forecast.outside_window += parcela.valor,
        }
    }

    fn add_actual(&mut self, calendar: &Calendar, parcela: &Parcela, due: Month) {
        if parcela.is_unplaced() {
            self.actual.unplaced += parcela.vlr_pago;
            return;
        }
        let Some(paid) = parcela.data_baixa.filter(|_| parcela.paid).map(Month::of) else {
            self.actual.not_counted += parcela.vlr_pago;
            return;
        };
        let category = match paid.cmp(&due) {
            _ if !parcela.from_contract => Category::Outras,
            std::cmp::Ordering::Less => Category::Antecipacoes,
            std::cmp::Ordering::Equal => Category::Ativos,
            std::cmp::Ordering::Greater => Category::Recuperacoes,
        };
        match calendar.index(paid) {
            Some(month) => {
                let cell = &mut self.cells[month][category as usize];
                cell.actual += parcela.vlr_pago;
                cell.actual_count += 1;
            }
            None => self.actual.outside_window += parcela.vlr_pago,
        }
    }

    /// Adds a rejected parcela to the balance alone.
    pub fn reject(&mut self, amount: Amount) {
        self.forecast.source += amount;
        self.forecast.rejected += amount;
    }

    pub fn merge(&mut self, other: &Self) {
        for (cell, other) in self
            .cells
            .iter_mut()
            .flatten()
            .zip(other.cells.iter().flatten())
        {
            cell.forecast += other.forecast;
            cell.actual += other.actual;
            cell.forecast_count += other.forecast_count;
            cell.actual_count += other.actual_count;
        }
        self.forecast.merge(&other.forecast);
        self.actual.merge(&other.actual);
    }

    pub fn forecast_balance(&self) -> Balance {
        let published = self.cells.iter().flatten().map(|cell| cell.forecast).sum();
        Balance {
            published,
            ..self.forecast
        }
    }

    pub fn actual_balance(&self) -> Balance {
        let published = self.cells.iter().flatten().map(|cell| cell.actual).sum();
        Balance {
            published,
            ..self.actual
        }
    }

    /// What is due in a category, month by month.
    pub fn forecast(&self, category: Category) -> impl Iterator<Item = Amount> {
        let months = self.cells.iter();
        months.map(move |cells| cells[category as usize].forecast)
    }

    /// What was received in a category, month by month.
    pub fn actual(&self, category: Category) -> impl Iterator<Item = Amount> {
        let months = self.cells.iter();
        months.map(move |cells| cells[category as usize].actual)
    }

    /// A row for every month and category, zeros included.
    pub fn rows(&self, calendar: &Calendar) -> Vec<EntradaRow> {
        let by_month = calendar.frames().iter().zip(&self.cells);
        by_month
            .flat_map(|(frame, cells)| {
                let categories = Category::ALL.iter();
                categories
                    .map(|&category| entrada_row(frame.month, category, &cells[category as usize]))
            })
            .collect()
    }
}

fn entrada_row(ref_month: Month, category: Category, cell: &Cell) -> EntradaRow {
    EntradaRow {
        ref_month,
        category,
        forecast: cell.forecast.round(),
        actual: cell.actual.round(),
        details: json!({
            "forecast_count": cell.forecast_count,
            "actual_count": cell.actual_count,
        }),
    }
}
