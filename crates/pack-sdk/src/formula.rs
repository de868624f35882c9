//! The functions of formulas, and a guard against the one place where Rust's arithmetic would differ from theirs.

use rust_decimal::Decimal;

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

/// Stops the compiler at `1 / 2`: two literals would be Rust's own numbers, whose quotient is 0.
pub const fn no_arithmetic_on_literals(formula: &str) {
    let bytes = formula.as_bytes();
    let (mut at, mut literal, mut operator) = (0, false, false);
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            assert!(!(literal && operator), "a formula must not combine two literal numbers: write their result");
            (literal, operator) = (true, false);
            at = end_of_word(bytes, at);
        } else if byte.is_ascii_alphabetic() || byte == b'_' || byte == b'(' || byte == b')' || byte == b',' {
            (literal, operator) = (false, false);
            at = end_of_word(bytes, at);
        } else {
            operator = operator || (byte != b' ' && byte != b'\n');
            at += 1;
        }
    }
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
        for formula in ["100 * (a - b) / c", "1 - a", "(a + b) / 2", "min(1, 2)", "a1_2 * 3"] {
            no_arithmetic_on_literals(formula);
        }
        for formula in ["1 / 2", "a * 2 * 3", "2 - -3"] {
            assert!(std::panic::catch_unwind(|| no_arithmetic_on_literals(formula)).is_err(), "{formula}");
        }
    }
}
