//! The rows a unit of work publishes, as the store takes them.

mod catalogue;
mod empreendimento;
mod parts;
mod saidas_caixa;

pub use self::catalogue::{Catalogue, EmpreendimentoRow, FilialRow};
pub use self::empreendimento::{
    Category, ContratoMemory, ContratoRow, DelinquencyRow, EmpreendimentoResult, EntradaRow,
    PortfolioRow,
};
pub use self::parts::{Bucket, Figure, Part, Parts, PartsError};
pub use self::saidas_caixa::{FaturaKey, FaturaRow, SaidasCaixaResult};
