//! Roots, powers, exponentials and logarithms of decimals, right to some 26 digits, the same on every machine to that.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::number::Gap;

const LN_2: Decimal = Decimal::from_parts(0xaa7a_65bf, 0x81f5_2f01, 0x1665_943f, false, 28);
/// Whole exponents up to this are multiplied out.
const MULTIPLIED: i64 = 1000;
/// Below this, an exponential has no digit among 28 places.
const NOTHING: i64 = -65;
/// Above this, it has more than 28 digits.
const TOO_MUCH: i64 = 67;

pub(super) fn sqrt(a: Decimal) -> Result<Decimal, Gap> {
    if a.is_zero() {
        return Ok(a);
    }
    let guess = a.to_f64().filter(|_| a.is_sign_positive()).map(f64::sqrt).and_then(Decimal::from_f64).ok_or(Gap::Undefined)?;
    // Each step doubles the 15 digits that a guess has.
    let better = |root: Decimal| a.checked_div(root).and_then(|other| root.checked_add(other)).map(|sum| sum / Decimal::TWO);
    Ok(better(guess).and_then(better).unwrap_or(guess))
}

pub(super) fn exp(a: Decimal) -> Result<Decimal, Gap> {
    if a < NOTHING.into() {
        return Ok(Decimal::ZERO);
    }
    if a > TOO_MUCH.into() {
        return Err(Gap::Overflow);
    }
    if a.is_sign_negative() {
        return exp(-a).map(|inverse| Decimal::ONE / inverse);
    }
    // 2 to the power of a whole number, times what is left: less than ln 2, so that the series is short.
    let doublings = (a / LN_2).floor();
    let whole = doublings.to_u32().filter(|doublings| *doublings < 96).ok_or(Gap::Overflow)?;
    let rest = a - doublings * LN_2;
    let (mut sum, mut term, mut nth) = (Decimal::ONE, Decimal::ONE, Decimal::ONE);
    while !term.is_zero() {
        term = term * rest / nth;
        sum += term;
        nth += Decimal::ONE;
    }
    sum.checked_mul(Decimal::from_i128_with_scale(1 << whole, 0)).ok_or(Gap::Overflow)
}

pub(super) fn ln(a: Decimal) -> Result<Decimal, Gap> {
    if a <= Decimal::ZERO {
        return Err(Gap::Undefined);
    }
    if a < Decimal::ONE {
        return ln(Decimal::ONE / a).map(|inverse| -inverse);
    }
    // Halved until it is small enough to be added to itself.
    let halvings = a.to_f64().unwrap_or(1.0).log2() as u32 / 2;
    let rest = a / Decimal::from_i128_with_scale(1 << halvings, 0);
    let guess = rest.to_f64().map(f64::ln).and_then(Decimal::from_f64).ok_or(Gap::Overflow)?;
    // A step of Halley's triples the 15 digits that a guess has.
    let found = exp(guess)?;
    Ok(guess + Decimal::TWO * (rest - found) / (rest + found) + Decimal::from(halvings) * LN_2)
}

pub(super) fn pow(a: Decimal, b: Decimal) -> Result<Decimal, Gap> {
    match b.to_i64().filter(|whole| b.is_integer() && whole.abs() <= MULTIPLIED) {
        Some(whole) if whole < 0 && a.is_zero() => Err(Gap::Undefined),
        Some(whole) => multiplied(if whole < 0 { Decimal::ONE / a } else { a }, whole.unsigned_abs()),
        None if a.is_zero() && b.is_sign_positive() => Ok(a),
        None => exp(b.checked_mul(ln(a)?).ok_or(Gap::Overflow)?),
    }
}

fn multiplied(mut base: Decimal, mut exponent: u64) -> Result<Decimal, Gap> {
    let mut result = Decimal::ONE;
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result.checked_mul(base).ok_or(Gap::Overflow)?;
        }
        exponent /= 2;
        if exponent > 0 {
            base = base.checked_mul(base).ok_or(Gap::Overflow)?;
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{LN_2, exp, ln, pow, sqrt};
    use crate::formula::number::Gap;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    /// To so many places.
    fn rounds_to(found: Result<Decimal, Gap>, text: &str) {
        let expected = decimal(text);
        let found = found.expect("a value").round_dp(expected.scale());
        assert_eq!(found, expected);
    }

    #[test]
    fn they_are_right_to_the_last_places_that_anybody_sees() {
        assert_eq!(LN_2, decimal("0.6931471805599453094172321215"));
        rounds_to(sqrt(decimal("2")), "1.41421356237309504880168872");
        rounds_to(sqrt(decimal("79228162514264337593543950335")), "281474976710656.00000000000");
        rounds_to(sqrt(decimal("0.0000000000000000000000000001")), "0.00000000000001");
        rounds_to(exp(decimal("1")), "2.71828182845904523536028747");
        rounds_to(exp(decimal("-1")), "0.36787944117144232159552377");
        rounds_to(exp(decimal("0.001")), "1.00100050016670834166805575");
        rounds_to(exp(decimal("25.5")), "118716009132.169651");
        rounds_to(exp(decimal("-40")), "0.00000000000000000424835");
        rounds_to(ln(decimal("2")), "0.69314718055994530941723212");
        rounds_to(ln(decimal("10")), "2.30258509299404568401799145");
        rounds_to(ln(decimal("0.0000000000000000000000000001")), "-64.47238260383327915250376");
        rounds_to(ln(decimal("79228162514264337593543950335")), "66.5421293337547497");
        rounds_to(pow(decimal("2"), decimal("0.5")), "1.4142135623730950488016887");
        rounds_to(pow(decimal("1.01"), decimal("365")), "37.783434332887159");
    }

    #[test]
    fn what_is_exact_stays_exact() {
        for (a, root) in [("4", "2"), ("2.25", "1.5"), ("0", "0"), ("0.0001", "0.01"), ("1000000000000", "1000000")] {
            assert_eq!(sqrt(decimal(a)), Ok(decimal(root)), "{a}");
        }
        assert_eq!((exp(Decimal::ZERO), ln(Decimal::ONE)), (Ok(Decimal::ONE), Ok(Decimal::ZERO)));
        for (a, b, power) in
            [("2", "10", "1024"), ("-2", "3", "-8"), ("4", "-1", "0.25"), ("0", "0", "1"), ("0", "2.5", "0"), ("10", "-50", "0")]
        {
            assert_eq!(pow(decimal(a), decimal(b)), Ok(decimal(power)), "{a} to the power of {b}");
        }
    }

    #[test]
    fn what_is_not_defined_is_not_too_large() {
        let undefined = [
            sqrt(-Decimal::ONE),
            ln(Decimal::ZERO),
            ln(-Decimal::ONE),
            pow(Decimal::ZERO, -Decimal::ONE),
            pow(-Decimal::TWO, decimal("0.5")),
        ];
        assert!(undefined.iter().all(|found| *found == Err(Gap::Undefined)), "{undefined:?}");
        let large =
            [exp(decimal("67")), exp(Decimal::MAX), pow(Decimal::TEN, decimal("29")), pow(decimal("1.5"), decimal("1000000000000.5"))];
        assert!(large.iter().all(|found| *found == Err(Gap::Overflow)), "{large:?}");
        assert_eq!((exp(decimal("-66")), exp(Decimal::MIN)), (Ok(Decimal::ZERO), Ok(Decimal::ZERO)));
    }
}
