//! A value against its target: how much of it is attained, and whether that is on track.

use manifest::Direction;
use rust_decimal::Decimal;

use crate::scoring::{self, NoScore};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    OnTrack,
    AtRisk,
    OffTrack,
}

/// Attainment from which a value is on track, and from which it is at risk and not yet off track. There are no others: a
/// scorecard's bands are about scores.
pub const ON_TRACK: Decimal = Decimal::ONE;
pub const AT_RISK: Decimal = Decimal::from_parts(9, 0, 0, false, 1);

/// 1 at the target; more where the value is better, by as much of the target as it is. Where lower is better, 10 % above the
/// target is 0.9. Nothing where the metric has no better direction, and where a target of zero leaves nothing to share.
pub fn attainment(value: Decimal, target: Decimal, direction: Direction) -> Result<Decimal, NoScore> {
    scoring::attained(value, target, scoring::upwards(direction)?)
}

/// Direction-aware: on track from [`ON_TRACK`], at risk from [`AT_RISK`]. A target of zero is reached or it is not.
pub fn status(value: Decimal, target: Decimal, direction: Direction) -> Option<Status> {
    match attainment(value, target, direction) {
        Ok(attainment) if attainment >= ON_TRACK => Some(Status::OnTrack),
        Ok(attainment) if attainment >= AT_RISK => Some(Status::AtRisk),
        Ok(_) => Some(Status::OffTrack),
        Err(NoScore::ZeroTarget) if value >= target => Some(Status::OnTrack),
        Err(NoScore::ZeroTarget) => Some(Status::OffTrack),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(value: i64, target: i64, direction: Direction) -> Option<Status> {
        status(value.into(), target.into(), direction)
    }

    #[test]
    fn status_looks_the_way_the_metric_does() {
        use Direction::{Down, None as Neither, Up};
        assert_eq!(
            [100, 95, 90, 89].map(|value| is(value, 100, Up).unwrap()),
            [Status::OnTrack, Status::AtRisk, Status::AtRisk, Status::OffTrack]
        );
        assert_eq!(
            [90, 100, 110, 111].map(|value| is(value, 100, Down).unwrap()),
            [Status::OnTrack, Status::OnTrack, Status::AtRisk, Status::OffTrack]
        );
        assert_eq!(is(5, 0, Up), Some(Status::OnTrack));
        assert_eq!(is(-1, 0, Up), Some(Status::OffTrack));
        assert_eq!(is(0, 0, Down), Some(Status::OnTrack));
        assert_eq!(is(5, 10, Neither), None);
        assert_eq!(is(-150, -200, Up), Some(Status::OnTrack));
    }
}
