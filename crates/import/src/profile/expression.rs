//! Compiles what is written for one column, checking that its parts go together and fit the column's type.

use std::collections::{BTreeSet, HashMap};

use chrono_tz::Tz;
use manifest::Formula;
use store::entity::{Column, ColumnType};

use super::check::{formats, plain, unknown_zone};
use super::spec::{self, ColumnName, Map, Policy, Scalar, Unit, Unpivot, Value, ValueTable};
use super::{FilePlan, LookupPlan};
use crate::condition::{Condition, Test};
use crate::date::iso;
use crate::expression::{Cell, Expression, Part, Source, Template, decimal};
use crate::name::near;

/// What all records of a mapping share.
pub(super) struct Shared {
    pub maps: HashMap<String, HashMap<String, String>>,
    pub files: BTreeSet<String>,
    pub lookups: Vec<LookupPlan>,
    pub zone: Option<Tz>,
}

/// What the values of one record may refer to.
pub(super) struct Scope<'a> {
    shared: &'a mut Shared,
    file: &'a FilePlan,
    unpivot: Option<&'a Unpivot>,
    needs: Vec<ColumnName>,
}

type Checked<T> = Result<T, Vec<String>>;

impl<'a> Scope<'a> {
    pub fn new(shared: &'a mut Shared, file: &'a FilePlan, unpivot: Option<&'a Unpivot>) -> Self {
        Scope { shared, file, unpivot, needs: Vec::new() }
    }

    pub fn needs(self) -> Vec<ColumnName> {
        self.needs
    }

    /// Label and place of each unpivoted column.
    pub fn pivot(&mut self) -> Option<Vec<(String, usize)>> {
        let labels = &self.unpivot?.columns.0;
        Some(labels.iter().map(|(column, label)| (label.clone(), self.need(&ColumnName::Name(column.clone())))).collect())
    }

    fn need(&mut self, column: &ColumnName) -> usize {
        match self.needs.iter().position(|known| known == column) {
            Some(place) => place,
            None => {
                self.needs.push(column.clone());
                self.needs.len() - 1
            }
        }
    }

    fn cell(&mut self, column: &ColumnName) -> Cell {
        match (column, self.unpivot) {
            (ColumnName::Name(name), Some(unpivot)) if *name == unpivot.name => Cell::PivotName,
            (ColumnName::Name(name), Some(unpivot)) if *name == unpivot.value => Cell::PivotValue,
            _ => Cell::File(self.need(column)),
        }
    }

    pub fn conditions(&mut self, conditions: &[spec::Condition]) -> Checked<Vec<Condition>> {
        let mut faults = Vec::new();
        let compiled = conditions.iter().filter_map(|condition| self.condition(condition).map_err(|fault| faults.push(fault)).ok());
        let compiled = compiled.collect();
        if faults.is_empty() { Ok(compiled) } else { Err(faults) }
    }

    fn condition(&mut self, condition: &spec::Condition) -> Result<Condition, String> {
        let cell = self.cell(&condition.column);
        let words = |words: &[Scalar]| words.iter().map(|word| word.0.clone()).collect::<Vec<_>>();
        let number = |bound: &Scalar| decimal(&bound.0).ok_or_else(|| format!("`{}` in a condition should be a number", bound.0));
        let mut tests = Vec::new();
        tests.extend(condition.known.map(Test::Known));
        tests.extend(condition.is.iter().map(|word| Test::In(words(std::slice::from_ref(word)))));
        tests.extend(condition.is_not.iter().map(|word| Test::NotIn(words(std::slice::from_ref(word)))));
        tests.extend(condition.one_of.iter().map(|list| Test::In(words(list))));
        tests.extend(condition.not_in.iter().map(|list| Test::NotIn(words(list))));
        for (bound, equal) in [(&condition.gt, false), (&condition.gte, true)] {
            tests.extend(bound.as_ref().map(number).transpose()?.map(|bound| Test::Above(bound, equal)));
        }
        for (bound, equal) in [(&condition.lt, false), (&condition.lte, true)] {
            tests.extend(bound.as_ref().map(number).transpose()?.map(|bound| Test::Below(bound, equal)));
        }
        if tests.is_empty() {
            return Err(format!(
                "the condition on `{}` tests nothing; say is, is_not, in, not_in, known, gt, gte, lt or lte",
                condition.column
            ));
        }
        Ok(Condition { cell, tests })
    }

    /// `column` is none for the external key.
    pub fn expression(&mut self, value: &Value, column: Option<&'static Column>) -> Checked<Expression> {
        let value = &value.0;
        let mut faults = misfits(value, column.map_or(ColumnType::Text, |column| column.column_type));
        let mut keep = |fault: String| faults.push(fault);
        let when = self.conditions(&value.when.0).unwrap_or_else(|list| {
            list.into_iter().for_each(&mut keep);
            Vec::new()
        });
        let source = self.source(value).map_err(&mut keep).ok();
        let map = self.map(value).map_err(&mut keep).unwrap_or_default();
        let bands = bands(&value.bands).map_err(&mut keep).unwrap_or_default();
        let lookup = self.lookup(value).map_err(&mut keep).unwrap_or_default();
        let own = formats(&value.date.0).map_err(&mut keep).unwrap_or_default();
        let zone = match &value.time_zone {
            Some(name) => name.parse().map_err(|_| keep(unknown_zone(name))).unwrap_or(Tz::UTC),
            None => self.file.zone,
        };
        let months = self.shifts(&value.plus_months, &value.minus_months).map_err(&mut keep).unwrap_or_default();
        let days = self.shifts(&value.plus_days, &value.minus_days).map_err(&mut keep).unwrap_or_default();
        let times = self.times(value).map_err(&mut keep).unwrap_or_default();
        if let Some(column) = column {
            faults.extend(fixed_texts(value, map.as_ref()).into_iter().filter_map(|text| misfit(text, column.column_type)));
        }
        let formats = [own, self.file.formats.clone(), iso().to_vec()].into_iter().find(|formats| !formats.is_empty()).unwrap_or_default();
        let Some(source) = source.filter(|_| faults.is_empty()) else { return Err(faults) };
        Ok(Expression {
            source,
            remove: value.remove.0.clone(),
            whole: value.whole,
            map: map.map(|map| (map, value.unmapped.unwrap_or_default())),
            bands,
            lookup: lookup.map(|place| (place, value.lookup.as_ref().map_or(Policy::Error, |lookup| lookup.missing))),
            default: value.default.as_ref().map(|default| default.0.clone()),
            when,
            formats,
            zone,
            months,
            days,
            times,
            unit: value.unit.unwrap_or(Unit::Seconds),
            round: value.round,
            origin: value.column.as_ref().map_or(String::new(), ColumnName::to_string),
        })
    }

    fn source(&mut self, value: &ValueTable) -> Result<Source, String> {
        let given = [value.column.is_some(), value.constant.is_some(), value.template.is_some(), value.formula.is_some(), value.row_number];
        if given.iter().filter(|given| **given).count() != 1 {
            return Err("takes exactly one of `column`, `constant`, `template`, `formula`, `row_number = true`".into());
        }
        Ok(match value {
            ValueTable { column: Some(column), .. } => Source::Column(self.cell(column)),
            ValueTable { constant: Some(constant), .. } => Source::Constant(constant.0.clone()),
            ValueTable { template: Some(template), .. } => Source::Template(self.template(template)?),
            ValueTable { formula: Some(formula), .. } => self.formula(formula, value)?,
            _ => Source::RowNumber,
        })
    }

    fn formula(&mut self, text: &str, value: &ValueTable) -> Result<Source, String> {
        let formula = Formula::parse(text).map_err(|error| format!("the formula is broken {error}"))?;
        let names: Vec<String> = formula.variables().into_iter().map(str::to_owned).collect();
        if let Some(stray) = value.with.keys().find(|name| !names.contains(name)) {
            return Err(format!("`with` explains `{stray}`, but the formula does not use it"));
        }
        let mut variables = HashMap::new();
        for name in names {
            let plain = || Value(ValueTable { column: Some(ColumnName::Name(name.clone())), ..ValueTable::default() });
            let value = value.with.get(&name).cloned().unwrap_or_else(plain);
            let expression = self.expression(&value, None).map_err(|faults| format!("`{name}` of the formula: {}", faults.join("; ")))?;
            variables.insert(name, expression);
        }
        Ok(Source::Formula { formula, variables })
    }

    /// `{column}` and `{#row}`; doubled braces are braces.
    fn template(&mut self, text: &str) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut fixed = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            fixed.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            let after = &rest[at + 1..];
            if after.starts_with(brace) {
                fixed.push_str(brace);
                rest = &after[1..];
                continue;
            }
            let end = after.find('}').filter(|_| brace == "{");
            let end =
                end.ok_or_else(|| format!("`{text}` has a `{brace}` without its pair; write `{brace}{brace}` for the character itself"))?;
            parts.push(Part::Text(std::mem::take(&mut fixed)));
            parts.push(match &after[..end] {
                "#row" => Part::RowNumber,
                column => Part::Cell(self.cell(&column_in_braces(column))),
            });
            rest = &after[end + 1..];
        }
        fixed.push_str(rest);
        parts.push(Part::Text(fixed));
        Ok(Template(parts))
    }

    fn map(&self, value: &ValueTable) -> Result<Option<HashMap<String, String>>, String> {
        match &value.map {
            None => Ok(None),
            Some(Map::Inline(map)) => Ok(Some(plain(map.clone()))),
            Some(Map::Named(name)) => self
                .shared
                .maps
                .get(name)
                .cloned()
                .map(Some)
                .ok_or_else(|| format!("there is no [map.{name}]{}", near(name, self.shared.maps.keys().map(String::as_str)))),
        }
    }

    fn lookup(&mut self, value: &ValueTable) -> Result<Option<usize>, String> {
        let Some(lookup) = &value.lookup else { return Ok(None) };
        if !self.shared.files.contains(&lookup.file) {
            return Err(format!("there is no [file.{}]{}", lookup.file, near(&lookup.file, self.shared.files.iter().map(String::as_str))));
        }
        let plan = LookupPlan { file: lookup.file.clone(), by: lookup.by.clone(), take: lookup.take.clone() };
        let known = self.shared.lookups.iter().position(|known| *known == plan);
        Ok(Some(known.unwrap_or_else(|| {
            self.shared.lookups.push(plan);
            self.shared.lookups.len() - 1
        })))
    }

    /// Hours, minutes and seconds, each with the seconds in one of it.
    fn times(&mut self, value: &ValueTable) -> Result<Vec<(i64, Template)>, String> {
        let units = [
            (3_600, &value.plus_hours, &value.minus_hours),
            (60, &value.plus_minutes, &value.minus_minutes),
            (1, &value.plus_seconds, &value.minus_seconds),
        ];
        let mut times = Vec::new();
        for (seconds, plus, minus) in units {
            times.extend(self.shifts(plus, minus)?.into_iter().map(|(sign, by)| (sign * seconds, by)));
        }
        Ok(times)
    }

    fn shifts(&mut self, plus: &Option<Scalar>, minus: &Option<Scalar>) -> Result<Vec<(i64, Template)>, String> {
        let both = [(1, plus), (-1, minus)];
        both.into_iter().filter_map(|(sign, by)| by.as_ref().map(|by| Ok((sign, self.template(&by.0)?)))).collect()
    }
}

fn column_in_braces(text: &str) -> ColumnName {
    match text.strip_prefix('#').and_then(|number| number.parse().ok()).filter(|number| *number > 0) {
        Some(number) => ColumnName::Number(number),
        None => ColumnName::Name(text.to_owned()),
    }
}

fn bands(bands: &[spec::Band]) -> Result<Vec<(Option<rust_decimal::Decimal>, String)>, String> {
    let mut read = Vec::new();
    for band in bands {
        let up_to = match &band.up_to {
            Some(bound) => Some(decimal(&bound.0).ok_or_else(|| format!("up_to is `{}`, but should be a number", bound.0))?),
            None => None,
        };
        let above = read.last().is_none_or(|(before, _): &(Option<rust_decimal::Decimal>, String)| {
            before.is_some_and(|before| up_to.is_none_or(|up_to| before < up_to))
        });
        if !above {
            return Err(format!("the band `{}` does not lie above the one before it", band.is.0));
        }
        read.push((up_to, band.is.0.clone()));
    }
    Ok(read)
}

/// Keys that mean nothing for a column of this type, or without another key.
fn misfits(value: &ValueTable, column_type: ColumnType) -> Vec<String> {
    let dated = matches!(column_type, ColumnType::Instant | ColumnType::Day);
    let numeric = matches!(column_type, ColumnType::Money | ColumnType::Number | ColumnType::Duration);
    let shifted = value.plus_months.is_some() || value.minus_months.is_some() || value.plus_days.is_some() || value.minus_days.is_some();
    let times =
        [&value.plus_hours, &value.minus_hours, &value.plus_minutes, &value.minus_minutes, &value.plus_seconds, &value.minus_seconds];
    let moved = times.iter().any(|by| by.is_some());
    let mut faults: Vec<String> = [
        (moved && column_type != ColumnType::Instant, "hours, minutes and seconds can be added only to columns that hold an instant"),
        (value.unmapped.is_some() && value.map.is_none(), "`unmapped` belongs to a `map`"),
        (!value.with.is_empty() && value.formula.is_none(), "`with` belongs to a `formula`"),
        (
            (!value.date.0.is_empty() || value.time_zone.is_some()) && !dated,
            "`date` and `time_zone` are for columns that hold a date or an instant",
        ),
        (shifted && !dated, "months and days can be added only to columns that hold a date or an instant"),
        (value.unit.is_some() && column_type != ColumnType::Duration, "`unit` is for columns that hold a duration"),
        (value.round && !numeric, "`round` is for columns that hold money, a number or a duration"),
    ]
    .into_iter()
    .filter(|(wrong, _)| *wrong)
    .map(|(_, message)| message.to_owned())
    .collect();
    if value.create {
        faults.extend(uncreatable(column_type));
    }
    faults
}

fn uncreatable(column_type: ColumnType) -> Option<String> {
    let ColumnType::Reference(name) = column_type else {
        return Some("`create` is for columns that refer to another record".into());
    };
    let needs = store::entity::entity(name)?.columns.iter().filter(|column| column.required && column.name != "name");
    let needs: Vec<_> = needs.map(|column| format!("`{}`", column.name)).collect();
    (!needs.is_empty()).then(|| {
        format!("a {name} can't be created from its key alone, it needs {} too; load it by a [[record]] of its own", needs.join(", "))
    })
}

/// The texts that are in the mapping itself and end up in the column.
fn fixed_texts<'v>(value: &'v ValueTable, map: Option<&'v HashMap<String, String>>) -> Vec<&'v str> {
    if value.lookup.is_some() {
        return value.default.iter().map(|default| default.0.as_str()).collect();
    }
    let constant = value.constant.iter().filter(|_| value.map.is_none() && value.bands.is_empty());
    let constant = constant.chain(&value.default).map(|text| text.0.as_str());
    let mapped = map.into_iter().flat_map(|map| map.values()).filter(|_| value.bands.is_empty()).map(String::as_str);
    constant.chain(mapped).filter(|text| !text.is_empty()).collect()
}

fn misfit(text: &str, column_type: ColumnType) -> Option<String> {
    match column_type {
        ColumnType::OneOf(words) if !words.contains(&text) => Some(format!("`{text}` is none of {}", words.join(", "))),
        ColumnType::Money | ColumnType::Number if decimal(text).is_none() => Some(format!("`{text}` is not a number")),
        _ => None,
    }
}
