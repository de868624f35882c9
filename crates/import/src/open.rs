//! A file of a profile, opened in the folder that is imported, its columns found by name or number.

use std::path::Path;

use csv::StringRecord;

use crate::error::ImportError;
use crate::name::near;
use crate::profile::Profile;
use crate::profile::spec::ColumnName;
use crate::read::{Fault, OpenFault, Reader};

pub(crate) struct Opened {
    pub reader: Reader,
    pub path: String,
    pub size: u64,
    /// Read of it so far.
    pub rows: u64,
}

impl Opened {
    pub fn open(profile: &Profile, file: &str, dir: &Path) -> Result<Opened, ImportError> {
        let plan = &profile.files[file];
        let path = dir.join(&plan.path);
        let size = match path.metadata() {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ImportError::MissingFile { path, profile: profile.name.clone() });
            }
            Err(source) => return Err(ImportError::Unreadable { path, source }),
        };
        let reader = Reader::open(&path, plan).map_err(|fault| match fault {
            OpenFault::Io(source) => ImportError::Unreadable { path, source },
            OpenFault::Layout(reason) => ImportError::Columns { file: plan.path.clone(), faults: vec![reason] },
            OpenFault::Damaged { line, reason } => damaged(&plan.path, line, reason),
        })?;
        Ok(Opened { reader, path: plan.path.clone(), size, rows: 0 })
    }

    /// Where the columns are, or which of them the file lacks.
    pub fn find(&self, columns: &[ColumnName]) -> Result<Vec<usize>, ImportError> {
        let found: Vec<_> = columns.iter().map(|column| position(&self.reader.header, column)).collect();
        let faults: Vec<_> = found.iter().filter_map(|found| found.clone().err()).collect();
        if !faults.is_empty() {
            return Err(ImportError::Columns { file: self.path.clone(), faults });
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// The next row of a file in which every row must be sound.
    pub fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>, ImportError> {
        self.reader.next(record).map_err(|fault| match fault {
            Fault::Row { line, reason } | Fault::Damaged { line, reason } => damaged(&self.path, line, reason),
        })
    }
}

fn damaged(file: &str, line: u64, reason: String) -> ImportError {
    ImportError::Damaged { file: file.to_owned(), line, reason, kept: false }
}

fn position(header: &[String], column: &ColumnName) -> Result<usize, String> {
    match column {
        ColumnName::Number(number) if *number <= header.len() => Ok(number - 1),
        ColumnName::Number(number) => Err(format!("there is no column {number}, the file has {}", header.len())),
        ColumnName::Name(name) => {
            let mut places = header.iter().enumerate().filter(|(_, known)| *known == name).map(|(at, _)| at);
            match (places.next(), places.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(format!("there are two columns `{name}`; use the column's number instead")),
                (None, _) => Err(format!("there is no column `{name}`{}", near(name, header.iter().map(String::as_str)))),
            }
        }
    }
}
