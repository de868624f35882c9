#![doc = include_str!("../FORMULA.md")]

use std::fmt;
use std::ops::Range;

use rust_decimal::Decimal;

use self::number::Gap;
use self::parse::Parser;

mod degree;
mod number;
mod parse;
mod power;
mod program;

pub(crate) use self::number::exact;
pub(crate) use self::parse::is_word;
pub use self::program::{Answer, Program};

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
    #[error("`{text}` is not defined for such numbers")]
    Undefined { text: String },
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
    Unary(Unary, Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    /// A condition, and what is taken where it holds and where it does not.
    If(Box<[Node; 3]>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unary {
    Negate,
    Not,
    Abs,
    Sqrt,
    Exp,
    Ln,
    /// To so many places, halves away from zero.
    Round(u32),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    Unequal,
    And,
    Or,
    Min,
    Max,
    Coalesce,
    Growth,
    Pow,
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

    /// The value over the given variables, or why there is none. For whole columns, where reasons are not asked for, see
    /// [`Program`].
    pub fn evaluate(&self, variable: &dyn Fn(&str) -> Option<Decimal>) -> Result<Decimal, Null> {
        self.value(&self.root, variable)
    }

    fn value(&self, node: &Node, variable: &dyn Fn(&str) -> Option<Decimal>) -> Result<Decimal, Null> {
        match &node.expression {
            Expression::Number(number) => Ok(*number),
            Expression::Variable(name) => variable(name).ok_or_else(|| Null::Unknown { input: name.clone() }),
            Expression::Unary(unary, inner) => {
                let value = self.value(inner, variable)?;
                unary.apply(value).map_err(|gap| self.reason(gap, node, inner))
            }
            Expression::Binary(Binary::Coalesce, left, right) => match self.value(left, variable) {
                Ok(value) => Ok(value),
                Err(Null::Overflow) => Err(Null::Overflow),
                Err(_) => self.value(right, variable),
            },
            Expression::Binary(binary, left, right) => {
                let (a, b) = (self.value(left, variable)?, self.value(right, variable));
                let b = if *binary == Binary::Growth { self.baseline(b, right)? } else { b? };
                binary.apply(a, b).map_err(|gap| self.reason(gap, node, right))
            }
            Expression::If(parts) => {
                let [condition, holds, otherwise] = &**parts;
                let taken = if self.value(condition, variable)?.is_zero() { otherwise } else { holds };
                self.value(taken, variable)
            }
        }
    }

    /// What a growth lacks is an earlier value, whatever that one lacks.
    fn baseline(&self, before: Result<Decimal, Null>, node: &Node) -> Result<Decimal, Null> {
        before.map_err(|null| match null {
            Null::Unknown { input } => Null::NoBaseline { input },
            Null::Overflow => Null::Overflow,
            _ => Null::NoBaseline { input: self.quote(node) },
        })
    }

    fn reason(&self, gap: Gap, whole: &Node, right: &Node) -> Null {
        match gap {
            Gap::ZeroDenominator => Null::ZeroDenominator { text: self.quote(right) },
            Gap::NegativeBase => Null::NegativeBase,
            Gap::Undefined => Null::Undefined { text: self.quote(whole) },
            Gap::Overflow => Null::Overflow,
        }
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

impl Binary {
    fn is_condition(self) -> bool {
        use Binary::{And, AtLeast, AtMost, Equal, Greater, Less, Or, Unequal};
        matches!(self, Less | AtMost | Greater | AtLeast | Equal | Unequal | And | Or)
    }
}

impl Node {
    fn is_condition(&self) -> bool {
        match &self.expression {
            Expression::Unary(unary, _) => *unary == Unary::Not,
            Expression::Binary(binary, ..) => binary.is_condition(),
            Expression::Number(_) | Expression::Variable(_) | Expression::If(_) => false,
        }
    }

    fn parts(&self) -> Vec<&Node> {
        match &self.expression {
            Expression::Number(_) | Expression::Variable(_) => Vec::new(),
            Expression::Unary(_, inner) => vec![inner],
            Expression::Binary(_, left, right) => vec![left, right],
            Expression::If(parts) => parts.iter().collect(),
        }
    }

    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        match &self.expression {
            Expression::Variable(name) if !names.contains(&name.as_str()) => names.push(name),
            _ => self.parts().into_iter().for_each(|part| part.collect(names)),
        }
    }
}

#[cfg(test)]
mod tests;
