//! From text to tree: recursive descent, bounded in length, depth and number of parts, so that a hostile manifest cannot exhaust
//! the stack. Conditions and values are told apart here, so that nothing later has to ask.

use std::ops::Range;

use rust_decimal::prelude::ToPrimitive;

use super::number::exact;
use super::{Binary, Expression, FormulaError, Node, Unary};

const MAX_LENGTH: usize = 4096;
const MAX_DEPTH: usize = 64;
const MAX_PARTS: usize = 1000;
/// Results have no more places.
const MAX_DIGITS: u32 = 12;

/// What a function is called with.
#[derive(Clone, Copy)]
pub(super) enum Function {
    One(Unary),
    Pair(Binary),
    /// Two or more, put together from left to right.
    Chain(Binary),
    Round,
    If,
}

/// Every function by its name. Choices and comparisons have a spelling that is Rust as well.
pub(super) const FUNCTIONS: [(&str, Function); 20] = [
    ("if", Function::If),
    ("choose", Function::If),
    ("min", Function::Chain(Binary::Min)),
    ("max", Function::Chain(Binary::Max)),
    ("coalesce", Function::Chain(Binary::Coalesce)),
    ("growth", Function::Pair(Binary::Growth)),
    ("abs", Function::One(Unary::Abs)),
    ("round", Function::Round),
    ("all", Function::Chain(Binary::And)),
    ("any", Function::Chain(Binary::Or)),
    ("lt", Function::Pair(Binary::Less)),
    ("le", Function::Pair(Binary::AtMost)),
    ("gt", Function::Pair(Binary::Greater)),
    ("ge", Function::Pair(Binary::AtLeast)),
    ("eq", Function::Pair(Binary::Equal)),
    ("ne", Function::Pair(Binary::Unequal)),
    ("sqrt", Function::One(Unary::Sqrt)),
    ("exp", Function::One(Unary::Exp)),
    ("ln", Function::One(Unary::Ln)),
    ("pow", Function::Pair(Binary::Pow)),
];

/// Functions that came when there were packs already: elsewhere than before a parenthesis they are names like any other.
const LATER: [&str; 4] = ["sqrt", "exp", "ln", "pow"];

const AND: &str = "and";
const OR: &str = "or";
const NOT: &str = "not";

/// Those of two characters first, since `<` begins `<=`.
const COMPARISONS: [(&str, Binary); 6] = [
    ("<=", Binary::AtMost),
    (">=", Binary::AtLeast),
    ("==", Binary::Equal),
    ("!=", Binary::Unequal),
    ("<", Binary::Less),
    (">", Binary::Greater),
];

/// Whether a formula calls something by this name or reads it as an operator, so that nothing else can be called so.
pub(crate) fn is_word(name: &str) -> bool {
    [AND, OR, NOT].contains(&name) || (function(name).is_some() && !LATER.contains(&name))
}

fn function(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    parts: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser { text, at: 0, depth: 0, parts: 0 }
    }

    pub(super) fn parse(mut self) -> Result<Node, FormulaError> {
        if self.text.len() > MAX_LENGTH {
            let message = format!("a formula has at most {MAX_LENGTH} characters, and this has {}", self.text.len());
            return Err(FormulaError { text: self.text.chars().take(40).chain("…".chars()).collect(), at: 1, message });
        }
        let root = self.expression()?;
        match self.peek() {
            None => self.value(root),
            Some(found) => Err(self.fault(format!("expected an operator or the end, found `{found}`"))),
        }
    }

    fn expression(&mut self) -> Result<Node, FormulaError> {
        let mut left = self.conjunction()?;
        while self.word(OR) {
            let right = self.conjunction()?;
            left = self.binary(Binary::Or, left, right)?;
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Node, FormulaError> {
        let mut left = self.negated()?;
        while self.word(AND) {
            let right = self.negated()?;
            left = self.binary(Binary::And, left, right)?;
        }
        Ok(left)
    }

    fn negated(&mut self) -> Result<Node, FormulaError> {
        self.peek();
        let start = self.at;
        if !self.word(NOT) {
            return self.comparison();
        }
        self.deeper(|parser| {
            let inner = parser.negated()?;
            parser.unary(Unary::Not, start..inner.outer.end, inner)
        })
    }

    fn comparison(&mut self) -> Result<Node, FormulaError> {
        let left = self.sum()?;
        let Some(comparison) = self.symbol() else { return Ok(left) };
        let right = self.sum()?;
        let node = self.binary(comparison, left, right)?;
        if self.symbol().is_some() {
            return Err(self.fault("comparisons do not go on: join two of them with `and`".into()));
        }
        Ok(node)
    }

    fn sum(&mut self) -> Result<Node, FormulaError> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(&[('+', Binary::Add), ('-', Binary::Subtract)]) {
            let right = self.product()?;
            left = self.binary(operator, left, right)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, FormulaError> {
        let mut left = self.operand()?;
        while let Some(operator) = self.operator(&[('*', Binary::Multiply), ('/', Binary::Divide)]) {
            let right = self.operand()?;
            left = self.binary(operator, left, right)?;
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Node, FormulaError> {
        self.deeper(|parser| match parser.peek() {
            Some('-') => parser.negation(),
            Some('(') => parser.parenthesised(),
            Some(c) if c.is_ascii_digit() => parser.number(),
            Some(c) if c.is_ascii_alphabetic() => parser.name(),
            Some(c) => Err(parser.fault(format!("expected a number, a name or `(`, found `{c}`"))),
            None => Err(parser.fault("expected a number, a name or `(`, found the end".into())),
        })
    }

    fn deeper(&mut self, inner: impl FnOnce(&mut Parser<'a>) -> Result<Node, FormulaError>) -> Result<Node, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(format!("nested more than {MAX_DEPTH} deep")));
        }
        let node = inner(self);
        self.depth -= 1;
        node
    }

    fn negation(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        self.expect('-')?;
        let inner = self.operand()?;
        self.unary(Unary::Negate, start..inner.outer.end, inner)
    }

    fn parenthesised(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        self.expect('(')?;
        let inner = self.expression()?;
        self.expect(')')?;
        Ok(Node { outer: start..self.at, ..inner })
    }

    fn number(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        let text = self.take(|c| c.is_ascii_digit() || c == '.');
        let number =
            exact(text).ok_or_else(|| FormulaError { at: start + 1, ..self.fault(format!("`{text}` is not an exact decimal number")) })?;
        self.node(start..self.at, Expression::Number(number))
    }

    fn name(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        let end = self.at;
        if self.peek() != Some('(') {
            return self.node(start..end, Expression::Variable(name.to_owned()));
        }
        let Some(function) = function(name) else {
            let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
            let message = format!("there is no function `{name}`; there are {}", names.join(", "));
            return Err(FormulaError { at: start + 1, ..self.fault(message) });
        };
        let arguments = self.arguments()?;
        self.call(name, function, start..self.at, arguments)
    }

    fn arguments(&mut self) -> Result<Vec<Node>, FormulaError> {
        self.expect('(')?;
        let mut arguments = vec![self.expression()?];
        while self.peek() == Some(',') {
            self.expect(',')?;
            arguments.push(self.expression()?);
        }
        self.expect(')')?;
        Ok(arguments)
    }

    fn call(&mut self, name: &str, function: Function, span: Range<usize>, arguments: Vec<Node>) -> Result<Node, FormulaError> {
        let count = arguments.len();
        let mut arguments = arguments.into_iter();
        let node = match (function, arguments.next(), arguments.next(), arguments.next()) {
            (Function::One(unary), Some(only), None, _) => self.unary(unary, span.clone(), only)?,
            (Function::Pair(binary), Some(left), Some(right), None) => self.binary(binary, left, right)?,
            (Function::Round, Some(value), Some(digits), None) => {
                let digits = self.digits(&digits)?;
                self.unary(Unary::Round(digits), span.clone(), value)?
            }
            (Function::If, Some(condition), Some(holds), Some(otherwise)) if count == 3 => {
                let parts = [self.condition(condition)?, self.value(holds)?, self.value(otherwise)?];
                self.node(span.clone(), Expression::If(Box::new(parts)))?
            }
            (Function::Chain(binary), Some(first), Some(second), third) => {
                let mut chain = self.binary(binary, first, second)?;
                for next in third.into_iter().chain(arguments) {
                    chain = self.binary(binary, chain, next)?;
                }
                chain
            }
            _ => {
                let wanted = match function {
                    Function::One(_) => "one argument",
                    Function::Pair(_) => "two arguments",
                    Function::Round => "two arguments, a value and a number of digits",
                    Function::If => "three arguments, a condition and two values",
                    Function::Chain(_) => "two arguments or more",
                };
                let fault = self.fault(format!("`{name}` takes {wanted}, and here are {count}"));
                return Err(FormulaError { at: self.place(span.start), ..fault });
            }
        };
        Ok(Node { outer: span.clone(), span, ..node })
    }

    fn digits(&self, node: &Node) -> Result<u32, FormulaError> {
        let digits = match &node.expression {
            Expression::Number(number) if number.is_integer() => number.to_u32(),
            _ => None,
        };
        digits.filter(|digits| *digits <= MAX_DIGITS).ok_or_else(|| {
            let found = &self.text[node.outer.clone()];
            let message = format!("expected how many digits to round to, a whole number from 0 to {MAX_DIGITS}, found `{found}`");
            FormulaError { at: self.place(node.outer.start), ..self.fault(message) }
        })
    }

    fn unary(&mut self, unary: Unary, span: Range<usize>, inner: Node) -> Result<Node, FormulaError> {
        let inner = if unary == Unary::Not { self.condition(inner)? } else { self.value(inner)? };
        self.node(span, Expression::Unary(unary, Box::new(inner)))
    }

    fn binary(&mut self, binary: Binary, left: Node, right: Node) -> Result<Node, FormulaError> {
        let (left, right) = match binary {
            Binary::And | Binary::Or => (self.condition(left)?, self.condition(right)?),
            _ => (self.value(left)?, self.value(right)?),
        };
        self.node(left.outer.start..right.outer.end, Expression::Binary(binary, Box::new(left), Box::new(right)))
    }

    fn node(&mut self, span: Range<usize>, expression: Expression) -> Result<Node, FormulaError> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(self.fault(format!("more than {MAX_PARTS} numbers, names and operators")));
        }
        Ok(Node { outer: span.clone(), span, expression })
    }

    fn value(&self, node: Node) -> Result<Node, FormulaError> {
        if !node.is_condition() {
            return Ok(node);
        }
        Err(self.misplaced(&node, "expected a value, found the condition"))
    }

    fn condition(&self, node: Node) -> Result<Node, FormulaError> {
        if node.is_condition() {
            return Ok(node);
        }
        Err(self.misplaced(&node, "expected a condition such as `a < b`, found the value"))
    }

    fn misplaced(&self, node: &Node, message: &str) -> FormulaError {
        let found = &self.text[node.span.clone()];
        FormulaError { at: self.place(node.outer.start), ..self.fault(format!("{message} `{found}`")) }
    }

    fn operator(&mut self, operators: &[(char, Binary)]) -> Option<Binary> {
        let next = self.peek()?;
        let (_, operator) = operators.iter().find(|(c, _)| *c == next)?;
        self.at += 1;
        Some(*operator)
    }

    fn symbol(&mut self) -> Option<Binary> {
        self.peek();
        let (symbol, comparison) = COMPARISONS.iter().find(|(symbol, _)| self.text[self.at..].starts_with(symbol))?;
        self.at += symbol.len();
        Some(*comparison)
    }

    /// Whether this word is next; if so, it is taken.
    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let Some(rest) = self.text[self.at..].strip_prefix(word) else { return false };
        let found = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn expect(&mut self, expected: char) -> Result<(), FormulaError> {
        match self.peek() {
            Some(found) if found == expected => {
                self.at += 1;
                Ok(())
            }
            Some(found) => Err(self.fault(format!("expected `{expected}`, found `{found}`"))),
            None => Err(self.fault(format!("expected `{expected}`, found the end"))),
        }
    }

    /// The next character that is not blank.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let taken = &rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn place(&self, at: usize) -> usize {
        self.text[..at].chars().count() + 1
    }

    fn fault(&self, message: String) -> FormulaError {
        FormulaError { text: self.text.to_owned(), at: self.place(self.at), message }
    }
}
