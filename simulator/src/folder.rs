//! Bodies recorded in a folder, read again at every call.

use std::io;
use std::path::{Path, PathBuf};

use crate::call::Period;
use crate::config::StartError;
use crate::data::Source;
use crate::payables::Payables;

pub(crate) struct Folder {
    root: PathBuf,
    faturas: Payables,
}

impl Folder {
    /// Opens the folder; only `empreendimentos.json` must be there.
    pub fn open(root: &Path) -> Result<Self, StartError> {
        let failed = |path: PathBuf| |source| StartError::Folder { path, source };
        let catalogue = root.join("empreendimentos.json");
        std::fs::metadata(&catalogue).map_err(failed(catalogue))?;
        let path = root.join("faturas.jsonl");
        let faturas = read(&path)
            .and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other))
            .and_then(|lines| Payables::from_lines(&lines))
            .map_err(failed(path))?;
        Ok(Self {
            root: root.to_owned(),
            faturas,
        })
    }
}

impl Source for Folder {
    fn empreendimentos(&self) -> io::Result<Vec<u8>> {
        read(&self.root.join("empreendimentos.json"))
    }

    fn contratos(&self, empreendimento: i64) -> io::Result<Vec<u8>> {
        read(&self.root.join(format!("contratos/{empreendimento}.json")))
    }

    fn parcelas(&self, contrato: i64) -> io::Result<Vec<u8>> {
        read(&self.root.join(format!("parcelas/{contrato}.json")))
    }

    fn faturas(&self, period: Period) -> io::Result<Vec<u8>> {
        Ok(self.faturas.body(period))
    }
}

/// What is not there is empty, as the ERP knows no "not found".
fn read(path: &Path) -> io::Result<Vec<u8>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}
