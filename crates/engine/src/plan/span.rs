//! Which spans stand for a period, where figures hold for spans of days: targets and figures that arrive aggregated.
//!
//! A span that is exactly the period wins. Else the largest spans inside the period are added up, so that a year is never
//! counted together with its own quarters. The subject's own spans win over those of the employees below it.

use chrono::NaiveDate;
use manifest::{Accumulation, Aggregate, Formula, Input, Metric, Need, Shift};
use rust_decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    /// The employee below the subject that it is of; none where it is the subject's own.
    pub(crate) below: Option<i64>,
    pub(crate) value: Decimal,
}

/// What may be made of the spans where none is exactly the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SpanRule {
    /// Amounts: parts add up.
    Add,
    /// Different customers, changes: parts do not add up, nor does what a year asks for hold for a month. The subject's own span
    /// of exactly the period.
    Exact,
    /// Rates and means, whose parts do not: the shortest of the subject's own spans that has the whole period in it.
    Hold,
}

impl SpanRule {
    /// How targets of a metric may be put together: those of a flow add up as it does.
    pub(crate) fn of(metric: &Metric, formula: &Formula) -> SpanRule {
        if metric.accumulation == Accumulation::Flow {
            return SpanRule::Add;
        }
        let linear = formula.adds_up(&|name| metric.inputs.iter().any(|input| input.name == name));
        let over_time = |input: &Input| match &input.need {
            Need::Measure(measure) => matches!(measure.agg, Aggregate::Count | Aggregate::Sum | Aggregate::Distinct),
            Need::Metric(_) => false,
        } && !matches!(input.shift, Shift::Start | Shift::End);
        let adds_up = |input: &Input| match &input.need {
            Need::Measure(measure) => measure.agg != Aggregate::Distinct && input.shift == Shift::This,
            Need::Metric(_) => false,
        };
        match metric.inputs.iter().all(over_time) {
            true if linear && metric.inputs.iter().all(adds_up) => SpanRule::Add,
            true if linear => SpanRule::Exact,
            _ => SpanRule::Hold,
        }
    }
}

/// Two spans share days and neither holds the other, so that their sum would count days twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overlap;

impl SpanRule {
    pub(crate) fn value(self, spans: &[Span], from: NaiveDate, to: NaiveDate) -> Result<Option<Decimal>, Overlap> {
        match self {
            SpanRule::Exact => {
                Ok(spans.iter().find(|span| span.below.is_none() && (span.from, span.to) == (from, to)).map(|span| span.value))
            }
            SpanRule::Hold => Ok(holding(spans, from, to)),
            SpanRule::Add => match added(spans.iter().filter(|span| span.below.is_none()), from, to)? {
                None => of_those_below(spans, from, to),
                own => Ok(own),
            },
        }
    }
}

fn holding(spans: &[Span], from: NaiveDate, to: NaiveDate) -> Option<Decimal> {
    let holding = spans.iter().filter(|span| span.below.is_none() && span.from <= from && span.to >= to);
    holding.min_by_key(|span| span.to - span.from).map(|span| span.value)
}

/// Each employee's spans are put together for themselves: one may have a year, and another only its quarters.
fn of_those_below(spans: &[Span], from: NaiveDate, to: NaiveDate) -> Result<Option<Decimal>, Overlap> {
    let mut below: Vec<&Span> = spans.iter().filter(|span| span.below.is_some()).collect();
    below.sort_by_key(|span| span.below);
    let mut sum: Option<Decimal> = None;
    for spans in below.chunk_by(|a, b| a.below == b.below) {
        if let Some(value) = added(spans.iter().copied(), from, to)? {
            sum = Some(sum.unwrap_or_default() + value);
        }
    }
    Ok(sum)
}

fn added<'s>(spans: impl Iterator<Item = &'s Span>, from: NaiveDate, to: NaiveDate) -> Result<Option<Decimal>, Overlap> {
    let mut inside: Vec<&Span> = spans.filter(|span| span.from >= from && span.to <= to).collect();
    inside.sort_unstable_by_key(|span| (span.from, std::cmp::Reverse(span.to)));
    let mut sum: Option<Decimal> = None;
    let mut last: Option<&Span> = None;
    for span in inside {
        match last {
            Some(last) if (span.from, span.to) != (last.from, last.to) && span.to <= last.to => continue,
            Some(last) if (span.from, span.to) != (last.from, last.to) && span.from < last.to => return Err(Overlap),
            _ => {}
        }
        sum = Some(sum.unwrap_or_default() + span.value);
        last = Some(span);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str, own: bool, value: i64) -> Span {
        Span { from: from.parse().unwrap(), to: to.parse().unwrap(), below: (!own).then_some(1), value: value.into() }
    }

    fn year(rule: SpanRule, spans: &[Span]) -> Result<Option<Decimal>, Overlap> {
        rule.value(spans, "2017-01-01".parse().unwrap(), "2018-01-01".parse().unwrap())
    }

    #[test]
    fn a_year_is_never_counted_with_its_quarters() {
        let spans = [span("2017-01-01", "2017-04-01", true, 30), span("2017-01-01", "2018-01-01", true, 100)];
        assert_eq!(year(SpanRule::Add, &spans), Ok(Some(100.into())));
    }

    #[test]
    fn quarters_add_up_to_a_year_and_own_spans_win() {
        let quarters = [
            span("2017-01-01", "2017-04-01", true, 30),
            span("2017-04-01", "2017-07-01", true, 20),
            span("2017-01-01", "2018-01-01", false, 7),
        ];
        assert_eq!(year(SpanRule::Add, &quarters), Ok(Some(50.into())));
        assert_eq!(year(SpanRule::Add, &quarters[2..]), Ok(Some(7.into())));
        assert_eq!(year(SpanRule::Add, &[]), Ok(None));
    }

    #[test]
    fn one_employee_may_have_a_year_and_another_its_quarters() {
        let below = |employee, span: Span| Span { below: Some(employee), ..span };
        let spans = [
            below(1, span("2017-01-01", "2018-01-01", false, 400)),
            below(2, span("2017-01-01", "2017-04-01", false, 30)),
            below(2, span("2017-04-01", "2017-07-01", false, 20)),
            below(1, span("2017-01-01", "2017-04-01", false, 90)),
        ];
        assert_eq!(year(SpanRule::Add, &spans), Ok(Some(450.into())));
    }

    #[test]
    fn months_inside_a_quarter_that_is_there_do_not_count() {
        let spans = [
            span("2017-01-01", "2017-04-01", true, 30),
            span("2017-02-01", "2017-03-01", true, 9),
            span("2017-04-01", "2017-05-01", true, 5),
        ];
        assert_eq!(year(SpanRule::Add, &spans), Ok(Some(35.into())));
    }

    #[test]
    fn spans_that_share_days_are_refused() {
        let spans = [span("2017-01-01", "2017-04-01", true, 30), span("2017-03-01", "2017-06-01", true, 30)];
        assert_eq!(year(SpanRule::Add, &spans), Err(Overlap));
    }

    #[test]
    fn a_rate_holds_for_every_part_of_its_span() {
        let spans = [
            span("2016-01-01", "2020-01-01", true, 4),
            span("2017-01-01", "2018-01-01", true, 1),
            span("2017-01-01", "2017-04-01", true, 9),
        ];
        assert_eq!(year(SpanRule::Hold, &spans), Ok(Some(1.into())));
        assert_eq!(SpanRule::Hold.value(&spans, "2017-07-01".parse().unwrap(), "2017-10-01".parse().unwrap()), Ok(Some(1.into())));
    }
}
