//! The SDK's numbers and the host's formula language are one: random formulas over random numbers come to the same in Rust, in the
//! host's reading that gives reasons, and in its reading of whole columns.

use manifest::{Answer, Formula, Null, Program};
use pack_sdk::{Condition, Num};
use rust_decimal::Decimal;

/// Numbers that look random and are the same in every run (the constants of Knuth's MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % end
    }

    /// Nothing, zero, small, fractional, negative, and so large that arithmetic runs over.
    fn value(&mut self) -> Option<Decimal> {
        match self.below(20) {
            0 => None,
            1 => Some(Decimal::ZERO),
            2 | 6 => Some(Decimal::MAX / Decimal::from(self.below(9) + 1)),
            3 => Some(-Decimal::new(self.below(2000) as i64, 2)),
            4 => Some(Decimal::new(self.below(1000) as i64 * 5 + 1, 3)),
            _ => Some(Decimal::from(self.below(6))),
        }
    }
}

/// A formula's text, and what it comes to in Rust.
struct Value(String, Num);

struct Truth(String, Condition);

struct Formulas<'a> {
    numbers: Numbers,
    variables: &'a [(String, Num)],
}

impl Formulas<'_> {
    fn value(&mut self, depth: u32) -> Value {
        if depth == 0 {
            return self.leaf();
        }
        match self.numbers.below(13) {
            0 => self.leaf(),
            1 => {
                let Value(text, value) = self.value(depth - 1);
                Value(format!("-{text}"), -value)
            }
            2 => {
                let Value(text, value) = self.value(depth - 1);
                Value(format!("abs({text})"), pack_sdk::abs(value))
            }
            3 => {
                let (Value(text, value), digits) = (self.value(depth - 1), self.numbers.below(4) as u32);
                Value(format!("round({text}, {digits})"), pack_sdk::round(value, digits))
            }
            4 => self.two(depth, |a, b| format!("min({a}, {b})"), pack_sdk::min),
            5 => self.two(depth, |a, b| format!("max({a}, {b})"), pack_sdk::max),
            6 => self.two(depth, |a, b| format!("coalesce({a}, {b})"), pack_sdk::coalesce),
            7 => self.two(depth, |a, b| format!("growth({a}, {b})"), pack_sdk::growth),
            8 => self.two(depth, |a, b| format!("({a} + {b})"), |a, b| a + b),
            9 => self.two(depth, |a, b| format!("({a} - {b})"), |a, b| a - b),
            10 => self.two(depth, |a, b| format!("({a} * {b})"), |a, b| a * b),
            11 => self.two(depth, |a, b| format!("({a} / {b})"), |a, b| a / b),
            _ => {
                let (Truth(condition, holds), Value(a, first), Value(b, second)) =
                    (self.condition(depth - 1), self.value(depth - 1), self.value(depth - 1));
                let name = if self.numbers.below(2) == 0 { "if" } else { "choose" };
                Value(format!("{name}({condition}, {a}, {b})"), pack_sdk::choose(holds, first, second))
            }
        }
    }

    fn leaf(&mut self) -> Value {
        match self.numbers.below(8) {
            0 => Value("2".into(), 2.into()),
            1 => Value("0.25".into(), 0.25.into()),
            _ => {
                let (name, value) = &self.variables[self.numbers.below(self.variables.len() as u64) as usize];
                Value(name.clone(), *value)
            }
        }
    }

    fn two(&mut self, depth: u32, write: impl Fn(&str, &str) -> String, compute: impl Fn(Num, Num) -> Num) -> Value {
        let (Value(a, first), Value(b, second)) = (self.value(depth - 1), self.value(depth - 1));
        Value(write(&a, &b), compute(first, second))
    }

    fn condition(&mut self, depth: u32) -> Truth {
        if depth == 0 || self.numbers.below(2) == 0 {
            return self.comparison(depth);
        }
        let Truth(a, first) = self.condition(depth - 1);
        if self.numbers.below(3) == 0 {
            return Truth(format!("not({a})"), pack_sdk::not(first));
        }
        let Truth(b, second) = self.condition(depth - 1);
        match self.numbers.below(4) {
            0 => Truth(format!("({a} and {b})"), pack_sdk::all(first, second)),
            1 => Truth(format!("all({a}, {b})"), pack_sdk::all(first, second)),
            2 => Truth(format!("({a} or {b})"), pack_sdk::any(first, second)),
            _ => Truth(format!("any({a}, {b})"), pack_sdk::any(first, second)),
        }
    }

    fn comparison(&mut self, depth: u32) -> Truth {
        type Compare = fn(Num, Num) -> Condition;
        let comparisons: [(&str, &str, Compare); 6] = [
            ("<", "lt", pack_sdk::lt),
            ("<=", "le", pack_sdk::le),
            (">", "gt", pack_sdk::gt),
            (">=", "ge", pack_sdk::ge),
            ("==", "eq", pack_sdk::eq),
            ("!=", "ne", pack_sdk::ne),
        ];
        let (symbol, name, compare) = comparisons[self.numbers.below(6) as usize];
        let (Value(a, first), Value(b, second)) = (self.value(depth), self.value(depth));
        let text = if self.numbers.below(2) == 0 { format!("({a} {symbol} {b})") } else { format!("{name}({a}, {b})") };
        Truth(text, compare(first, second))
    }
}

#[test]
fn random_formulas_come_to_the_same_on_both_sides() {
    let (mut numbers, mut seen) = (Numbers(7), [0; 3]);
    for seed in 0..4000 {
        let names = ["a", "b", "c", "d"];
        let values: Vec<Option<Decimal>> = names.iter().map(|_| numbers.value()).collect();
        let variables: Vec<(String, Num)> =
            names.iter().zip(&values).map(|(name, value)| ((*name).into(), value.map_or(Num::Null, Num::Value))).collect();
        let Value(text, in_rust) = Formulas { numbers: Numbers(seed), variables: &variables }.value(4);
        let formula = Formula::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        let by_name = |name: &str| values[names.iter().position(|known| *known == name).expect("a variable")];
        let read = match formula.evaluate(&by_name) {
            Ok(value) => Num::Value(value),
            Err(Null::Overflow) => Num::Overflow,
            Err(_) => Num::Null,
        };
        assert_eq!(read, in_rust, "{text} over {values:?}");
        let columns: Vec<&[Option<Decimal>]> = values.iter().map(std::slice::from_ref).collect();
        let computed = match Program::new(&formula, names, []).evaluate(&columns, &[], 1)[0] {
            Answer::Null => Num::Null,
            Answer::Value(value) => Num::Value(value),
            Answer::Overflow => Num::Overflow,
        };
        assert_eq!(computed, in_rust, "{text} over {values:?}");
        let kind = usize::from(in_rust == Num::Null) + 2 * usize::from(in_rust == Num::Overflow);
        seen[kind] += 1;
    }
    assert!(seen.iter().all(|count| *count > 100), "each kind of answer must be met often: {seen:?}");
}
