//! What operators do with numbers that are there. A condition is 1 where it holds and 0 where it does not; the parser sees to it
//! that nobody can tell.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Binary, Unary, power};

/// A decimal as people write one: digits, with a point among them at most. Rust's own reading would pass over `_`.
pub(crate) fn exact(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    Decimal::from_str_exact(text).ok().filter(|_| digits(whole) && digits(fraction))
}

/// Why two numbers give none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    ZeroDenominator,
    NegativeBase,
    /// Such as a root of a negative number.
    Undefined,
    Overflow,
}

impl Unary {
    pub(super) fn apply(self, a: Decimal) -> Result<Decimal, Gap> {
        Ok(match self {
            Unary::Negate => -a,
            Unary::Abs => a.abs(),
            Unary::Not => Decimal::ONE - a,
            Unary::Round(digits) => a.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero),
            Unary::Sqrt => return power::sqrt(a),
            Unary::Exp => return power::exp(a),
            Unary::Ln => return power::ln(a),
        })
    }
}

impl Binary {
    pub(super) fn apply(self, a: Decimal, b: Decimal) -> Result<Decimal, Gap> {
        let result = match self {
            Binary::Add => a.checked_add(b),
            Binary::Subtract => a.checked_sub(b),
            Binary::Multiply => a.checked_mul(b),
            Binary::Divide if b.is_zero() => return Err(Gap::ZeroDenominator),
            Binary::Divide => a.checked_div(b),
            Binary::Growth if b.is_zero() => return Err(Gap::ZeroDenominator),
            // A change is only a rate where there is something positive to change from.
            Binary::Growth if b.is_sign_negative() => return Err(Gap::NegativeBase),
            Binary::Growth => a.checked_sub(b).and_then(|change| change.checked_div(b)),
            Binary::Pow => return power::pow(a, b),
            Binary::Min | Binary::And => Some(a.min(b)),
            Binary::Max | Binary::Or => Some(a.max(b)),
            Binary::Coalesce => Some(a),
            Binary::Less => Some(truth(a < b)),
            Binary::AtMost => Some(truth(a <= b)),
            Binary::Greater => Some(truth(a > b)),
            Binary::AtLeast => Some(truth(a >= b)),
            Binary::Equal => Some(truth(a == b)),
            Binary::Unequal => Some(truth(a != b)),
        };
        result.ok_or(Gap::Overflow)
    }
}

fn truth(holds: bool) -> Decimal {
    if holds { Decimal::ONE } else { Decimal::ZERO }
}
