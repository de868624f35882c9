//! From text to tree: recursive descent, bounded in length and depth so that a hostile manifest cannot exhaust the stack.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{Expression, FormulaError, Function, Node, Operator};

const MAX_LENGTH: usize = 4096;
const MAX_DEPTH: usize = 64;

pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser { text, at: 0, depth: 0 }
    }

    pub(super) fn parse(mut self) -> Result<Node, FormulaError> {
        if self.text.len() > MAX_LENGTH {
            let message = format!("a formula has at most {MAX_LENGTH} characters, and this has {}", self.text.len());
            return Err(FormulaError { text: self.text.chars().take(40).chain("…".chars()).collect(), at: 1, message });
        }
        let root = self.sum()?;
        match self.peek() {
            None => Ok(root),
            Some(found) => Err(self.fault(format!("expected an operator or the end, found `{found}`"))),
        }
    }

    fn sum(&mut self) -> Result<Node, FormulaError> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(&[('+', Operator::Add), ('-', Operator::Subtract)]) {
            left = binary(operator, left, self.product()?);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, FormulaError> {
        let mut left = self.operand()?;
        while let Some(operator) = self.operator(&[('*', Operator::Multiply), ('/', Operator::Divide)]) {
            left = binary(operator, left, self.operand()?);
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Node, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(format!("nested more than {MAX_DEPTH} deep")));
        }
        let operand = match self.peek() {
            Some('-') => self.negation(),
            Some('(') => self.parenthesised(),
            Some(c) if c.is_ascii_digit() => self.number(),
            Some(c) if c.is_ascii_alphabetic() => self.name(),
            Some(c) => Err(self.fault(format!("expected a number, a name or `(`, found `{c}`"))),
            None => Err(self.fault("expected a number, a name or `(`, found the end".into())),
        };
        self.depth -= 1;
        operand
    }

    fn negation(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        self.expect('-')?;
        let inner = self.operand()?;
        Ok(node(start..inner.outer.end, Expression::Negate(Box::new(inner))))
    }

    fn parenthesised(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        self.expect('(')?;
        let inner = self.sum()?;
        self.expect(')')?;
        Ok(Node { outer: start..self.at, ..inner })
    }

    fn number(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        let text = self.take(|c| c.is_ascii_digit() || c == '.');
        let number = Decimal::from_str_exact(text)
            .map_err(|_| FormulaError { at: start + 1, ..self.fault(format!("`{text}` is not an exact decimal number")) })?;
        Ok(node(start..self.at, Expression::Number(number)))
    }

    fn name(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        let end = self.at;
        if self.peek() != Some('(') {
            return Ok(node(start..end, Expression::Variable(name.to_owned())));
        }
        let Some(function) = function(name) else {
            return Err(FormulaError {
                at: start + 1,
                ..self.fault(format!("there is no function `{name}`; there are min, max, coalesce and growth"))
            });
        };
        self.expect('(')?;
        let left = self.sum()?;
        self.expect(',')?;
        let right = self.sum()?;
        self.expect(')')?;
        Ok(node(start..self.at, Expression::Call(function, Box::new(left), Box::new(right))))
    }

    fn operator(&mut self, operators: &[(char, Operator)]) -> Option<Operator> {
        let next = self.peek()?;
        let (_, operator) = operators.iter().find(|(c, _)| *c == next)?;
        self.at += 1;
        Some(*operator)
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

    fn fault(&self, message: String) -> FormulaError {
        FormulaError { text: self.text.to_owned(), at: self.text[..self.at].chars().count() + 1, message }
    }
}

fn binary(operator: Operator, left: Node, right: Node) -> Node {
    node(left.outer.start..right.outer.end, Expression::Binary(operator, Box::new(left), Box::new(right)))
}

fn node(span: Range<usize>, expression: Expression) -> Node {
    Node { outer: span.clone(), span, expression }
}

fn function(name: &str) -> Option<Function> {
    match name {
        "min" => Some(Function::Min),
        "max" => Some(Function::Max),
        "coalesce" => Some(Function::Coalesce),
        "growth" => Some(Function::Growth),
        _ => None,
    }
}
