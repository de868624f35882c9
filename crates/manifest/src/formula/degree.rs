//! How a formula grows with some of its inputs: multiply those by k, and its value is multiplied by k to the power of its degree.
//!
//! A sum of money is of degree 1, a quotient of two sums of degree 0. Where parts of unlike degrees are added or compared, it has
//! none that could be relied on.

use super::{Binary, Expression, Formula, Node, Unary};

/// Of a part of a formula.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Degree {
    /// Zero stays zero, so it goes with anything.
    Any,
    Of(i32),
}

impl Formula {
    /// The degree in those variables that `grows` names; none where it has none. It holds for positive factors.
    pub fn degree(&self, grows: &dyn Fn(&str) -> bool) -> Option<i32> {
        match self.root.degree(grows)? {
            Degree::Any => Some(0),
            Degree::Of(degree) => Some(degree),
        }
    }
}

impl Node {
    fn degree(&self, grows: &dyn Fn(&str) -> bool) -> Option<Degree> {
        match &self.expression {
            Expression::Number(number) if number.is_zero() => Some(Degree::Any),
            Expression::Number(_) => Some(Degree::Of(0)),
            Expression::Variable(name) => Some(Degree::Of(grows(name).into())),
            Expression::Unary(Unary::Negate | Unary::Abs, inner) => inner.degree(grows),
            // What is rounded to a place, or is a condition, must not grow at all.
            Expression::Unary(Unary::Round(_) | Unary::Not, inner) => inner.degree(grows)?.alike(Degree::Of(0)),
            Expression::Binary(binary, left, right) => binary.degree(left.degree(grows)?, right.degree(grows)?),
            Expression::If(parts) => {
                let [condition, holds, otherwise] = &**parts;
                condition.degree(grows)?;
                holds.degree(grows)?.alike(otherwise.degree(grows)?)
            }
        }
    }
}

impl Binary {
    fn degree(self, left: Degree, right: Degree) -> Option<Degree> {
        match (self, left, right) {
            (Binary::Multiply, Degree::Of(left), Degree::Of(right)) => left.checked_add(right).map(Degree::Of),
            (Binary::Divide, Degree::Of(left), Degree::Of(right)) => left.checked_sub(right).map(Degree::Of),
            (Binary::Multiply | Binary::Divide, ..) => Some(Degree::Any),
            (Binary::Growth, ..) => left.alike(right).map(|_| Degree::Of(0)),
            _ if self.is_condition() => left.alike(right).map(|_| Degree::Of(0)),
            _ => left.alike(right),
        }
    }
}

impl Degree {
    fn alike(self, other: Degree) -> Option<Degree> {
        match (self, other) {
            (Degree::Any, degree) | (degree, Degree::Any) => Some(degree),
            (Degree::Of(one), Degree::Of(two)) => (one == two).then_some(self),
        }
    }
}
