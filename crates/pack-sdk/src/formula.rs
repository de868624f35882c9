//! The functions of formulas, and a guard against the one place where Rust's arithmetic would differ from theirs.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::num::{Num, or_overflow};

pub fn min(a: impl Into<Num>, b: impl Into<Num>) -> Num {
    a.into().with(b.into(), |a, b| Num::Value(a.min(b)))
}

pub fn max(a: impl Into<Num>, b: impl Into<Num>) -> Num {
    a.into().with(b.into(), |a, b| Num::Value(a.max(b)))
}

/// The first of two that is a value.
pub fn coalesce(a: impl Into<Num>, b: impl Into<Num>) -> Num {
    match a.into() {
        Num::Null => b.into(),
        known => known,
    }
}

/// The relative change from `before` to `now`; no value where there is nothing positive to change from.
pub fn growth(now: impl Into<Num>, before: impl Into<Num>) -> Num {
    now.into().with(before.into(), |now, before| {
        if before <= Decimal::ZERO {
            return Num::Null;
        }
        or_overflow(now.checked_sub(before).and_then(|change| change.checked_div(before)))
    })
}

/// Without its sign.
pub fn abs(a: impl Into<Num>) -> Num {
    a.into().map(|a| a.abs())
}

/// To so many places, 0 to 12, halves away from zero.
pub fn round(a: impl Into<Num>, digits: u32) -> Num {
    a.into().map(|a| a.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero))
}

/// A literal with more digits is not what it says once it is a float.
const MOST_DIGITS: usize = 15;

/// Stops the compiler at `1 / 2`: two literals would be Rust's own numbers, whose quotient is 0. And at numbers that the formula
/// language does not know, such as `1e3`, or that Rust would not keep exactly.
pub const fn no_arithmetic_on_literals(formula: &str) {
    let bytes = formula.as_bytes();
    let (mut at, mut literal, mut operator) = (0, false, false);
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            assert!(!(literal && operator), "a formula must not combine two literal numbers: write their result");
            (literal, operator) = (true, false);
            at = end_of_number(bytes, at);
        } else if byte.is_ascii_alphabetic() || byte == b'_' || byte == b'(' || byte == b')' || byte == b',' {
            (literal, operator) = (false, false);
            at = end_of_word(bytes, at);
        } else {
            operator = operator || (byte != b' ' && byte != b'\n');
            at += 1;
        }
    }
}

const fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut points) = (start, 0);
    while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
        points += (bytes[at] == b'.') as usize;
        at += 1;
    }
    let whole = points == 0;
    assert!(whole || bytes[at - 1] != b'.', "a number in a formula must have digits behind its point");
    assert!(whole || at - start <= MOST_DIGITS + points, "a fraction in a formula must have 15 digits at most");
    assert!(
        at == bytes.len() || !(bytes[at].is_ascii_alphabetic() || bytes[at] == b'_'),
        "a number in a formula must be digits with at most one point"
    );
    at
}

const fn end_of_word(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::no_arithmetic_on_literals;

    #[test]
    fn literals_may_meet_names_but_not_each_other() {
        for formula in ["100 * (a - b) / c", "1 - a", "(a + b) / 2", "min(1, 2)", "a1_2 * 3", "a * 0.5", "1.25 - a", "a / 9007199254740993"]
        {
            no_arithmetic_on_literals(formula);
        }
        for formula in ["1 / 2", "a * 2 * 3", "2 - -3", "0.5 * 2", "a * 1e3", "a * 1_000", "a * 2f64", "a * 1.", "a * 0.1234567890123456"] {
            assert!(std::panic::catch_unwind(|| no_arithmetic_on_literals(formula)).is_err(), "{formula}");
        }
    }
}
