//! The number that a formula is computed with: an exact decimal, no value, or too large.
//!
//! No value in, no value out; a division by zero has no value. An overflow is kept apart, because it is a failure and not an
//! answer. Of two operands without a value, the left one decides, as in the host's own reading of a formula.

use std::ops::{Add, Div, Mul, Neg, Sub};

use rust_decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Num {
    Null,
    Value(Decimal),
    /// Larger than 28 digits can say. Fails the whole batch, with the row.
    Overflow,
}

impl Num {
    pub fn value(self) -> Option<Decimal> {
        match self {
            Num::Value(value) => Some(value),
            Num::Null | Num::Overflow => None,
        }
    }

    pub(crate) fn with(self, other: Num, combine: impl FnOnce(Decimal, Decimal) -> Num) -> Num {
        match (self, other) {
            (Num::Value(a), Num::Value(b)) => combine(a, b),
            (Num::Value(_), without) | (without, _) => without,
        }
    }
}

impl From<Decimal> for Num {
    fn from(value: Decimal) -> Num {
        Num::Value(value)
    }
}

impl From<i64> for Num {
    fn from(value: i64) -> Num {
        Num::Value(value.into())
    }
}

pub(crate) fn or_overflow(result: Option<Decimal>) -> Num {
    result.map_or(Num::Overflow, Num::Value)
}

pub(crate) fn divide(a: Decimal, b: Decimal) -> Num {
    if b.is_zero() { Num::Null } else { or_overflow(a.checked_div(b)) }
}

impl Neg for Num {
    type Output = Num;

    fn neg(self) -> Num {
        match self {
            Num::Value(value) => Num::Value(-value),
            without => without,
        }
    }
}

/// Stamps an operator out for two numbers, and for a number and a whole one on either side.
macro_rules! operator {
    ($trait:ident, $method:ident, $combine:expr) => {
        impl $trait for Num {
            type Output = Num;

            fn $method(self, other: Num) -> Num {
                self.with(other, $combine)
            }
        }

        impl $trait<i64> for Num {
            type Output = Num;

            fn $method(self, other: i64) -> Num {
                self.with(other.into(), $combine)
            }
        }

        impl $trait<Num> for i64 {
            type Output = Num;

            fn $method(self, other: Num) -> Num {
                Num::from(self).with(other, $combine)
            }
        }
    };
}

operator!(Add, add, |a: Decimal, b| or_overflow(a.checked_add(b)));
operator!(Sub, sub, |a: Decimal, b| or_overflow(a.checked_sub(b)));
operator!(Mul, mul, |a: Decimal, b| or_overflow(a.checked_mul(b)));
operator!(Div, div, divide);

#[cfg(test)]
mod tests {
    use super::Num;
    use crate::{coalesce, growth, max, min};

    #[test]
    fn arithmetic_is_exact_and_null_stays_null() {
        let (three, null): (Num, Num) = (3.into(), Num::Null);
        assert_eq!(100 * (three - 1) / 4 + -three, 47.into());
        assert_eq!(1 / three * 3, Num::Value("0.9999999999999999999999999999".parse().unwrap()));
        for without in [
            three + null,
            null - 1,
            three / 0,
            1 / (three - 3),
            -null,
            min(three, null),
            growth(three, 0),
            growth(three, -three),
            coalesce(null, null),
        ] {
            assert_eq!(without, Num::Null);
        }
        assert_eq!(coalesce(three / 0, three), three);
        assert_eq!((min(three, 4), max(three, 4)), (three, 4.into()));
        assert_eq!(growth(6, three), 1.into());
    }

    #[test]
    fn too_large_is_not_the_same_as_no_value() {
        let largest = Num::Value(rust_decimal::Decimal::MAX);
        assert_eq!(largest * 10, Num::Overflow);
        assert_eq!(coalesce(largest * 10, 1), Num::Overflow);
        assert_eq!(Num::Null + largest * 10, Num::Null);
        assert_eq!(largest * 10 + Num::Null, Num::Overflow);
    }
}
