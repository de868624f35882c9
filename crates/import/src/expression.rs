//! What a column of a record is made of, ready to be evaluated on row after row.
//!
//! A value goes one way: source (column, constant, template, formula, row number) → `remove` → `whole` → `map` → `bands` →
//! `lookup` → `default`, all of it text or an exact number; then it is read as the type of the column, and dates are shifted.
//! An unknown source stays unknown through all of it, except that a map may name the empty text and a default fills it in.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono_tz::Tz;
use csv::StringRecord;
use manifest::Formula;
use manifest::formula::Null;
use rust_decimal::Decimal;

use crate::condition::Condition;
use crate::date::Format;
use crate::lookup::Table;
use crate::marks::{Marks, PLAIN};
use crate::profile::FilePlan;
use crate::profile::spec::{Policy, Unit};

/// Where a text of the row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// The nth column that the record needs of its file.
    File(usize),
    /// Label and value of an unpivoted column.
    PivotName,
    PivotValue,
}

/// One row of a file (or one unpivoted column of it), as expressions see it.
pub(crate) struct Row<'a> {
    pub record: &'a StringRecord,
    /// Where in the file the needed columns are.
    pub at: &'a [usize],
    pub file: &'a FilePlan,
    pub pivot: Option<(&'a str, usize)>,
    pub number: u64,
}

impl<'a> Row<'a> {
    /// The text of a cell, nothing where it is one of the file's words for unknown.
    pub fn text(&self, cell: Cell) -> Option<&'a str> {
        let text = match cell {
            Cell::File(need) => self.record.get(self.at[need])?,
            Cell::PivotName => return self.pivot.map(|(label, _)| label),
            Cell::PivotValue => self.record.get(self.at[self.pivot?.1])?,
        };
        self.file.known(text)
    }
}

#[derive(Debug)]
pub(crate) enum Source {
    Column(Cell),
    Constant(String),
    Template(Template),
    Formula { formula: Formula, variables: HashMap<String, Expression> },
    RowNumber,
}

/// Text with cells in it. Unknown as soon as one of them is.
#[derive(Debug)]
pub(crate) struct Template(pub Vec<Part>);

#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    Cell(Cell),
    RowNumber,
}

impl Template {
    pub fn text(&self, row: &Row) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Cell(cell) => text.push_str(row.text(*cell)?),
                Part::RowNumber => text.push_str(&row.number.to_string()),
            }
        }
        Some(text)
    }
}

#[derive(Debug)]
pub(crate) struct Expression {
    pub source: Source,
    pub remove: Vec<String>,
    pub whole: bool,
    pub map: Option<(HashMap<String, String>, Policy)>,
    pub bands: Vec<(Option<Decimal>, String)>,
    /// The table's number in the profile, and what to do with a value it lacks.
    pub lookup: Option<(usize, Policy)>,
    pub default: Option<String>,
    pub when: Vec<Condition>,
    pub formats: Vec<Format>,
    pub zone: Tz,
    pub months: Vec<(i64, Template)>,
    pub days: Vec<(i64, Template)>,
    /// Seconds in the unit, with their sign.
    pub times: Vec<(i64, Template)>,
    pub unit: Unit,
    pub round: bool,
    /// Named where the value is at fault.
    pub origin: String,
}

/// A value before it is read as the type of its column.
#[derive(Clone, Debug)]
pub(crate) enum Raw<'a> {
    Unknown,
    Text(Cow<'a, str>),
    /// A text that is not of the row's file, and how numbers are written where it comes from.
    Foreign(&'a str, &'a Marks),
    Number(Decimal),
}

/// Why there is no value, and the text that is to blame.
pub(crate) struct Bad {
    pub value: String,
    pub reason: String,
}

impl Bad {
    pub fn new(value: impl Into<String>, reason: impl Into<String>) -> Bad {
        Bad { value: value.into(), reason: reason.into() }
    }
}

impl Expression {
    pub fn raw<'a>(&'a self, row: &Row<'a>, tables: &'a [Table]) -> Result<Raw<'a>, Bad> {
        for condition in &self.when {
            if !condition.holds(row)? {
                return Ok(Raw::Unknown);
            }
        }
        let raw = self.start(row, tables)?;
        let raw = self.tidy(raw, row.file)?;
        let raw = self.mapped(raw)?;
        let raw = self.banded(raw, row.file)?;
        let raw = self.looked_up(raw, tables)?;
        Ok(match (raw, &self.default) {
            (Raw::Unknown, Some(default)) => Raw::Foreign(default, &PLAIN),
            (raw, _) => raw,
        })
    }

    fn start<'a>(&'a self, row: &Row<'a>, tables: &'a [Table]) -> Result<Raw<'a>, Bad> {
        Ok(match &self.source {
            Source::Column(cell) => row.text(*cell).map_or(Raw::Unknown, |text| Raw::Text(Cow::Borrowed(text))),
            Source::Constant(text) => Raw::Foreign(text, &PLAIN),
            Source::Template(template) => template.text(row).map_or(Raw::Unknown, |text| Raw::Text(Cow::Owned(text))),
            Source::RowNumber => Raw::Text(Cow::Owned(row.number.to_string())),
            Source::Formula { formula, variables } => calculate(formula, variables, row, tables)?,
        })
    }

    fn tidy<'a>(&self, raw: Raw<'a>, file: &FilePlan) -> Result<Raw<'a>, Bad> {
        let Raw::Text(mut text) = raw else {
            return Ok(if written(&raw).is_empty() { Raw::Unknown } else { raw });
        };
        for gone in &self.remove {
            if text.contains(gone.as_str()) {
                text = Cow::Owned(text.replace(gone.as_str(), "").trim().to_owned());
            }
        }
        if text.is_empty() {
            return Ok(Raw::Unknown);
        }
        if self.whole {
            let number = file.decimal(&text).filter(|number| number.fract().is_zero());
            let number = number.ok_or_else(|| Bad::new(text.as_ref(), "not a whole number"))?;
            text = Cow::Owned(number.trunc().to_string());
        }
        Ok(Raw::Text(text))
    }

    fn mapped<'a>(&'a self, raw: Raw<'a>) -> Result<Raw<'a>, Bad> {
        let Some((map, unmapped)) = &self.map else { return Ok(raw) };
        let text = written(&raw);
        match (map.get(text.as_ref()), unmapped) {
            (Some(to), _) if to.is_empty() => Ok(Raw::Unknown),
            (Some(to), _) => Ok(Raw::Foreign(to, &PLAIN)),
            _ if matches!(raw, Raw::Unknown) => Ok(raw),
            (None, Policy::Keep) => Ok(raw),
            (None, Policy::Null) => Ok(Raw::Unknown),
            (None, Policy::Error) => Err(Bad::new(
                text.as_ref(),
                "the map does not name this value; add it, or say `unmapped = \"keep\"` or `unmapped = \"null\"`",
            )),
        }
    }

    fn banded<'a>(&'a self, raw: Raw<'a>, file: &FilePlan) -> Result<Raw<'a>, Bad> {
        if self.bands.is_empty() || matches!(raw, Raw::Unknown) {
            return Ok(raw);
        }
        let text = written(&raw);
        let number = raw.number(file).ok_or_else(|| Bad::new(text.as_ref(), "not a number, so it falls in no band"))?;
        let band = self.bands.iter().find(|(up_to, _)| up_to.is_none_or(|up_to| number <= up_to));
        let (_, name) = band.ok_or_else(|| Bad::new(text.as_ref(), "above the last band; add one without `up_to`"))?;
        Ok(Raw::Foreign(name, &PLAIN))
    }

    fn looked_up<'a>(&self, raw: Raw<'a>, tables: &'a [Table]) -> Result<Raw<'a>, Bad> {
        let (Some((table, missing)), false) = (self.lookup, matches!(raw, Raw::Unknown)) else { return Ok(raw) };
        let text = written(&raw);
        match (tables[table].get(&text), missing) {
            (Some(Some(found)), _) => Ok(Raw::Foreign(found, &tables[table].marks)),
            (Some(None), _) | (None, Policy::Null) => Ok(Raw::Unknown),
            (None, Policy::Keep) => Ok(raw),
            (None, Policy::Error) => {
                let name = &tables[table].name;
                Err(Bad::new(
                    text.as_ref(),
                    format!("{name} has no row for this value; add it, or say `missing = \"keep\"` or `missing = \"null\"`"),
                ))
            }
        }
    }
}

impl Raw<'_> {
    /// As a number, if it is one where it comes from.
    pub fn number(&self, file: &FilePlan) -> Option<Decimal> {
        match self {
            Raw::Unknown => None,
            Raw::Text(text) => file.decimal(text),
            Raw::Foreign(text, marks) => marks.read(text),
            Raw::Number(number) => Some(*number),
        }
    }
}

fn calculate<'a>(formula: &Formula, variables: &HashMap<String, Expression>, row: &Row, tables: &[Table]) -> Result<Raw<'a>, Bad> {
    let mut numbers: HashMap<&str, Decimal> = HashMap::with_capacity(variables.len());
    for (name, expression) in variables {
        let raw = expression.raw(row, tables)?;
        if !matches!(raw, Raw::Unknown) {
            let number = raw.number(row.file).ok_or_else(|| Bad::new(written(&raw), "not a number"))?;
            numbers.insert(name, number);
        }
    }
    match formula.evaluate(&|name| numbers.get(name).copied()) {
        Ok(number) => Ok(Raw::Number(number)),
        Err(Null::Unknown { .. }) => Ok(Raw::Unknown),
        Err(why) => Err(Bad::new(formula.text(), why.to_string())),
    }
}

pub(crate) fn written<'r>(raw: &'r Raw) -> Cow<'r, str> {
    match raw {
        Raw::Unknown => Cow::Borrowed(""),
        Raw::Text(text) => Cow::Borrowed(text),
        Raw::Foreign(text, _) => Cow::Borrowed(text),
        Raw::Number(number) => Cow::Owned(number.normalize().to_string()),
    }
}

/// A number with a decimal point, exactly. Anything that is not plainly a number is none.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    // The parser would pass over them, like a programming language's.
    if text.contains('_') {
        return None;
    }
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[track_caller]
    fn check(text: &str, number: Option<&str>) {
        assert_eq!(decimal(text).map(|number| number.normalize().to_string()).as_deref(), number, "{text}");
    }

    #[test]
    fn numbers_are_exact_or_none() {
        check("12.50", Some("12.5"));
        check(".0000", Some("0"));
        check("-3e2", Some("-300"));
        check("1.5E-3", Some("0.0015"));
        check("+7", Some("7"));
        for text in [
            "",
            " ",
            "-",
            ".",
            "1_000",
            "1,000",
            "1 000",
            "0x10",
            "NaN",
            "inf",
            "1e",
            "12a",
            "1e999999999",
            "79228162514264337593543950336",
        ] {
            check(text, None);
        }
    }
}
