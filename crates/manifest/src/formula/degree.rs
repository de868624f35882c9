//! How a formula grows with some of its inputs: multiply those by k, and its value is multiplied by k to the power of its degree.
//!
//! A sum of money is of degree 1, a quotient of two sums of degree 0. Where parts of unlike degrees are added or compared, it has
//! none that could be relied on. And whether it is a mere sum of some inputs.

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

    /// Whether it is a sum or difference of the named variables, each at most multiplied with something that is none of them:
    /// then the values over the parts of something are the value over the whole.
    pub fn adds_up(&self, adds_up: &dyn Fn(&str) -> bool) -> bool {
        self.root.adds_up(adds_up)
    }
}

impl Node {
    fn adds_up(&self, adds_up: &dyn Fn(&str) -> bool) -> bool {
        match &self.expression {
            Expression::Variable(name) => adds_up(name),
            Expression::Unary(Unary::Negate, inner) => inner.adds_up(adds_up),
            Expression::Binary(Binary::Add | Binary::Subtract, left, right) => left.adds_up(adds_up) && right.adds_up(adds_up),
            Expression::Binary(Binary::Multiply, left, right) => {
                left.adds_up(adds_up) && right.is_free_of(adds_up) || left.is_free_of(adds_up) && right.adds_up(adds_up)
            }
            Expression::Binary(Binary::Divide, left, right) => left.adds_up(adds_up) && right.is_free_of(adds_up),
            _ => false,
        }
    }

    fn is_free_of(&self, named: &dyn Fn(&str) -> bool) -> bool {
        let mut names = Vec::new();
        self.collect(&mut names);
        !names.into_iter().any(named)
    }

    fn degree(&self, grows: &dyn Fn(&str) -> bool) -> Option<Degree> {
        match &self.expression {
            Expression::Number(number) if number.is_zero() => Some(Degree::Any),
            Expression::Number(_) => Some(Degree::Of(0)),
            Expression::Variable(name) => Some(Degree::Of(grows(name).into())),
            Expression::Unary(Unary::Negate | Unary::Abs, inner) => inner.degree(grows),
            // What is rounded to a place, is a condition, or has a root or an exponential, must not grow at all.
            Expression::Unary(Unary::Round(_) | Unary::Not | Unary::Sqrt | Unary::Exp | Unary::Ln, inner) => {
                inner.degree(grows)?.alike(Degree::Of(0))
            }
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
            (Binary::Pow, ..) => left.alike(Degree::Of(0))?.alike(right),
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
