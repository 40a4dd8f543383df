//! From parcelas to figures: pure, exact, one pass.
//!
//! Each contrato is folded by itself as its answer is parsed ([`ContratoFold`]), and the small
//! result added to its empreendimento's ([`EmpreendimentoFold`]). What is kept grows with the
//! months of the run, the contratos and the distinct due dates, never with the number of parcelas.

mod calendar;
mod cash_in;
mod contrato;
mod delinquency;
mod empreendimento;
mod findings;
mod ipca;
mod portfolio;
mod repeats;

pub use self::contrato::ContratoFold;
pub use self::empreendimento::{EmpreendimentoFold, Folded, field_of};
pub use self::findings::{Findings, ParcelaFindings, Sampled};
pub use self::ipca::Ipca;
