//! Ranks: who stands where among those that have a value. Without a value there is no rank.

use manifest::Direction;
use rust_decimal::Decimal;

/// What equals share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ranking {
    /// The best of their places, and the places after it stay empty: 1, 1, 3.
    #[default]
    Competition,
    /// The best of their places, and none stays empty: 1, 1, 2.
    Dense,
    /// The mean of their places: 1.5, 1.5, 3.
    Fractional,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ranks {
    /// One for each value, in their order; 1 is the best.
    pub positions: Vec<Option<Decimal>>,
    /// How many have a rank.
    pub of: usize,
}

/// The lowest value is the best where the direction is down; else the highest is.
pub fn rank(values: &[Option<Decimal>], direction: Direction, ranking: Ranking) -> Ranks {
    let mut order: Vec<(Decimal, usize)> = values.iter().enumerate().filter_map(|(at, value)| Some(((*value)?, at))).collect();
    order.sort_by(|a, b| if direction == Direction::Down { a.0.cmp(&b.0) } else { b.0.cmp(&a.0) });
    let mut positions = vec![None; values.len()];
    let mut before = 0;
    for (dense, equals) in order.chunk_by(|a, b| a.0 == b.0).enumerate() {
        let position = match ranking {
            Ranking::Competition => Decimal::from(before + 1),
            Ranking::Dense => Decimal::from(dense + 1),
            Ranking::Fractional => Decimal::from(2 * before + equals.len() + 1) / Decimal::TWO,
        };
        equals.iter().for_each(|&(_, at)| positions[at] = Some(position));
        before += equals.len();
    }
    Ranks { positions, of: order.len() }
}
