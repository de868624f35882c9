//! One value of a column in each of the types that cross the border: how it lies in memory, how a decimal becomes one, and what
//! decimal it is.
//!
//! A decimal goes out as the double nearest to it. A double comes in as the shortest text that stands for it and for no other, rounded half
//! to even to the places of an output: what its author would see printed.

use std::io::Write;

use metric_abi::{D128, MANTISSA_LIMIT, POISON, POISON_F64, POISON_I64};
use rust_decimal::Decimal;

use super::{Line, OUTPUT_SCALE};
use crate::outcome::Fault;

pub(crate) trait Slot: Copy + PartialEq {
    /// How many there are in a line.
    const IN_LINE: usize;
    /// What lies where nobody has written.
    const UNWRITTEN: Self;
    /// What lies where there is no value.
    const NOTHING: Self;

    fn get(line: &Line, index: usize) -> Self;

    fn put(self, line: &Line, index: usize);

    /// A value of an input at its scale; none where it would not fit.
    fn of(value: Decimal, scale: u32) -> Option<Self>;

    /// The value of an output that was written.
    fn decimal(self) -> Result<Decimal, Fault>;
}

impl Slot for D128 {
    const IN_LINE: usize = 4;
    const UNWRITTEN: D128 = D128::new(POISON);
    const NOTHING: D128 = D128::new(0);

    fn get(line: &Line, index: usize) -> D128 {
        D128 { lo: line.word(2 * index), hi: line.word(2 * index + 1) as i64 }
    }

    fn put(self, line: &Line, index: usize) {
        line.put_word(2 * index, self.lo);
        line.put_word(2 * index + 1, self.hi as u64);
    }

    fn of(value: Decimal, scale: u32) -> Option<D128> {
        mantissa(value, scale).map(D128::new)
    }

    fn decimal(self) -> Result<Decimal, Fault> {
        decimal(self.mantissa()).ok_or_else(out_of_range)
    }
}

impl Slot for i64 {
    const IN_LINE: usize = 8;
    const UNWRITTEN: i64 = POISON_I64;
    const NOTHING: i64 = 0;

    fn get(line: &Line, index: usize) -> i64 {
        line.word(index) as i64
    }

    fn put(self, line: &Line, index: usize) {
        line.put_word(index, self as u64);
    }

    fn of(value: Decimal, _: u32) -> Option<i64> {
        i64::try_from(mantissa(value, 0)?).ok().filter(|whole| *whole != POISON_I64)
    }

    fn decimal(self) -> Result<Decimal, Fault> {
        Ok(self.into())
    }
}

/// The bits of a double, since no two that are no numbers are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Double(pub u64);

impl Slot for Double {
    const IN_LINE: usize = 8;
    const UNWRITTEN: Double = Double(POISON_F64);
    const NOTHING: Double = Double(0);

    fn get(line: &Line, index: usize) -> Double {
        Double(line.word(index))
    }

    fn put(self, line: &Line, index: usize) {
        line.put_word(index, self.0);
    }

    fn of(value: Decimal, _: u32) -> Option<Double> {
        Some(Double(nearest(value).to_bits()))
    }

    fn decimal(self) -> Result<Decimal, Fault> {
        let value = f64::from_bits(self.0);
        if !value.is_finite() {
            return Err(Fault::new("F_NOT_FINITE", format!("the pack wrote {value}, which is no number")));
        }
        printed(value).ok_or_else(out_of_range)
    }
}

fn out_of_range() -> Fault {
    Fault::new("F_DECIMAL_RANGE", "the pack wrote a value with more than 28 digits")
}

/// The mantissa at a scale, rounded half to even where there are more digits; none where it would not fit.
pub(crate) fn mantissa(value: Decimal, scale: u32) -> Option<i128> {
    let value = if value.scale() > scale { value.round_dp(scale) } else { value };
    if value.scale() == scale {
        // Most columns: 96 bits, which always fit.
        return Some(value.mantissa());
    }
    let mantissa = value.mantissa().checked_mul(10i128.checked_pow(scale - value.scale())?)?;
    (mantissa.unsigned_abs() < MANTISSA_LIMIT.unsigned_abs()).then_some(mantissa)
}

/// The decimal of an output slot, without trailing zeros.
fn decimal(mut mantissa: i128) -> Option<Decimal> {
    if mantissa.unsigned_abs() >= MANTISSA_LIMIT.unsigned_abs() {
        return None;
    }
    let mut scale = OUTPUT_SCALE;
    // Nearly all are of one word, whose divisions take a tenth of the time.
    if let Ok(mut word) = i64::try_from(mantissa) {
        while scale > 0 && word % 10 == 0 {
            word /= 10;
            scale -= 1;
        }
        mantissa = word.into();
    } else {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

/// Whole numbers up to this are doubles, all of them.
const WHOLE: u64 = 1 << 53;

/// Powers of ten that are doubles, exactly.
const POWERS: [f64; 23] = {
    let mut powers = [1.0; 23];
    let mut power = 0;
    while power < powers.len() {
        powers[power] = 10u128.pow(power as u32) as f64;
        power += 1;
    }
    powers
};

/// The double nearest to a decimal, of two the even one.
pub(crate) fn nearest(value: Decimal) -> f64 {
    let (magnitude, scale) = (value.mantissa().unsigned_abs(), value.scale());
    let nearest = match scale {
        // One division of two doubles rounds once.
        0..=22 if magnitude <= WHOLE.into() => magnitude as f64 / POWERS[scale as usize],
        0..=21 => quotient(magnitude, scale),
        _ => value.abs().to_string().parse().unwrap_or_default(),
    };
    if value.is_sign_negative() { -nearest } else { nearest }
}

/// As many bits as there is room for are divided, more than a double has, and the last tells whether anything is left: so the
/// conversion rounds as it would with all of them.
fn quotient(magnitude: u128, scale: u32) -> f64 {
    let shift = magnitude.leading_zeros();
    let (dividend, divisor) = (magnitude << shift, 10u128.pow(scale));
    let quotient = (dividend / divisor) | u128::from(dividend % divisor != 0);
    quotient as f64 / (1u128 << shift) as f64
}

/// The decimal of a finite double, rounded to the places of an output; none where no decimal is so large.
fn printed(value: f64) -> Option<Decimal> {
    if value.trunc() == value && value.abs() <= WHOLE as f64 {
        return Some((value as i64).into());
    }
    let mut text = [0; 32];
    let mut rest = &mut text[..];
    write!(rest, "{value:e}").ok()?;
    let free = rest.len();
    let (digits, exponent) = std::str::from_utf8(&text[..text.len() - free]).ok()?.split_once('e')?;
    let fraction = digits.split_once('.').map_or("", |(_, fraction)| fraction);
    let magnitude = digits.bytes().filter(u8::is_ascii_digit).fold(0, |number, digit| number * 10 + i128::from(digit - b'0'));
    let mantissa = if value.is_sign_negative() { -magnitude } else { magnitude };
    let places = fraction.len() as i32 - exponent.parse::<i32>().ok()?;
    match u32::try_from(places) {
        Ok(places) if places > OUTPUT_SCALE => decimal(shortened(mantissa, places - OUTPUT_SCALE)),
        Ok(places) => Decimal::try_from_i128_with_scale(mantissa, places).ok(),
        Err(_) => Decimal::try_from_i128_with_scale(mantissa.checked_mul(10i128.checked_pow(places.unsigned_abs())?)?, 0).ok(),
    }
}

/// Without its last digits, rounded half to even.
fn shortened(mantissa: i128, digits: u32) -> i128 {
    // No mantissa of a double has so many.
    let Some(power) = 10i128.checked_pow(digits).filter(|_| digits < 20) else { return 0 };
    let (kept, rest) = (mantissa / power, (mantissa % power).abs() * 2);
    if rest > power || (rest == power && kept % 2 != 0) { kept + mantissa.signum() } else { kept }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use rust_decimal::Decimal;

    use super::{Double, Slot, decimal, mantissa, nearest, printed};

    #[test]
    fn decimals_round_half_to_even_and_lose_trailing_zeros() {
        for (text, scale, expected) in [("0.00005", 4, 0), ("0.00015", 4, 2), ("-0.00015", 4, -2), ("7", 2, 700)] {
            assert_eq!(mantissa(text.parse().unwrap(), scale), Some(expected), "{text}");
        }
        assert_eq!(decimal(1_500_000_000_000).unwrap().to_string(), "1.5");
        assert_eq!(decimal(10i128.pow(37)).unwrap().to_string(), "10000000000000000000000000");
        assert_eq!(decimal(-1).unwrap().to_string(), "-0.000000000001");
    }

    /// The SDK's side of the border has a function of its own, since a pack author builds nothing of the host.
    #[test]
    fn both_sides_of_the_border_round_and_refuse_alike() {
        let mut seed = 7u64;
        let mut next = || {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            seed >> 33
        };
        let edges = [Decimal::ZERO, Decimal::MAX, Decimal::MIN, Decimal::new(5, 28), Decimal::new(-25, 5), Decimal::new(i64::MIN, 12)];
        let random: Vec<Decimal> = (0..20_000)
            .map(|_| {
                let digits = i128::from(next()) << (next() % 60) | i128::from(next());
                let sign = if next() % 2 == 0 { 1 } else { -1 };
                Decimal::from_i128_with_scale(sign * (digits % (1 << 95)), (next() % 29) as u32)
            })
            .collect();
        for value in edges.into_iter().chain(random) {
            for scale in 0..=28 {
                assert_eq!(mantissa(value, scale), pack_sdk::expansion::mantissa(value, scale), "{value} at scale {scale}");
            }
        }
    }

    #[test]
    fn whole_numbers_fit_64_bits_but_for_the_one_that_is_poison() {
        let of = |text: &str| i64::of(text.parse().unwrap(), 0);
        assert_eq!(of("9223372036854775807"), Some(i64::MAX));
        assert_eq!(of("-9223372036854775807"), Some(i64::MIN + 1));
        for beyond in ["9223372036854775808", "-9223372036854775808", "79228162514264337593543950335"] {
            assert_eq!(of(beyond), None, "{beyond}");
        }
        assert_eq!((of("2.5"), of("3.5"), of("-0.5")), (Some(2), Some(4), Some(0)));
    }

    /// Rust reads a text as the double nearest to it.
    #[test]
    fn a_decimal_goes_out_as_the_double_nearest_to_it() {
        let mut texts: Vec<String> = [
            "0",
            "0.1",
            "-0.3",
            "1234567.8901",
            "9007199254740993",
            "9007199254740993.5",
            "-79228162514264337593543950335",
            "7922816251426433.7593543950335",
            "0.0000000000000000000000000001",
            "86400.123456789012",
            "0.1234567890123456789012345678",
            "4503599627370497.5",
            "4503599627370496.5",
            "1.0000000000000001110",
            "1.00000000000000011102230246251565404",
        ]
        .map(str::to_owned)
        .into();
        let mut seed = 1u64;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let mantissa = i128::from(seed as i64) * i128::from((seed >> 37) as i64 + 1);
            texts.push(Decimal::from_i128_with_scale(mantissa % (1 << 95), (seed >> 40) as u32 % 29).to_string());
        }
        for text in texts {
            let value = Decimal::from_str(&text).unwrap();
            assert_eq!(nearest(value).to_bits() << 1, value.to_string().parse::<f64>().unwrap().to_bits() << 1, "{text}");
        }
    }

    #[test]
    fn a_double_comes_in_as_it_is_printed_rounded_half_to_even() {
        for (value, expected) in [
            (0.1, "0.1"),
            (-0.0, "0"),
            (1.0 / 3.0, "0.333333333333"),
            (2.0 / 3.0, "0.666666666667"),
            (1e22, "10000000000000000000000"),
            (7e28, "70000000000000000000000000000"),
            (-123456.789, "-123456.789"),
            (9007199254740993.0, "9007199254740992"),
            (12345678901234567.0, "12345678901234568"),
            (0.0000000000005, "0"),
            (0.0000000000015, "0.000000000002"),
            (-0.0000000000015, "-0.000000000002"),
            (9.9e-13, "0.000000000001"),
            (5e-324, "0"),
            (f64::MIN_POSITIVE, "0"),
            (2.5e-12, "0.000000000002"),
        ] {
            assert_eq!(printed(value).unwrap().to_string(), expected, "{value}");
        }
        for beyond in [1e29, 8e28, -f64::MAX] {
            assert_eq!(printed(beyond), None, "{beyond}");
        }
        let code = |value: f64| Double(value.to_bits()).decimal().map_err(|fault| fault.code);
        assert_eq!((code(f64::NAN), code(f64::INFINITY)), (Err("F_NOT_FINITE".into()), Err("F_NOT_FINITE".into())));
        assert_eq!((code(1e300), code(0.5)), (Err("F_DECIMAL_RANGE".into()), Ok("0.5".parse().unwrap())));
    }

    #[test]
    fn what_goes_out_comes_in_again() {
        for text in ["0.1", "-2.675", "123456789.012345", "0.000000000001", "999999999999", "-0.333333333333"] {
            let value: Decimal = text.parse().unwrap();
            assert_eq!(Double::of(value, 0).unwrap().decimal(), Ok(value), "{text}");
        }
    }
}
