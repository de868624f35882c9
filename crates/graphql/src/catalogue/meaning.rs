//! What a metric is for, beside how it is computed.

use async_graphql::{Enum, SimpleObject};
use manifest::{Accumulation, Band, Perspective, Visibility};

use crate::figure::StatusName;
use crate::scalar::Decimal;

/// A perspective of the balanced scorecard.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Perspective", remote = "Perspective")]
pub enum PerspectiveName {
    Financial,
    Customer,
    InternalProcess,
    LearningAndGrowth,
}

/// How the value over a period relates to the values over its parts.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Accumulation", remote = "Accumulation")]
pub enum AccumulationName {
    /// The parts add up: the sales of a year are those of its quarters.
    Flow,
    /// A level at an instant: at the end of a year it is what it is at the end of its last quarter.
    Stock,
    /// Neither: it is computed anew from the inputs of the whole period.
    Rate,
}

/// Who may see a value.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisibilityPolicy {
    /// Whoever asks gets the value over the records that they may see.
    RowFiltered,
    /// Everybody gets the value over all records, where it is over so many that none can be told from it.
    OrganisationWide,
}

/// Who may see a value.
#[derive(SimpleObject)]
pub struct MetricVisibility {
    /// The rule.
    policy: VisibilityPolicy,
    /// The least number of records behind a value that is shown, counted for the input that has the most; only with ORGANISATION_WIDE.
    /// With fewer, the outcome is DENIED.
    minimum_group: Option<u32>,
}

impl From<Visibility> for MetricVisibility {
    fn from(visibility: Visibility) -> MetricVisibility {
        match visibility {
            Visibility::RowFiltered => MetricVisibility { policy: VisibilityPolicy::RowFiltered, minimum_group: None },
            Visibility::OrganisationWide { minimum_group } => {
                MetricVisibility { policy: VisibilityPolicy::OrganisationWide, minimum_group: Some(minimum_group) }
            }
        }
    }
}

/// A range of values, and how a value in it stands where no target was set.
#[derive(SimpleObject)]
pub struct MetricBand {
    /// How such a value stands.
    status: StatusName,
    /// The least value of the band, in the metric's unit; the first band has none.
    from: Option<Decimal>,
    /// Where the next band begins; the last band has none.
    to: Option<Decimal>,
}

impl From<&Band> for MetricBand {
    fn from(band: &Band) -> MetricBand {
        MetricBand { status: band.status.into(), from: band.from.map(Decimal), to: band.to.map(Decimal) }
    }
}
