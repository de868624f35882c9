//! How numbers are written: with which mark before the decimals, and which between the thousands.
//!
//! Marks are not only removed, their places are checked: where commas stand between thousands, `1,5` is no fifteen.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::expression::decimal;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub decimal: String,
    pub thousands: String,
}

/// As numbers are written in a mapping: `-1234.5`.
pub(crate) static PLAIN: LazyLock<Marks> = std::sync::LazyLock::new(|| Marks { decimal: ".".into(), thousands: String::new() });

impl Marks {
    pub fn read(&self, text: &str) -> Option<Decimal> {
        if self.thousands.is_empty() && self.decimal == "." {
            return decimal(text);
        }
        let (whole, decimals) = match text.split_once(&self.decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (text, None),
        };
        let whole = self.ungrouped(whole)?;
        let strange = |part: &str| part.contains('.') || part.contains(self.decimal.as_str());
        match decimals {
            _ if strange(&whole) => None,
            None => decimal(&whole),
            Some(decimals) if strange(decimals) => None,
            Some(decimals) => decimal(&format!("{whole}.{decimals}")),
        }
    }

    /// Groups are of three digits, or of two before the last (as lakhs are written in India).
    fn ungrouped(&self, whole: &str) -> Option<String> {
        if self.thousands.is_empty() || !whole.contains(&self.thousands) {
            return Some(whole.to_owned());
        }
        let groups: Vec<&str> = whole.trim_start_matches(['+', '-']).split(&self.thousands).collect();
        let (last, before) = groups.split_last()?;
        let (first, middle) = before.split_first()?;
        let digits = |group: &str, lengths: std::ops::RangeInclusive<usize>| {
            lengths.contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit())
        };
        let fine = digits(last, 3..=3) && digits(first, 1..=3) && middle.iter().all(|group| digits(group, 2..=3));
        fine.then(|| whole.replace(&self.thousands, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn marks_are_read_only_where_they_belong() {
        let read = |decimal: &str, thousands: &str, text: &str| {
            let marks = Marks { decimal: decimal.into(), thousands: thousands.into() };
            marks.read(text).map(|number| number.normalize().to_string())
        };
        let cases = [
            (",", ".", "1.234.567,50", Some("1234567.5")),
            (",", ".", "-12,5", Some("-12.5")),
            (",", ".", "1.5", None),
            (",", ".", "0.25", None),
            (",", ".", "1,234.50", None),
            (",", ".", "1,2,3", None),
            (".", ",", "1,234.50", Some("1234.5")),
            (".", ",", "1,5", None),
            (".", ",", "12,34,567.8", Some("1234567.8")),
            (".", ",", "-1,234", Some("-1234")),
            (".", ",", ",123", None),
            (".", "'", "1'234", Some("1234")),
            (",", "", "1,5e3", Some("1500")),
            (",", "", "1.5", None),
        ];
        for (decimal, thousands, text, expected) in cases {
            assert_eq!(read(decimal, thousands, text).as_deref(), expected, "{text} with {decimal} and {thousands}");
        }
    }
}
