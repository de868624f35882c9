//! The definition of a metric as text: parsed, asked for its variables, and evaluated exactly.
//!
//! A formula knows numbers, names, `+ - * /`, unary minus, parentheses and four functions: `min`, `max`, `coalesce` and
//! `growth(now, before)`. It has no assignment, no comparison and no way to reach anything but its variables. A result is a
//! decimal or a reason why there is none; it is never a silent zero. Operands are evaluated from left to right and the first
//! one without a value decides the reason, as the operators of the pack SDK do.

use std::fmt;
use std::ops::Range;

use rust_decimal::Decimal;

use self::parse::Parser;

mod parse;

/// A parsed formula. It remembers its text, so that a reason can quote the part it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    text: String,
    root: Node,
}

/// Where and why a text is not a formula.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of `{text}`: {message}")]
pub struct FormulaError {
    pub text: String,
    /// Counted from 1.
    pub at: usize,
    pub message: String,
}

/// Why a formula has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Null {
    #[error("`{input}` is not known")]
    Unknown { input: String },
    #[error("`{text}` is zero, and nothing can be divided by it")]
    ZeroDenominator { text: String },
    #[error("growth from a negative base is not defined")]
    NegativeBase,
    #[error("there is no earlier value of `{input}` to compare with")]
    NoBaseline { input: String },
    #[error("the result is too large for an exact decimal")]
    Overflow,
}

#[derive(Clone, Debug, PartialEq)]
struct Node {
    /// Its own text, which is what a reason quotes.
    span: Range<usize>,
    /// Its text with the parentheses around it, which is where what holds it begins and ends.
    outer: Range<usize>,
    expression: Expression,
}

#[derive(Clone, Debug, PartialEq)]
enum Expression {
    Number(Decimal),
    Variable(String),
    Negate(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Call(Function, Box<Node>, Box<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Min,
    Max,
    Coalesce,
    Growth,
}

/// What a formula calls by name or reads as an operator, so that nothing else can be called so.
const WORDS: [&str; 20] = [
    "if", "and", "or", "not", "min", "max", "coalesce", "growth", "abs", "round", "choose", "all", "any", "lt", "le", "gt", "ge", "eq",
    "ne", "between",
];

pub(crate) fn is_word(name: &str) -> bool {
    WORDS.contains(&name)
}

impl Formula {
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        let root = Parser::new(text).parse()?;
        Ok(Formula { text: text.to_owned(), root })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names used, each once, in order of first use.
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.collect(&mut names);
        names
    }

    /// The value over the given variables, or why there is none.
    pub fn evaluate(&self, variable: &dyn Fn(&str) -> Option<Decimal>) -> Result<Decimal, Null> {
        self.value(&self.root, variable)
    }

    fn value(&self, node: &Node, variable: &dyn Fn(&str) -> Option<Decimal>) -> Result<Decimal, Null> {
        match &node.expression {
            Expression::Number(number) => Ok(*number),
            Expression::Variable(name) => variable(name).ok_or_else(|| Null::Unknown { input: name.clone() }),
            Expression::Negate(inner) => self.value(inner, variable).map(|value| -value),
            Expression::Binary(operator, left, right) => {
                let (a, b) = (self.value(left, variable)?, self.value(right, variable)?);
                self.apply(*operator, a, b, right)
            }
            Expression::Call(function, left, right) => self.call(*function, left, right, variable),
        }
    }

    fn apply(&self, operator: Operator, a: Decimal, b: Decimal, right: &Node) -> Result<Decimal, Null> {
        let result = match operator {
            Operator::Add => a.checked_add(b),
            Operator::Subtract => a.checked_sub(b),
            Operator::Multiply => a.checked_mul(b),
            Operator::Divide if b.is_zero() => return Err(Null::ZeroDenominator { text: self.quote(right) }),
            Operator::Divide => a.checked_div(b),
        };
        result.ok_or(Null::Overflow)
    }

    fn call(&self, function: Function, left: &Node, right: &Node, variable: &dyn Fn(&str) -> Option<Decimal>) -> Result<Decimal, Null> {
        let first = self.value(left, variable);
        match function {
            Function::Coalesce => match first {
                Ok(_) | Err(Null::Overflow) => first,
                Err(_) => self.value(right, variable),
            },
            Function::Min => Ok(first?.min(self.value(right, variable)?)),
            Function::Max => Ok(first?.max(self.value(right, variable)?)),
            Function::Growth => self.growth(first?, self.value(right, variable), right),
        }
    }

    /// A change is only a rate where there is something positive to change from.
    fn growth(&self, now: Decimal, before: Result<Decimal, Null>, right: &Node) -> Result<Decimal, Null> {
        let before = match before {
            Ok(before) => before,
            Err(Null::Unknown { input }) => return Err(Null::NoBaseline { input }),
            Err(Null::Overflow) => return Err(Null::Overflow),
            Err(_) => return Err(Null::NoBaseline { input: self.quote(right) }),
        };
        if before.is_zero() {
            return Err(Null::ZeroDenominator { text: self.quote(right) });
        }
        if before.is_sign_negative() {
            return Err(Null::NegativeBase);
        }
        now.checked_sub(before).and_then(|change| change.checked_div(before)).ok_or(Null::Overflow)
    }

    fn quote(&self, node: &Node) -> String {
        self.text[node.span.clone()].to_owned()
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Node {
    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        match &self.expression {
            Expression::Number(_) => {}
            Expression::Variable(name) if names.contains(&name.as_str()) => {}
            Expression::Variable(name) => names.push(name),
            Expression::Negate(inner) => inner.collect(names),
            Expression::Binary(_, left, right) | Expression::Call(_, left, right) => {
                left.collect(names);
                right.collect(names);
            }
        }
    }
}

#[cfg(test)]
mod tests;
