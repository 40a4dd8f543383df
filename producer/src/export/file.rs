//! Files that appear when they are complete.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::ExportError;

/// A file under a name of its own beside its path, until it is finished. Dropped before, it is removed.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    beside: PathBuf,
    file: File,
    is_finished: bool,
}

impl Unfinished {
    /// Begins a file at a path.
    ///
    /// # Errors
    /// When there can be no file, so that an export fails before it has read anything.
    pub fn at(path: &Path) -> Result<Self, ExportError> {
        let unwritable = |why: &str| ExportError::unwritable(path, why);
        let name = path.file_name().ok_or_else(|| unwritable("not a file"))?;
        if path.is_dir() {
            return Err(unwritable("it is a directory"));
        }
        let beside = format!(".{}.{}.partial", name.display(), std::process::id());
        let beside = path.with_file_name(beside);
        let file = File::create(&beside).map_err(|error| ExportError::unwritable(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            beside,
            file,
            is_finished: false,
        })
    }

    /// The error of a failed write.
    pub fn failed(&self, why: io::Error) -> ExportError {
        failed(&self.path, why)
    }

    /// Gives the file its path, in place of an earlier one; returns the path and the bytes.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn finish(mut self) -> Result<(PathBuf, u64), ExportError> {
        let finish = || {
            self.file.sync_all()?;
            let bytes = self.file.metadata()?.len();
            fs::rename(&self.beside, &self.path)?;
            Ok(bytes)
        };
        let bytes = finish().map_err(|error| failed(&self.path, error))?;
        self.is_finished = true;
        Ok((self.path.clone(), bytes))
    }
}

fn failed(path: &Path, why: io::Error) -> ExportError {
    ExportError::Write {
        file: path.to_owned(),
        why,
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            // What cannot be removed is hidden, and its name says what it is.
            _ = fs::remove_file(&self.beside);
        }
    }
}

/// The folder that a path is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_file_appears_when_it_is_finished_and_leaves_nothing_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figures.csv");
        fs::write(&path, "earlier").unwrap();
        let mut file = Unfinished::at(&path).unwrap();
        file.write_all(b"half").unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        drop(file);
        assert_eq!(names(folder.path()), ["figures.csv"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");

        let mut file = Unfinished::at(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert_eq!(file.finish().unwrap(), (path.clone(), 5));
        assert_eq!(names(folder.path()), ["figures.csv"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
    }

    #[test]
    fn a_path_that_is_no_file_is_refused_by_its_flag() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("no").join("figures.csv");
        for path in [folder.path(), Path::new("/"), missing.as_path()] {
            let error = Unfinished::at(path).unwrap_err();
            assert!(error.to_string().starts_with("--out "), "{error}");
            assert_eq!(error.exit(), crate::exit::Exit::Usage);
        }
        assert_eq!(folder_of(Path::new("figures.csv")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/figures.csv")), Path::new("a"));
    }
}
