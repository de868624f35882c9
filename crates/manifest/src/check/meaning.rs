//! Whether what a metric says it means fits what it is: accumulation, visibility, bands, synonyms and texts.

use std::collections::BTreeMap;

use super::{CLASH, Check, SCHEMA, check_texts, word};
use crate::formula::Formula;
use crate::meaning::{Accumulation, Band, Status, Visibility};
use crate::measure::{Aggregate, Shift};
use crate::pack::{Direction, Input, Metric, Need, Pack};

/// In a smaller group, who knows one value knows the other.
const LEAST_GROUP: u32 = 3;

impl Pack {
    /// A word for a metric that another one has as well says neither.
    pub(super) fn check_synonyms(&self, check: &mut Check) {
        let mut taken: BTreeMap<(&str, String), &str> = BTreeMap::new();
        for metric in &self.metrics {
            for (language, title) in &metric.title {
                taken.entry((language, title.trim().to_lowercase())).or_insert(&metric.key);
            }
        }
        for (index, metric) in self.metrics.iter().enumerate() {
            check.at(format!("metrics[{index}] `{}` synonyms", metric.key));
            for (language, words) in &metric.synonyms {
                check.rule(!words.is_empty(), SCHEMA, || format!("there are none in \"{language}\""));
                for word in words {
                    check.rule(!word.trim().is_empty(), SCHEMA, || format!("one in \"{language}\" is empty"));
                    let other = taken.insert((language, word.trim().to_lowercase()), &metric.key);
                    check.rule(other.is_none(), CLASH, || {
                        format!("`{word}` is already a name of `{}` in \"{language}\"", other.unwrap_or_default())
                    });
                }
            }
        }
    }
}

impl Pack {
    /// What is built on metrics of this pack is a flow or a stock only where they are.
    pub(super) fn check_accumulations(&self, check: &mut Check) {
        for (index, metric) in self.metrics.iter().enumerate() {
            check.at(format!("metrics[{index}] `{}` accumulation", metric.key));
            for (input, needed) in metric.needs() {
                let misfit = metric.is_unlike(needed, &[self]);
                check.rule(!misfit, SCHEMA, || format!("`{input}` is the metric `{needed}`, which does not add up so itself"));
            }
        }
    }

    /// A metric of this pack that says to add up as a metric of one of these packs, which it is built on, does not; and the whole key
    /// of that one.
    pub fn unlike(&self, packs: &[&Pack]) -> Option<(&str, &str)> {
        let needs = self.metrics.iter().flat_map(|metric| metric.needs().map(move |(_, needed)| (metric, needed)));
        needs.filter(|(metric, needed)| metric.is_unlike(needed, packs)).map(|(metric, needed)| (metric.key.as_str(), needed)).next()
    }
}

impl Metric {
    fn is_unlike(&self, needed: &str, packs: &[&Pack]) -> bool {
        let needed = super::metric(packs, needed).map(|needed| needed.accumulation);
        self.accumulation != Accumulation::Rate && needed.is_some_and(|needed| needed != self.accumulation)
    }

    pub(super) fn check_meaning(&self, place: &str, check: &mut Check) {
        for (word, texts) in [("intended_behaviour", &self.intended_behaviour), ("side_effect", &self.side_effect)] {
            if !texts.is_empty() {
                check_texts(&format!("{place} {word}"), texts, check);
            }
        }
        if let Visibility::OrganisationWide { minimum_group } = self.visibility {
            check.at(format!("{place} visibility")).rule(minimum_group >= LEAST_GROUP, SCHEMA, || {
                format!("`minimum_group` must be {LEAST_GROUP} or more, so that nobody's own value can be worked out")
            });
        }
        let fault = self.fault_of_accumulation();
        check.at(format!("{place} accumulation")).rule(fault.is_none(), SCHEMA, || fault.unwrap_or_default());
        let fault = self.fault_of_bands();
        check.at(format!("{place} bands")).rule(fault.is_none(), SCHEMA, || fault.unwrap_or_default());
    }

    fn fault_of_accumulation(&self) -> Option<String> {
        let misfit = |fits: fn(&Input) -> bool| self.inputs.iter().find(|input| !fits(input)).map(|input| input.name.as_str());
        let is_input = |name: &str| self.inputs.iter().any(|input| input.name == name);
        let linear = Formula::parse(&self.formula).is_ok_and(|formula| formula.adds_up(&is_input));
        match self.accumulation {
            Accumulation::Rate => None,
            Accumulation::Flow | Accumulation::Stock if !linear => {
                Some("a flow or a stock is a sum or difference of its inputs, and this formula is more".into())
            }
            Accumulation::Flow => misfit(Input::adds_up)
                .map(|name| format!("the parts of `{name}` do not add up: a flow is made of counts and sums over the period itself")),
            Accumulation::Stock => misfit(Input::is_level)
                .map(|name| format!("`{name}` is not read at the `start` or `end` of the period, as a stock is"))
                .or_else(|| self.fault_of_instants()),
        }
    }

    /// What is at the end less what was at the start is a change, and no level.
    fn fault_of_instants(&self) -> Option<String> {
        let at = |shift| self.inputs.iter().find(|input| input.shift == shift).map(|input| input.name.as_str());
        let (start, end) = (at(Shift::Start)?, at(Shift::End)?);
        Some(format!("`{start}` is read at the start and `{end}` at the end of the period: a stock is a level at one instant"))
    }

    fn fault_of_bands(&self) -> Option<String> {
        let (first, last) = (self.bands.first()?, self.bands.last()?);
        if first.from.is_some() || last.to.is_some() {
            return Some("there is a gap at an end: the first band has no `from` and the last no `to`".into());
        }
        if let Some(fault) = self.bands.windows(2).find_map(|pair| fault_between(&pair[0], &pair[1])) {
            return Some(fault);
        }
        let statuses: Vec<Status> = self.bands.iter().map(|band| band.status).collect();
        let wanted = order(self.direction);
        (!wanted.iter().any(|wanted| statuses == *wanted)).then(|| match self.direction {
            Direction::None => "a metric that has no better direction has no bands".to_owned(),
            direction => format!(
                "in the order of their values, the bands of a metric of direction {} are {}",
                word(direction),
                wanted.iter().map(|statuses| statuses.iter().map(word).collect::<Vec<_>>().join(", ")).collect::<Vec<_>>().join(", or ")
            ),
        })
    }
}

impl Input {
    /// Whether the parts of a period add up to the whole, as far as its own metric knows.
    fn adds_up(&self) -> bool {
        let sums = match &self.need {
            Need::Measure(measure) => matches!(measure.agg, Aggregate::Count | Aggregate::Sum),
            Need::Metric(_) => true,
        };
        sums && self.shift == Shift::This
    }
}

impl Input {
    /// Whether it is read at an instant, as far as its own metric knows.
    fn is_level(&self) -> bool {
        match &self.need {
            Need::Measure(_) => matches!(self.shift, Shift::Start | Shift::End),
            Need::Metric(_) => self.shift == Shift::This,
        }
    }
}

fn fault_between(lower: &Band, upper: &Band) -> Option<String> {
    let (Some(to), Some(from)) = (lower.to, upper.from) else {
        return Some("bands overlap: all but the last have a `to`, and all but the first a `from`".into());
    };
    match to.cmp(&from) {
        std::cmp::Ordering::Less => Some(format!("there is a gap between {to} and {from}")),
        std::cmp::Ordering::Greater => Some(format!("bands overlap between {from} and {to}")),
        std::cmp::Ordering::Equal if lower.from.is_some_and(|from| from >= to) => Some(format!("a band that ends at {to} is empty")),
        std::cmp::Ordering::Equal => None,
    }
}

/// How bands may follow each other, from the least value up.
fn order(direction: Direction) -> &'static [&'static [Status]] {
    use Status::{AtRisk, OffTrack, OnTrack};
    match direction {
        Direction::Up => &[&[OffTrack, AtRisk, OnTrack], &[OffTrack, OnTrack]],
        Direction::Down => &[&[OnTrack, AtRisk, OffTrack], &[OnTrack, OffTrack]],
        Direction::Range => &[&[OffTrack, AtRisk, OnTrack, AtRisk, OffTrack], &[OffTrack, OnTrack, OffTrack]],
        Direction::None => &[],
    }
}
