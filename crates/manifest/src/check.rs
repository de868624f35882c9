//! Whether a manifest makes sense: names, units, measures, formulas, and metrics that need each other.
//!
//! Every fault is found, not only the first, and each says where it is and what would be right. What one pack alone cannot
//! know, whether the metrics it needs of others are there, is asked of [`cycle`] and [`Pack::foreign_needs`] by whoever
//! holds them all.

mod border;
mod example;
mod meaning;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::formula::{self, Formula};
use crate::meaning::Perspective;
use crate::measure::Shift;
use crate::pack::{Input, Kind, Metric, Need, Pack, Parameter, Texts};
use crate::source::{Field, FieldType};

/// Limits of a manifest.
pub const MAX_METRICS: usize = 200;
pub const MAX_INPUTS: usize = 16;
pub const MAX_PARAMETERS: usize = 16;

/// What is wrong with a manifest: a code of the loader, the place, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if place.is_empty() { String::new() } else { format!("{place}: ") })]
pub struct Fault {
    pub code: &'static str,
    pub place: String,
    pub message: String,
}

impl Fault {
    pub(crate) fn new(code: &'static str, place: impl Into<String>, message: impl Into<String>) -> Fault {
        Fault { code, place: place.into(), message: message.into() }
    }
}

const SCHEMA: &str = "E_MANIFEST_SCHEMA";
const UNIT: &str = "E_MANIFEST_UNIT";
const MEASURE: &str = "E_MANIFEST_MEASURE";
const CYCLE: &str = "E_MANIFEST_CYCLE";
const CLASH: &str = "E_MANIFEST_CLASH";

/// The faults found so far, and where we are.
struct Check {
    faults: Vec<Fault>,
    place: String,
}

impl Check {
    fn at(&mut self, place: impl Into<String>) -> &mut Check {
        self.place = place.into();
        self
    }

    /// Notes a fault unless the rule holds.
    fn rule(&mut self, holds: bool, code: &'static str, message: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(Fault::new(code, self.place.clone(), message()));
        }
    }
}

impl Pack {
    /// All that is wrong with this pack by itself.
    pub fn check(&self) -> Vec<Fault> {
        let mut check = Check { faults: Vec::new(), place: String::new() };
        self.check_head(&mut check);
        let mut keys = BTreeSet::new();
        for (index, metric) in self.metrics.iter().enumerate() {
            let place = format!("metrics[{index}] `{}`", metric.key);
            // `a_1` and `a1` would be one field of the schema.
            let fresh = keys.insert(metric.key.replace('_', ""));
            check
                .at(&place)
                .rule(fresh, CLASH, || "the key, or one that differs only in underscores, is taken by another metric of the pack".into());
            metric.check(&self.id, &place, &mut check);
        }
        self.check_border(&mut check);
        self.check_own_needs(&mut check);
        self.check_synonyms(&mut check);
        self.check_accumulations(&mut check);
        if check.faults.is_empty()
            && let Some(path) = cycle(&[self])
        {
            check.at("metrics").rule(false, CYCLE, || format!("metrics need each other in a circle: {}", path.join(" -> ")));
        }
        check.faults
    }

    fn check_head(&self, check: &mut Check) {
        check
            .at("cp_manifest")
            .rule(self.cp_manifest == 1, SCHEMA, || format!("this host reads manifests of version 1, and this is {}", self.cp_manifest));
        check.at("id").rule(is_snake_case(&self.id), SCHEMA, || not_snake_case(&self.id));
        check.at("version").rule(is_version(&self.version), SCHEMA, || format!("`{}` is not a version such as 1.2.3", self.version));
        check_texts("title", &self.title, check);
        for (word, text) in [("vendor", &self.vendor), ("licence", &self.licence)] {
            check.at(word).rule(text.as_ref().is_none_or(|text| !text.trim().is_empty()), SCHEMA, || "it is empty: leave it out".into());
        }
        let address = self.homepage.as_ref().is_none_or(|address| address.len() > 8 && address.starts_with("https://"));
        check.at("homepage").rule(address, SCHEMA, || "it must be an address that begins with `https://`".into());
        let count = self.metrics.len();
        check
            .at("metrics")
            .rule((1..=MAX_METRICS).contains(&count), SCHEMA, || format!("a pack has 1 to {MAX_METRICS} metrics, and this has {count}"));
    }

    fn check_own_needs(&self, check: &mut Check) {
        for metric in &self.metrics {
            for (input, needed) in metric.needs() {
                let own = needed.strip_prefix(&self.id).and_then(|rest| rest.strip_prefix('.'));
                let missing = own.is_some_and(|key| !self.metrics.iter().any(|metric| metric.key == key));
                check
                    .at(format!("`{}` input `{input}`", metric.key))
                    .rule(!missing, MEASURE, || format!("the pack has no metric `{needed}`"));
            }
        }
    }

    /// Whole keys of the metrics of other packs that this one needs, with the metric that needs each.
    pub fn foreign_needs(&self) -> Vec<(&str, &str)> {
        let foreign = |needed: &str| needed.split_once('.').is_some_and(|(pack, _)| pack != self.id);
        self.metrics
            .iter()
            .flat_map(|metric| metric.needs().map(|(_, needed)| (metric.key.as_str(), needed)))
            .filter(|(_, needed)| foreign(needed))
            .collect()
    }
}

/// The metric of some packs with a whole key.
pub fn metric<'p>(packs: &[&'p Pack], key: &str) -> Option<&'p Metric> {
    let (pack, key) = key.split_once('.')?;
    packs.iter().find(|candidate| candidate.id == pack)?.metrics.iter().find(|metric| metric.key == key)
}

impl Metric {
    /// The metrics among its inputs: the input's name and the whole key.
    pub fn needs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inputs.iter().filter_map(|input| match &input.need {
            Need::Metric(key) => Some((input.name.as_str(), key.as_str())),
            Need::Measure(_) => None,
        })
    }

    fn check(&self, pack: &str, place: &str, check: &mut Check) {
        check.at(place).rule(is_snake_case(&self.key), SCHEMA, || not_snake_case(&self.key));
        check_texts(&format!("{place} title"), &self.title, check);
        check_texts(&format!("{place} description"), &self.description, check);
        check.at(place).rule(is_class(&self.class), SCHEMA, || format!("`{}` is not a class code such as NQSR-T/CUS", self.class));
        check.at(place).rule(!self.source.trim().is_empty(), SCHEMA, || "`source` must say where the definition comes from".into());
        check.at(place).rule(units(self.kind).contains(&self.unit.as_str()), UNIT, || {
            format!("`{}` is not a unit of kind {}; its units are {}", self.unit, word(self.kind), units(self.kind).join(", "))
        });
        self.check_inputs(pack, place, check);
        self.check_parameters(place, check);
        self.check_formula(place, check);
        self.check_subjects(place, check);
        self.check_meaning(place, check);
        self.check_examples(place, check);
        if let Some(sample) = &self.minimum_sample {
            check.at(place).rule(self.inputs.iter().any(|input| input.name == sample.input), SCHEMA, || {
                format!("`minimum_sample` names no input: `{}`", sample.input)
            });
            check.at(place).rule(sample.at_least.is_sign_positive() && !sample.at_least.is_zero(), SCHEMA, || {
                "`minimum_sample` must be above 0".into()
            });
        }
    }

    fn check_inputs(&self, pack: &str, place: &str, check: &mut Check) {
        let count = self.inputs.len();
        check
            .at(place)
            .rule((1..=MAX_INPUTS).contains(&count), SCHEMA, || format!("a metric has 1 to {MAX_INPUTS} inputs, and this has {count}"));
        let mut names = BTreeSet::new();
        for input in &self.inputs {
            check.at(format!("{place} input `{}`", input.name));
            check.rule(is_snake_case(&input.name), SCHEMA, || not_snake_case(&input.name));
            check.rule(!formula::is_word(&input.name), SCHEMA, || a_word(&input.name));
            check.rule(names.insert(&input.name), CLASH, || "another input has the same name".into());
            let fault = input.fault(pack, &self.key);
            check.rule(fault.is_none(), MEASURE, || fault.unwrap_or_default());
            self.check_bounds(input, check);
        }
    }

    /// Whether the parameters in the filter of an input are there, and counted in what the fields are.
    fn check_bounds(&self, input: &Input, check: &mut Check) {
        let Need::Measure(measure) = &input.need else { return };
        for (field, name) in measure.parameters() {
            let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == name) else {
                check.rule(false, MEASURE, || {
                    format!("`{field}` is compared with the parameter `{name}`, and the metric has none of that name")
                });
                continue;
            };
            let fault = measure.source.field(field).and_then(|field| parameter.misfit(field));
            check.rule(fault.is_none(), UNIT, || fault.unwrap_or_default());
        }
    }

    fn check_parameters(&self, place: &str, check: &mut Check) {
        let count = self.parameters.len();
        check
            .at(place)
            .rule(count <= MAX_PARAMETERS, SCHEMA, || format!("a metric has at most {MAX_PARAMETERS} parameters, and this has {count}"));
        // `min_age` and `minage` would be one argument of the schema in all but capitals.
        let mut names = BTreeSet::new();
        for parameter in &self.parameters {
            let place = format!("{place} parameter `{}`", parameter.name);
            check.at(&place);
            check.rule(names.insert(parameter.name.replace('_', "")), CLASH, || {
                "another parameter has the same name, or one that differs only in underscores".into()
            });
            let taken = self.inputs.iter().any(|input| input.name == parameter.name);
            check.rule(!taken, CLASH, || "an input has the same name".into());
            parameter.check(&place, check);
        }
    }

    fn check_formula(&self, place: &str, check: &mut Check) {
        let formula = match Formula::parse(&self.formula) {
            Ok(formula) => formula,
            Err(error) => return check.at(format!("{place} formula")).rule(false, SCHEMA, || error.to_string()),
        };
        let used = formula.variables();
        check.at(format!("{place} formula"));
        for name in &used {
            let known = self.inputs.iter().any(|input| input.name == *name) || self.parameters.iter().any(|other| other.name == *name);
            check.rule(known, SCHEMA, || format!("`{name}` is not an input of the metric, and none of its parameters"));
        }
        for input in &self.inputs {
            check.rule(used.contains(&input.name.as_str()), SCHEMA, || format!("the input `{}` is not used", input.name));
        }
        for parameter in &self.parameters {
            let name = parameter.name.as_str();
            check.rule(used.contains(&name) || self.inputs.iter().any(|input| input.is_filtered_by(name)), SCHEMA, || {
                format!("the parameter `{name}` is not used")
            });
        }
    }

    /// A subject that an input cannot be grouped by would get the organisation's figure or none.
    fn check_subjects(&self, place: &str, check: &mut Check) {
        for kind in &self.subjects {
            let unreached =
                self.inputs.iter().find(|input| matches!(&input.need, Need::Measure(measure) if !measure.source.reaches(*kind)));
            check.at(place).rule(unreached.is_none(), MEASURE, || {
                format!("`subjects` has {}, which the input `{}` does not reach", kind.name(), unreached.map_or("", |input| &input.name))
            });
        }
    }
}

impl Input {
    fn fault(&self, pack: &str, metric: &str) -> Option<String> {
        match &self.need {
            Need::Measure(measure) => measure.fault(self.shift),
            Need::Metric(_) if matches!(self.shift, Shift::Start | Shift::End) => {
                Some("a metric has a value over a period, not at its `start` or `end`".into())
            }
            Need::Metric(key) => match key.split_once('.') {
                Some((needed, name)) if !is_snake_case(needed) || !is_snake_case(name) => {
                    Some(format!("`{key}` is not a whole key such as `sales.amount`"))
                }
                Some((needed, name)) if needed == pack && name == metric && self.shift == Shift::This => {
                    Some("the metric needs itself".into())
                }
                Some(_) => None,
                None => Some(format!("`{key}` is not a whole key: write `{pack}.{key}`")),
            },
        }
    }
}

impl Parameter {
    fn check(&self, place: &str, check: &mut Check) {
        check.rule(is_snake_case(&self.name), SCHEMA, || not_snake_case(&self.name));
        check.rule(!formula::is_word(&self.name), SCHEMA, || a_word(&self.name));
        let reversed = matches!((self.min, self.max), (Some(min), Some(max)) if min > max);
        check.rule(!reversed, SCHEMA, || "`min` is above `max`, so nothing could be given".into());
        for (word, value) in [("default", Some(self.default)), ("min", self.min), ("max", self.max)] {
            let fault = value.filter(|_| !reversed).and_then(|value| self.fault_of(value));
            check.at(format!("{place} `{word}`")).rule(fault.is_none(), SCHEMA, || fault.unwrap_or_default());
        }
        if let Some(unit) = &self.unit {
            let known = Kind::ALL.into_iter().flat_map(units).any(|known| known == unit);
            check.at(format!("{place} `unit`")).rule(known, UNIT, || format!("`{unit}` is not a unit of metrics"));
        }
        if !self.title.is_empty() {
            check_texts(&format!("{place} title"), &self.title, check);
        }
        check_texts(&format!("{place} description"), &self.description, check);
    }

    /// Why a field cannot be compared with it, if it cannot.
    fn misfit(&self, field: &Field) -> Option<String> {
        let unit = self.unit.as_deref();
        let is_of = |kind| unit.is_some_and(|unit| units(kind).contains(&unit));
        let wanted = match field.field_type {
            FieldType::Duration if !is_of(Kind::Duration) => units(Kind::Duration).join(", "),
            FieldType::Money if !is_of(Kind::Money) => units(Kind::Money).join(", "),
            FieldType::Number if is_of(Kind::Duration) || is_of(Kind::Money) => "none, or one that is neither time nor money".into(),
            _ => return None,
        };
        let told = unit.map_or_else(|| "no unit".to_owned(), |unit| format!("the unit `{unit}`"));
        Some(format!("`{}` is compared with the parameter `{}`, which has {told}; it must be {wanted}", field.name, self.name))
    }
}

/// A circle of metrics that need each other, as whole keys, the first repeated at the end.
pub fn cycle(packs: &[&Pack]) -> Option<Vec<String>> {
    let metric = |key: &str| metric(packs, key);
    let mut done = BTreeSet::new();
    let keys = packs.iter().flat_map(|pack| pack.metrics.iter().map(move |metric| format!("{}.{}", pack.id, metric.key)));
    for start in keys {
        if let Some(path) = walk(&start, &metric, &mut Vec::new(), &mut done) {
            return Some(path);
        }
    }
    None
}

fn walk<'a>(
    key: &str,
    metric: &dyn Fn(&str) -> Option<&'a Metric>,
    path: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(from) = path.iter().position(|seen| seen == key) {
        return Some(path[from..].iter().cloned().chain([key.to_owned()]).collect());
    }
    if done.contains(key) {
        return None;
    }
    path.push(key.to_owned());
    let found = metric(key).and_then(|needing| needing.needs().find_map(|(_, needed)| walk(needed, metric, path, done)));
    path.pop();
    done.insert(key.to_owned());
    found
}

/// The units a kind of value may have; the first is how it is computed, the others how it is shown.
pub(crate) fn units(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Ratio => &["ratio"],
        Kind::Money => &["money"],
        Kind::Count => &["count"],
        Kind::Duration => &["seconds", "minutes", "hours", "days"],
        Kind::Score => &["score", "points"],
        Kind::Number => &["count", "percentage_points", "index"],
    }
}

/// As a manifest writes it.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn check_texts(place: &str, texts: &Texts, check: &mut Check) {
    check.at(place).rule(texts.contains_key("en"), SCHEMA, || "there must be an English text, \"en\"".into());
    for (language, text) in texts {
        check.rule(!text.trim().is_empty(), SCHEMA, || format!("the text in \"{language}\" is empty"));
    }
}

fn is_snake_case(name: &str) -> bool {
    let words = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(words)
}

fn not_snake_case(name: &str) -> String {
    format!(
        "`{name}` is not a name such as `avg_order_size`: small letters and digits, words joined by one underscore, at most 64 characters"
    )
}

fn a_word(name: &str) -> String {
    format!("`{name}` is a word of the formula language: take another name")
}

fn is_version(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').count() == 3 && core.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The six letters of the eight principles and the perspective.
fn is_class(class: &str) -> bool {
    let Some((letters, perspective)) = class.split_once('/') else { return false };
    let allowed = ["FN", "QL", "SL", "RP", "CEB-", "ST"];
    let fits = letters.len() == allowed.len() && letters.chars().zip(allowed).all(|(letter, allowed)| allowed.contains(letter));
    fits && Perspective::from_code(perspective).is_some()
}
