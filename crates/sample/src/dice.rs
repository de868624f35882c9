//! Chance, in integers alone: a float may round differently on another machine, and then the bytes would.
//!
//! Every record has dice of its own, made from the seed, the kind of record and its number. So a record is a pure
//! function of its number: a child can work its parent out again instead of the generator remembering it, and memory
//! stays flat however large the company is.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What is drawn for: records of different kinds never share dice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Draw {
    Employee = 1,
    Customer,
    Membership,
    Contact,
    Campaign,
    Lead,
    LeadFate,
    Opportunity,
    OpportunityBuyer,
    OpportunityOrder,
    OrderInstant,
    Order,
    Ticket,
    Survey,
    Member,
    Activity,
    Cost,
    Target,
    Fact,
}

pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn of(seed: u64, draw: Draw, number: u64) -> Dice {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&(draw as u64).to_le_bytes());
        bytes[16..24].copy_from_slice(&number.to_le_bytes());
        Dice(ChaCha8Rng::from_seed(bytes))
    }

    /// 0 up to `bound`, which is not reached; 0 where there is nothing to choose from.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// Both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// Likely near the middle of the range: the mean of three throws.
    pub fn around(&mut self, low: i64, high: i64) -> i64 {
        (self.between(low, high) + self.between(low, high) + self.between(low, high)) / 3
    }

    pub fn chance(&mut self, per_mille: i64) -> bool {
        self.between(0, 999) < per_mille
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// The position of one of the weights, as likely as it is heavy.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (position, weight) in weights.iter().enumerate() {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return position,
            }
        }
        weights.len() - 1
    }

    /// Around `median`, mostly a little less or more and now and then several times as much, as amounts and durations are.
    pub fn skewed(&mut self, median: i64) -> i64 {
        let step = self.below(SKEW.len() as u64 - 1) as usize;
        let share = self.between(0, 999);
        let factor = SKEW[step] + (SKEW[step + 1] - SKEW[step]) * share / 1000;
        median.saturating_mul(factor) / 1000
    }

    /// A value that real data often lacks.
    pub fn unless<T>(&mut self, per_mille: i64, value: T) -> Option<T> {
        (!self.chance(per_mille)).then_some(value)
    }
}

/// Quantiles of a log-normal distribution with median 1000 and shape 0.65.
const SKEW: [i64; 65] = [
    207, 274, 317, 351, 382, 409, 435, 459, 482, 504, 526, 547, 568, 589, 609, 630, 650, 670, 691, 711, 732, 752, 773, 794, 816, 837, 859,
    882, 904, 927, 951, 975, 1000, 1025, 1051, 1078, 1106, 1134, 1164, 1194, 1226, 1259, 1293, 1329, 1367, 1406, 1448, 1492, 1538, 1588,
    1641, 1698, 1760, 1827, 1901, 1983, 2075, 2179, 2300, 2444, 2620, 2845, 3157, 3655, 4831,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_dice_fall_the_same_way() {
        let throw = |seed, number| Dice::of(seed, Draw::Order, number).below(u64::MAX);
        assert_eq!(throw(1, 2), throw(1, 2));
        assert_ne!(throw(1, 2), throw(1, 3));
        assert_ne!(throw(1, 2), throw(2, 2));
    }

    #[test]
    fn throws_stay_within_their_bounds_and_reach_them() {
        let mut dice = Dice::of(7, Draw::Order, 0);
        let throws: Vec<i64> = (0..2000).map(|_| dice.between(-3, 3)).collect();
        assert_eq!((throws.iter().min(), throws.iter().max()), (Some(&-3), Some(&3)));
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn heavy_positions_come_up_more_often() {
        let mut dice = Dice::of(7, Draw::Order, 1);
        let mut seen = [0; 3];
        (0..3000).for_each(|_| seen[dice.weighted(&[1, 0, 5])] += 1);
        assert_eq!(seen[1], 0);
        assert!(seen[2] > 4 * seen[0], "{seen:?}");
    }
}
