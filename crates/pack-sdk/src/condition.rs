//! What a comparison of two numbers comes to: it holds, it does not, or nobody can say.
//!
//! Rust's own comparisons know no third answer, so formulas compare with functions: `choose(lt(a, b), a, b)`. The formula language
//! has the same words, and reads `if(a < b, a, b)` as the same.

use crate::num::Num;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A number that it asks about has no value.
    Null,
    Known(bool),
    /// A number that it asks about is too large.
    Overflow,
}

impl Condition {
    /// Of two that nobody can say, the left one decides.
    fn with(self, other: Condition, combine: impl FnOnce(bool, bool) -> bool) -> Condition {
        match (self, other) {
            (Condition::Known(a), Condition::Known(b)) => Condition::Known(combine(a, b)),
            (Condition::Known(_), unknown) | (unknown, _) => unknown,
        }
    }
}

/// Stamps a comparison out under its name.
macro_rules! comparison {
    ($($(#[$doc:meta])* $name:ident: $operator:tt;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(a: impl Into<Num>, b: impl Into<Num>) -> Condition {
                match (a.into(), b.into()) {
                    (Num::Value(a), Num::Value(b)) => Condition::Known(a $operator b),
                    (Num::Value(_), Num::Null) | (Num::Null, _) => Condition::Null,
                    (Num::Value(_), Num::Overflow) | (Num::Overflow, _) => Condition::Overflow,
                }
            }
        )*
    };
}

comparison! {
    /// `a < b`
    lt: <;
    /// `a <= b`
    le: <=;
    /// `a > b`
    gt: >;
    /// `a >= b`
    ge: >=;
    /// `a == b`, by number: 1.50 is 1.5.
    eq: ==;
    /// `a != b`
    ne: !=;
}

/// Both hold. Where one of them nobody can say, nobody can say whether both do.
pub fn all(a: Condition, b: Condition) -> Condition {
    a.with(b, |a, b| a && b)
}

/// One of them holds, and of neither it is unknown whether it does.
pub fn any(a: Condition, b: Condition) -> Condition {
    a.with(b, |a, b| a || b)
}

pub fn not(a: Condition) -> Condition {
    a.with(a, |a, _| !a)
}

/// The first value where the condition holds, else the second. What is not taken may be anything.
pub fn choose(condition: Condition, holds: impl Into<Num>, otherwise: impl Into<Num>) -> Num {
    match condition {
        Condition::Known(true) => holds.into(),
        Condition::Known(false) => otherwise.into(),
        Condition::Null => Num::Null,
        Condition::Overflow => Num::Overflow,
    }
}
