//! A value against its target: how much of it is attained, and whether that is on track. Where none is kept, the bands of the metric
//! say how a value stands.

use manifest::{Direction, Metric, Status};
use rust_decimal::Decimal;

use crate::scoring::{self, NoScore};

/// What a value was held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The target kept for the metric, subject and period.
    Target,
    /// The bands of the metric's pack.
    Band,
}

/// Attainment from which a value is on track, and from which it is at risk and not yet off track. A metric's bands are about values,
/// and a scorecard's about scores.
pub const ON_TRACK: Decimal = Decimal::ONE;
pub const AT_RISK: Decimal = Decimal::from_parts(9, 0, 0, false, 1);

/// 1 at the target; more where the value is better, by as much of the target as it is. Where lower is better, 10 % above the
/// target is 0.9. Nothing where the metric has no better direction, and where a target of zero leaves nothing to share.
pub fn attainment(value: Decimal, target: Decimal, direction: Direction) -> Result<Decimal, NoScore> {
    scoring::attained(value, target, scoring::upwards(direction)?)
}

/// How a value stands, and against what. A target takes the place of the bands, also where it says nothing for want of a better
/// direction.
pub fn standing(metric: &Metric, value: Decimal, target: Option<Decimal>) -> Option<(Status, Basis)> {
    match target {
        Some(target) => status(value, target, metric.direction).map(|status| (status, Basis::Target)),
        None => metric.band(value.checked_div(metric.unit_size())?).map(|status| (status, Basis::Band)),
    }
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

    #[test]
    fn bands_say_how_a_value_stands_where_no_target_is_kept() {
        let metric = |direction: &str| -> Metric {
            serde_json::from_value(serde_json::json!({
                "key": "response", "title": { "en": "T" }, "description": { "en": "D" }, "kind": "duration", "unit": "minutes",
                "direction": direction, "class": "NQSPCT/INT", "source": "test", "inputs": [], "formula": "a",
                "bands": [{ "status": "on_track", "to": 60 }, { "status": "at_risk", "from": 60, "to": 240 }, { "status": "off_track", "from": 240 }]
            }))
            .unwrap()
        };
        let stands = |seconds: i64, target: Option<i64>| standing(&metric("down"), seconds.into(), target.map(Decimal::from));
        let band = |status| Some((status, Basis::Band));
        assert_eq!(
            [3599, 3600, 14_399, 14_400].map(|seconds| stands(seconds, None)),
            [band(Status::OnTrack), band(Status::AtRisk), band(Status::AtRisk), band(Status::OffTrack)],
            "values are in seconds, and bands in the metric's unit"
        );
        assert_eq!(stands(60, Some(30)), Some((Status::OffTrack, Basis::Target)));
        assert_eq!(standing(&metric("range"), 60.into(), Some(30.into())), None, "a target is a target");
        assert_eq!(standing(&Metric { bands: Vec::new(), ..metric("down") }, 60.into(), None), None);
    }
}
