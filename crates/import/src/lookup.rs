//! Tables of one file's column by another, for values that stand in another file than the record.
//!
//! They are held in memory, so a lookup file should be one of master data, not of facts.

use std::collections::HashMap;
use std::path::Path;

use csv::StringRecord;

use crate::error::ImportError;
use crate::marks::Marks;
use crate::open::Opened;
use crate::profile::{LookupPlan, Profile};

#[derive(Debug)]
pub(crate) struct Table {
    pub name: String,
    /// How its numbers are written.
    pub marks: Marks,
    values: HashMap<String, Option<String>>,
}

impl Table {
    /// Nothing: no row for the key. `Some(None)`: a row that leaves the value empty.
    pub fn get(&self, key: &str) -> Option<Option<&str>> {
        self.values.get(key).map(|value| value.as_deref())
    }

    pub fn read(profile: &Profile, plan: &LookupPlan, dir: &Path) -> Result<Table, ImportError> {
        let file = &profile.files[&plan.file];
        let mut opened = Opened::open(profile, &plan.file, dir)?;
        let at = opened.find(&[plan.by.clone(), plan.take.clone()])?;
        let mut table = Table { name: file.path.clone(), marks: file.marks.clone(), values: HashMap::new() };
        let mut record = StringRecord::new();
        while let Some(line) = opened.next(&mut record)? {
            let known = |at: usize| record.get(at).and_then(|text| file.known(text));
            let Some(key) = known(at[0]) else { continue };
            let value = known(at[1]).map(str::to_owned);
            let before = table.values.insert(key.to_owned(), value.clone());
            if before.is_some_and(|before| before != value) {
                let reason = format!("`{key}` has another `{}` on an earlier line, so a lookup would be ambiguous", plan.take);
                return Err(ImportError::Columns { file: format!("{} line {line}", file.path), faults: vec![reason] });
            }
        }
        Ok(table)
    }
}
