//! A value as people write it: rounded for reading, with its unit, by the customs of a language.
//!
//! Only for display. Whoever computes takes `value`.

use manifest::{Kind, Metric};
use rust_decimal::{Decimal, RoundingStrategy};

/// How a language writes numbers.
struct Customs {
    decimal: char,
    group: &'static str,
    days: &'static str,
    hours: &'static str,
    minutes: &'static str,
    seconds: &'static str,
    points: &'static str,
    /// What stands between a number and its percent sign.
    percent: &'static str,
}

const EN: Customs =
    Customs { decimal: '.', group: ",", days: " d", hours: " h", minutes: " min", seconds: " s", points: " pts", percent: " %" };
const DE: Customs = Customs { decimal: ',', group: ".", days: " T", points: " Pkt.", ..EN };
const FR: Customs = Customs { decimal: ',', group: "\u{202f}", days: " j", percent: "\u{202f}%", ..EN };
const ZH: Customs = Customs { days: "天", hours: "小时", minutes: "分钟", seconds: "秒", points: "分", percent: "%", ..EN };

/// What stands for a value that there is not.
const NONE: &str = "–";

/// Writes a value; an unknown language is written as English.
pub fn format(metric: &Metric, value: Option<Decimal>, currency: &str, locale: &str) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    let customs = customs(locale);
    match metric.kind {
        Kind::Ratio => format!("{}{}", number(value * Decimal::ONE_HUNDRED, 1, customs), customs.percent),
        Kind::Money => format!("{} {currency}", number(value, 2, customs)),
        Kind::Count => number(value, if value.fract().is_zero() { 0 } else { 2 }, customs),
        Kind::Duration => duration(value / metric.unit_size(), &metric.unit, customs),
        Kind::Score | Kind::Number => plain(value, &metric.unit, customs),
    }
}

fn customs(locale: &str) -> &'static Customs {
    match locale.split(['-', '_']).next().unwrap_or_default() {
        "de" => &DE,
        "fr" => &FR,
        "zh" => &ZH,
        _ => &EN,
    }
}

/// A duration in the unit of the metric.
fn duration(value: Decimal, unit: &str, customs: &Customs) -> String {
    let name = match unit {
        "days" => customs.days,
        "hours" => customs.hours,
        "minutes" => customs.minutes,
        _ => customs.seconds,
    };
    format!("{}{name}", number(value, 1, customs))
}

fn plain(value: Decimal, unit: &str, customs: &Customs) -> String {
    match unit {
        "percentage_points" => format!("{} pp", number(value * Decimal::ONE_HUNDRED, 1, customs)),
        "points" => format!("{}{}", number(value, 2, customs), customs.points),
        "ratio" => number(value, 4, customs),
        _ => number(value, 2, customs),
    }
}

/// A number with so many decimals, half rounded away from zero as people do, and its thousands set apart.
fn number(value: Decimal, decimals: u32, customs: &Customs) -> String {
    let rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{:.*}", decimals as usize, rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push_str(customs.group);
        }
        grouped.push(digit);
    }
    match fraction {
        "" => format!("{sign}{grouped}"),
        fraction => format!("{sign}{grouped}{}{fraction}", customs.decimal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_by_the_customs_of_a_language() {
        let value: Decimal = "-1234567.895".parse().expect("a decimal");
        assert_eq!(number(value, 2, &EN), "-1,234,567.90");
        assert_eq!(number(value, 2, &DE), "-1.234.567,90");
        assert_eq!(number(Decimal::new(-1, 3), 1, &EN), "0.0");
        assert_eq!(number(Decimal::from(999), 0, &EN), "999");
    }

    #[test]
    fn a_duration_is_shown_in_its_unit() {
        let (days, hours) = (Decimal::new(125, 1), Decimal::from(300));
        assert_eq!([duration(days, "days", &EN), duration(hours, "hours", &ZH)], ["12.5 d", "300.0小时"]);
    }
}
