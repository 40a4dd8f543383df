//! The fold of parcelas into figures: pure, exact, in one pass.
//!
//! Each contrato is folded while its answer is parsed ([`ContratoFold`]). Its small result is added
//! to that of its empreendimento ([`EmpreendimentoFold`]). Memory grows with the months of the run,
//! the contratos and the distinct due dates, and not with the number of parcelas.

mod calendar;
mod cash_in;
mod contrato;
mod delinquency;
mod empreendimento;
mod findings;
mod ipca;
mod portfolio;
mod seen;

pub use self::contrato::ContratoFold;
pub use self::empreendimento::{EmpreendimentoFold, Folded, field_of};
pub use self::findings::{Findings, ParcelaFindings, Sampled};
pub use self::ipca::Ipca;
