//! Subjects: what is measured. The enums that name kinds, outcomes and grains, and a subject in short.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use engine::{Grain, Outcome, Subject};
use manifest::SubjectKind;
use store::entity::{Column, ColumnType};
use store::predicate::{Predicate, Test};

use crate::error::Fail;
use crate::figure::subject_id;
use crate::id;
use crate::request::Requested;

/// What can be measured.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "SubjectKind", remote = "SubjectKind")]
pub enum SubjectKindName {
    /// The whole organisation.
    Organisation,
    /// A team with the teams below it.
    Team,
    Employee,
    Customer,
    /// Customers that belong together, each for a span of time.
    Segment,
    Product,
    Campaign,
    /// A way to reach customers.
    Channel,
    Region,
}

/// Whether a metric has a value, and if not, what kind of reason there is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Outcome", remote = "Outcome")]
pub enum OutcomeName {
    /// There is a value.
    Value,
    /// There are no facts to take a value from.
    NoData,
    /// The value would be a division by zero.
    ZeroDenominator,
    /// The metric cannot be asked of this subject.
    NotApplicable,
    /// The viewer may not see it.
    Denied,
    /// The metric failed; the others are not affected.
    Fault,
}

/// The length of sub-periods.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Grain", remote = "Grain")]
pub enum GrainName {
    Day,
    Week,
    Month,
    /// Fiscal quarters where the period is fiscal.
    Quarter,
    /// Fiscal years where the period is fiscal.
    Year,
}

/// A subject in short.
pub struct SubjectRef(pub Subject);

/// A subject in short.
#[Object(name = "Subject")]
impl SubjectRef {
    /// Its id, good for arguments that want a subject and for `node(id:)`.
    async fn id(&self) -> ID {
        subject_id(self.0)
    }

    /// Its name.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>, Fail> {
        Ok(Requested::of(ctx).label(self.0.kind, self.0.id).await?.map(|name: Arc<str>| name.to_string()))
    }

    /// What kind of subject it is.
    async fn kind(&self) -> SubjectKindName {
        self.0.kind.into()
    }
}

/// The tag of a kind in ids, which is the name of its entity.
pub fn tag(kind: SubjectKind) -> String {
    kind.name().to_ascii_lowercase()
}

/// The subject that an id names; records that are not measured are refused by name.
pub fn subject_of(id: &str) -> Result<Subject, Fail> {
    let (tag, number) = id::decode(id)?;
    let kind = SubjectKind::from_name(&tag.to_ascii_uppercase());
    let kind = kind.ok_or_else(|| Fail::input(format!("`{id}` is the id of a record of type `{tag}`, which is not measured")))?;
    Ok(Subject { kind, id: number })
}

/// The subjects of a kind that belong to another subject: employees of a team and those below it, customers of a segment, a region
/// or an employee, and so on along the references of the records.
pub async fn members(requested: &Requested, kind: SubjectKind, within: &str) -> Result<Vec<i64>, Fail> {
    let of = subject_of(within)?;
    let refused =
        || Fail::input(format!("`{within}` is the id of {}, and {} does not belong to one", id::a(&tag(of.kind)), id::a(&tag(kind))));
    if of.kind == SubjectKind::Organisation {
        return Ok(requested.subjects(kind).await?.to_vec());
    }
    let within = match of.kind {
        SubjectKind::Team => team_and_below(requested, of.id).await?,
        _ => vec![of.id],
    };
    let filter = if (kind, of.kind) == (SubjectKind::Customer, SubjectKind::Segment) {
        let member = refers("segment", &within);
        Predicate::Has { entity: "segment_member", column: "customer", predicate: Box::new(member) }
    } else {
        let entity = store::entity::subject_entity(kind).ok_or_else(refused)?;
        let column = entity.columns.iter().find(|column| is_reference(column, of.kind)).ok_or_else(refused)?;
        refers(column.name, &within)
    };
    requested.matching(kind, &filter).await
}

fn is_reference(column: &Column, to: SubjectKind) -> bool {
    matches!(column.column_type, ColumnType::Reference(entity) if entity == tag(to))
}

fn refers(column: &'static str, ids: &[i64]) -> Predicate {
    Predicate::test(column, Test::In(ids.iter().copied().map(store::Value::Integer).collect()))
}

/// Level by level: a tree of teams has few.
async fn team_and_below(requested: &Requested, team: i64) -> Result<Vec<i64>, Fail> {
    let mut teams = vec![team];
    let mut level = vec![team];
    while !level.is_empty() {
        level = requested.matching(SubjectKind::Team, &refers("parent", &level)).await?;
        level.retain(|below| !teams.contains(below));
        teams.extend(&level);
    }
    Ok(teams)
}
