//! Filters of a measure as SQL conditions. A field that is unknown meets none of them but `known: false`.
//!
//! Texts and bounds are bound: a bound may be the value of a parameter, which comes from outside. Numbers become the integers of the
//! store, and a bound that lies between two of them is moved to the nearest one that keeps its meaning: `> 0.00001` is `> 0`
//! ten-thousandths, and nothing equals it. One beyond all integers is the last of them, which no record has.

use std::collections::BTreeMap;

use manifest::measure::Comparison;
use manifest::{Bound, Filter, Literal, Source};
use rust_decimal::Decimal;

use super::Fault;
use super::text::{Binds, bracketed};
use super::vocabulary::{mapping, scale};

/// Meets no row, on both databases.
const NEVER: &str = "1 = 0";

pub(super) fn conditions(source: Source, filter: &BTreeMap<String, Filter>, at: &str, binds: &mut Binds) -> Result<Vec<String>, Fault> {
    let each = filter.iter().map(|(name, filter)| {
        let column = mapping(source).column(name).ok_or_else(|| fault(name, "there is no such field"))?;
        let field = Field { name, sql: bracketed(&column.sql.replace("{at}", at)), scale: scale(source, column) };
        field.condition(filter, binds)
    });
    each.collect::<Result<Vec<_>, _>>().map(|conditions| conditions.concat())
}

struct Field<'a> {
    name: &'a str,
    sql: String,
    scale: u32,
}

impl Field<'_> {
    fn condition(&self, filter: &Filter, binds: &mut Binds) -> Result<Vec<String>, Fault> {
        match filter {
            Filter::Is(literal) => Ok(vec![self.equals(std::slice::from_ref(literal), binds)?]),
            Filter::OneOf(literals) => Ok(vec![self.equals(literals, binds)?]),
            Filter::Compare(comparison) => self.compares(comparison, binds),
        }
    }

    fn equals(&self, literals: &[Literal], binds: &mut Binds) -> Result<String, Fault> {
        let mut values = Vec::new();
        let mut truths = Vec::new();
        for literal in literals {
            match literal {
                Literal::Bool(true) => truths.push(self.sql.clone()),
                Literal::Bool(false) => truths.push(format!("NOT {}", self.sql)),
                Literal::Text(text) => values.push(binds.text(text)),
                Literal::Number(number) => values.extend(self.exact(*number)?.map(|integer| integer.to_string())),
            }
        }
        Ok(match (values.as_slice(), truths.as_slice()) {
            ([], []) => NEVER.into(),
            ([], [truth]) => truth.clone(),
            ([], truths) => format!("({})", truths.join(" OR ")),
            ([value], []) => format!("{} = {value}", self.sql),
            (values, []) => format!("{} IN ({})", self.sql, values.join(", ")),
            _ => return Err(fault(self.name, "it mixes true and false with other values")),
        })
    }

    fn compares(&self, comparison: &Comparison, binds: &mut Binds) -> Result<Vec<String>, Fault> {
        let Comparison { gt, gte, lt, lte, known } = comparison;
        let bounds = [
            (gt, ">", Decimal::floor as fn(&Decimal) -> Decimal),
            (gte, ">=", Decimal::ceil),
            (lt, "<", Decimal::ceil),
            (lte, "<=", Decimal::floor),
        ];
        let mut conditions = Vec::new();
        for (bound, sign, rounded) in bounds {
            if let Some(bound) = bound {
                conditions.push(format!("{} {sign} {}", self.sql, binds.integer(self.bound(bound, rounded)?)));
            }
        }
        conditions.extend(known.map(|known| format!("{} {}", self.sql, if known { "IS NOT NULL" } else { "IS NULL" })));
        if conditions.is_empty() { Err(fault(self.name, "it compares with nothing")) } else { Ok(conditions) }
    }

    fn bound(&self, bound: &Bound, rounded: fn(&Decimal) -> Decimal) -> Result<i64, Fault> {
        let number = match bound {
            Bound::Number(number) => *number,
            Bound::Parameter(name) => {
                return Err(fault(self.name, &format!("it compares with the parameter `{name}`, which has no value here")));
            }
        };
        let last = if number.is_sign_negative() { i64::MIN } else { i64::MAX };
        let scaled = number.checked_mul(Decimal::from(10_i64.pow(self.scale)));
        Ok(scaled.and_then(|scaled| i64::try_from(rounded(&scaled)).ok()).unwrap_or(last))
    }

    /// The stored integer, or none where no stored value can be equal.
    fn exact(&self, number: Decimal) -> Result<Option<i64>, Fault> {
        let scaled = self.scaled(number)?;
        if scaled.is_integer() { self.integer(scaled).map(Some) } else { Ok(None) }
    }

    fn scaled(&self, number: Decimal) -> Result<Decimal, Fault> {
        number.checked_mul(Decimal::from(10_i64.pow(self.scale))).ok_or_else(|| self.too_large())
    }

    fn integer(&self, whole: Decimal) -> Result<i64, Fault> {
        i64::try_from(whole).map_err(|_| self.too_large())
    }

    fn too_large(&self) -> Fault {
        fault(self.name, "it compares with a number that is larger than any value can be")
    }
}

fn fault(field: &str, problem: &str) -> Fault {
    Fault::Filter { field: field.into(), problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::{Bind, Statement};

    fn condition(name: &str, filter: Filter) -> String {
        let mut binds = Binds::default();
        let conditions = conditions(Source::Orders, &BTreeMap::from([(name.into(), filter)]), "", &mut binds).unwrap();
        super::super::text::readable(&binds.statement(&conditions.join(" AND ")))
    }

    #[test]
    fn bounds_between_two_stored_values_keep_their_meaning() {
        let number = Decimal::new(1_00001, 5);
        let fine = || Some(Bound::Number(number));
        assert_eq!(
            condition("amount", Filter::Compare(Comparison { gt: fine(), lte: fine(), ..Default::default() })),
            "f.amount > 10000 AND f.amount <= 10000"
        );
        assert_eq!(
            condition("amount", Filter::Compare(Comparison { gte: fine(), lt: fine(), ..Default::default() })),
            "f.amount >= 10001 AND f.amount < 10001"
        );
        assert_eq!(condition("amount", Filter::Is(Literal::Number(number))), "1 = 0");
        assert_eq!(condition("amount", Filter::Is(Literal::Number(Decimal::new(-150, 2)))), "f.amount = -15000");
    }

    #[test]
    fn bounds_are_bound_and_those_beyond_all_integers_are_the_last() {
        let filter = |bound: &str| BTreeMap::from([("amount".into(), serde_json::from_str(&format!("{{\"gt\": {bound}}}")).unwrap())]);
        let bound = |text: &str| {
            let mut binds = Binds::default();
            let conditions = conditions(Source::Orders, &filter(text), "", &mut binds).unwrap();
            binds.statement(&conditions.concat())
        };
        assert_eq!(bound("\"2.5\""), Statement { text: "f.amount > $1".into(), binds: vec![Bind::BigInt(25_000)], kept: false });
        assert_eq!(bound("\"79228162514264337593543950335\"").binds, [Bind::BigInt(i64::MAX)]);
        assert_eq!(bound("\"-79228162514264337593543950335\"").binds, [Bind::BigInt(i64::MIN)]);
        let open = conditions(Source::Orders, &filter(r#"{"parameter": "least"}"#), "", &mut Binds::default());
        assert!(open.unwrap_err().to_string().contains("the parameter `least`, which has no value here"));
    }

    #[test]
    fn durations_are_compared_in_seconds_and_truths_as_they_are() {
        let day = Some(Bound::Number(Decimal::from(86_400)));
        assert_eq!(
            condition("fulfilment", Filter::Compare(Comparison { lt: day, ..Default::default() })),
            "(f.shipped_at - f.ordered_at) < 86400000000"
        );
        assert_eq!(condition("late", Filter::Is(Literal::Bool(false))), "NOT (f.shipped_at > f.promised_at)");
        assert_eq!(
            condition("late", Filter::Compare(Comparison { known: Some(false), ..Default::default() })),
            "(f.shipped_at > f.promised_at) IS NULL"
        );
    }
}
