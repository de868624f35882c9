//! How much company to make: two named sizes and every factor between.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::str::FromStr;

/// How many records of each kind the company has. The three years always end with `last_day`; no clock is read, so that
/// the same scale and seed give the same bytes whenever they are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    pub last_day: NaiveDate,
    pub employees: u64,
    pub customers: u64,
    pub orders: u64,
    /// One to three lines an order. Amounts of orders are the same with and without.
    pub order_lines: bool,
    pub opportunities: u64,
    /// Every stage an opportunity went through, with its dates.
    pub stage_history: bool,
    pub tickets: u64,
    pub surveys: u64,
    pub campaigns: u64,
    pub members: u64,
    pub leads: u64,
    pub activities: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a scale: give `demo`, `bench`, `bench-lines`, or a factor of `bench` above 0 and up to 10, such as `0.01`")]
pub struct ScaleError(String);

const MILLION: u64 = 1_000_000;

impl Scale {
    /// The last day where none is given: the end of a quarter, so that twelve whole quarters can be compared.
    pub const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 9, 30).unwrap();

    /// A company that a person can look through: every entity, everything with history.
    pub fn demo() -> Scale {
        Scale {
            last_day: Scale::LAST_DAY,
            employees: 28,
            customers: 600,
            orders: 9_000,
            order_lines: true,
            opportunities: 4_000,
            stage_history: true,
            tickets: 5_000,
            surveys: 3_000,
            campaigns: 24,
            members: 20_000,
            leads: 6_000,
            activities: 12_000,
        }
    }

    /// The size of the benchmark: order amounts without lines and opportunities without stage history, since its
    /// questions need neither; [`Scale::bench_lines`] has both.
    pub fn bench() -> Scale {
        Scale {
            last_day: Scale::LAST_DAY,
            employees: 200,
            customers: 100_000,
            orders: 2_000_000,
            order_lines: false,
            opportunities: 600_000,
            stage_history: false,
            tickets: 500_000,
            surveys: 200_000,
            campaigns: 60,
            members: 200_000,
            leads: 60_000,
            activities: 300_000,
        }
    }

    pub fn bench_lines() -> Scale {
        Scale { order_lines: true, stage_history: true, ..Scale::bench() }
    }

    /// The benchmark's size times `millionths` of a million, never smaller than a company that still has every trait.
    fn part_of_bench(millionths: u64) -> Scale {
        let part = |whole: u64, least: u64| (whole * millionths / MILLION).max(least);
        let bench = Scale::bench();
        Scale {
            last_day: bench.last_day,
            employees: part(bench.employees, 28),
            customers: part(bench.customers, 200),
            orders: part(bench.orders, 1_000),
            order_lines: false,
            opportunities: part(bench.opportunities, 500),
            stage_history: false,
            tickets: part(bench.tickets, 500),
            surveys: part(bench.surveys, 300),
            campaigns: part(bench.campaigns, 12),
            members: part(bench.members, 1_000),
            leads: part(bench.leads, 500),
            activities: part(bench.activities, 1_000),
        }
    }
}

impl FromStr for Scale {
    type Err = ScaleError;

    fn from_str(text: &str) -> Result<Scale, ScaleError> {
        match text {
            "demo" => Ok(Scale::demo()),
            "bench" => Ok(Scale::bench()),
            "bench-lines" => Ok(Scale::bench_lines()),
            factor => millionths(factor).map(Scale::part_of_bench).ok_or_else(|| ScaleError(text.to_owned())),
        }
    }
}

fn millionths(factor: &str) -> Option<u64> {
    let factor = Decimal::from_str(factor).ok()? * Decimal::from(MILLION);
    factor.to_u64().filter(|millionths| (1..=10 * MILLION).contains(millionths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_takes_that_part_of_the_benchmark() {
        let scale: Scale = "0.1".parse().unwrap();
        assert_eq!((scale.orders, scale.opportunities, scale.tickets), (200_000, 60_000, 50_000));
        assert_eq!("1".parse::<Scale>().unwrap(), Scale::bench());
    }

    #[test]
    fn a_scale_that_is_none_says_what_is_one() {
        for text in ["", "big", "0", "-1", "11", "0.0000001"] {
            let error = text.parse::<Scale>().unwrap_err().to_string();
            assert!(error.contains("demo") && error.contains(text), "{text}: {error}");
        }
    }
}
