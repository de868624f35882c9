//! The number that a formula is computed with: an exact decimal, no value, or too large.
//!
//! No value in, no value out; a division by zero has no value. An overflow is kept apart, because it is a failure and not an
//! answer. Of two operands without a value, the left one decides, as in the host's own reading of a formula.

use std::ops::{Add, Div, Mul, Neg, Sub};

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

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

    pub(crate) fn map(self, compute: impl FnOnce(Decimal) -> Decimal) -> Num {
        match self {
            Num::Value(value) => Num::Value(compute(value)),
            without => without,
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

/// For the fractions that stand in formulas, `0.5`: up to 15 digits, which a float keeps, it is the number as written.
impl From<f64> for Num {
    fn from(value: f64) -> Num {
        or_overflow(Decimal::from_f64(value))
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
        self.map(|value| -value)
    }
}

/// Stamps an operator out for two numbers, and for a number and a literal on either side.
macro_rules! operator {
    ($trait:ident, $method:ident, $combine:expr) => {
        impl $trait for Num {
            type Output = Num;

            fn $method(self, other: Num) -> Num {
                self.with(other, $combine)
            }
        }

        operator!(i64, $trait, $method, $combine);
        operator!(f64, $trait, $method, $combine);
    };
    ($literal:ident, $trait:ident, $method:ident, $combine:expr) => {
        impl $trait<$literal> for Num {
            type Output = Num;

            fn $method(self, other: $literal) -> Num {
                self.with(other.into(), $combine)
            }
        }

        impl $trait<Num> for $literal {
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
    use crate::Condition::{Known, Null, Overflow};
    use crate::{abs, all, any, choose, coalesce, eq, ge, growth, gt, le, lt, max, min, ne, not, round};

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
        assert_eq!((abs(-three), round(three / 2, 0), round(2.675, 2)), (three, 2.into(), 2.68.into()));
    }

    #[test]
    fn a_fraction_is_the_number_as_written() {
        for text in
            ["0.1", "0.3", "2.675", "0.07", "1.005", "123456789.012345", "0.000000000000001", "999999999999.999", "0.999999999999999"]
        {
            let float: f64 = text.parse().unwrap();
            assert_eq!(Num::from(float), Num::Value(text.parse().unwrap()), "{text}");
        }
        assert_eq!(0.5 * Num::from(3) - 0.25, 1.25.into());
        assert_eq!(Num::from(f64::INFINITY), Num::Overflow);
    }

    #[test]
    fn nobody_can_say_what_is_compared_with_nothing() {
        let (null, overflow) = (Num::Null, Num::Value(rust_decimal::Decimal::MAX) * 10);
        assert_eq!((lt(1, 2), le(2, 2), gt(1, 2), ge(1, 2)), (Known(true), Known(true), Known(false), Known(false)));
        assert_eq!((eq(1.50, 1.5), ne(1, 1)), (Known(true), Known(false)));
        assert_eq!((lt(null, 1), lt(1, null), lt(overflow, null), lt(null, overflow)), (Null, Null, Overflow, Null));
        assert_eq!((not(eq(null, null)), all(lt(2, 1), lt(null, 1)), any(lt(1, 2), lt(null, 1))), (Null, Null, Null));
        assert_eq!((choose(lt(1, 2), 3, null), choose(lt(2, 1), overflow, 4)), (3.into(), 4.into()));
        assert_eq!((choose(lt(null, 1), 3, 4), choose(lt(overflow, 1), 3, 4)), (Num::Null, Num::Overflow));
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
