//! What a metric may come to in a row.
//!
//! What is computed in decimals or integers comes to what the formula does. What is computed in floats may be off by a part in 10^9, and
//! by what the formula itself makes of inputs that are off by a part in 10^12: where two almost equal numbers are subtracted, no float can
//! know more. A row where such inputs take the formula to no value, or from none to one, says nothing.

use manifest::{Answer, NumberType};
use rust_decimal::Decimal;

use super::Trial;
use super::difference::{apart, disagrees};
use crate::Column;
use crate::column::OUTPUT_SCALE;

/// How far a float may be off, as a share.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 9);
/// How far its inputs may be, as a share.
const NEARBY: Decimal = Decimal::from_parts(1, 0, 0, false, 12);

#[derive(Clone, Copy, Debug)]
pub(super) enum Allowed {
    Exactly(Answer),
    /// What the formula comes to, and the least and the most that it does nearby.
    About(Decimal, [Decimal; 2]),
    Anything(Answer),
}

impl Allowed {
    pub fn expected(self) -> Answer {
        match self {
            Allowed::Exactly(answer) | Allowed::Anything(answer) => answer,
            Allowed::About(value, _) => Answer::Value(value),
        }
    }

    pub fn admits(self, found: Option<Decimal>) -> bool {
        match (self, found) {
            (Allowed::Exactly(answer), found) => !disagrees(answer, found),
            (Allowed::About(_, [least, most]), Some(found)) => {
                let nearest = found.clamp(least, most);
                !apart(nearest, found, Decimal::new(1, OUTPUT_SCALE), TOLERANCE)
            }
            (Allowed::About(..), None) => false,
            (Allowed::Anything(_), _) => true,
        }
    }

    /// With what the formula comes to nearby.
    fn beside(self, nearby: Answer) -> Allowed {
        match (self, nearby) {
            (Allowed::Exactly(Answer::Value(value)), Answer::Value(near)) => Allowed::About(value, [value.min(near), value.max(near)]),
            (Allowed::About(value, [least, most]), Answer::Value(near)) => Allowed::About(value, [least.min(near), most.max(near)]),
            (Allowed::Exactly(answer), nearby) if answer == nearby => self,
            _ => Allowed::Anything(self.expected()),
        }
    }
}

impl Trial<'_> {
    pub(super) fn allowed(&self, columns: &[Column], settings: &[Decimal]) -> Vec<Allowed> {
        let mut allowed: Vec<Allowed> = self.expected(columns, settings).into_iter().map(Allowed::Exactly).collect();
        if self.metric.output.number != NumberType::Float {
            return allowed;
        }
        for factor in [Decimal::ONE + NEARBY, Decimal::ONE - NEARBY] {
            let near = |value: Decimal| value.checked_mul(factor).unwrap_or(value);
            for at in 0..columns.len() {
                let mut moved = columns.to_vec();
                moved[at].values.iter_mut().for_each(|value| *value = value.map(near));
                widen(&mut allowed, self.expected(&moved, settings));
            }
            for at in 0..settings.len() {
                let mut moved = settings.to_vec();
                moved[at] = near(moved[at]);
                widen(&mut allowed, self.expected(columns, &moved));
            }
        }
        allowed
    }
}

fn widen(allowed: &mut [Allowed], nearby: Vec<Answer>) {
    allowed.iter_mut().zip(nearby).for_each(|(allowed, nearby)| *allowed = allowed.beside(nearby));
}
