//! What every source, time column, field and way of the manifest vocabulary is in SQL. The only place where it is written.
//!
//! Aliases are fixed: `f` is the fact, `o` the record it hangs on (the order of a line, the opportunity of a stage entry),
//! `e` the employee of the fact, `g` its stage. A join is written only into statements that mention its alias.
//! `{at}` stands for the instant of a stock. An expression is null where the manifest says that the field is unknown.

use manifest::{FieldType, Source, SubjectKind};

/// A source in SQL.
pub(super) struct Mapping {
    pub table: &'static str,
    /// Joins by alias, each after those it builds on.
    pub joins: &'static [(&'static str, &'static str)],
    /// Which rows are facts at all.
    pub only: Option<&'static str>,
    pub times: &'static [Time],
    pub fields: &'static [Column],
    /// Direct references to subjects. For a team, the team before its ancestors; for a segment, the customer who is a member.
    pub ways: &'static [(SubjectKind, &'static str)],
    /// Which rows exist just before `{at}`.
    pub stock: &'static [&'static str],
}

pub(super) struct Column {
    pub name: &'static str,
    pub sql: &'static str,
    /// Decimal places of the stored integer where the type of the field does not say so.
    pub scale: Option<u32>,
    /// Where sums of it could leave 64 bits: two expressions that it is the sum of, each with its decimal places.
    pub parts: Option<[(&'static str, u32); 2]>,
}

pub(super) struct Time {
    pub name: &'static str,
    pub sql: &'static str,
    /// Whether an index of the facts begins with it, so that a short interval costs little however many facts there are.
    pub indexed: bool,
}

const fn indexed(name: &'static str, sql: &'static str) -> Time {
    Time { name, sql, indexed: true }
}

const fn scanned(name: &'static str, sql: &'static str) -> Time {
    Time { name, sql, indexed: false }
}

const fn is(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, scale: None, parts: None }
}

impl Mapping {
    pub fn time(&self, name: &str) -> Option<&'static Time> {
        self.times.iter().find(|time| time.name == name)
    }

    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.fields.iter().find(|column| column.name == name)
    }

    pub fn way(&self, kind: SubjectKind) -> Option<&'static str> {
        self.ways.iter().find(|(way, _)| *way == kind).map(|(_, sql)| *sql)
    }
}

pub(super) fn mapping(source: Source) -> &'static Mapping {
    match source {
        Source::Orders => &ORDERS,
        Source::OrderLines => &ORDER_LINES,
        Source::Opportunities => &OPPORTUNITIES,
        Source::StageEntries => &STAGE_ENTRIES,
        Source::Leads => &LEADS,
        Source::Activities => &ACTIVITIES,
        Source::Tickets => &TICKETS,
        Source::SurveyResponses => &SURVEY_RESPONSES,
        Source::CampaignMembers => &CAMPAIGN_MEMBERS,
        Source::Costs => &COSTS,
        Source::Customers => &CUSTOMERS,
        Source::Employees => &EMPLOYEES,
        Source::Targets => &TARGETS,
        Source::PeriodFacts => &PERIOD_FACTS,
    }
}

/// Decimal places of a field's stored integer.
pub(super) fn scale(source: Source, column: &Column) -> u32 {
    let by_type = || match source.field(column.name).map(|field| field.field_type) {
        Some(FieldType::Money | FieldType::Number) => 4,
        Some(FieldType::Duration) => 6,
        Some(FieldType::Bool | FieldType::Text(_) | FieldType::Reference) | None => 0,
    };
    column.scale.unwrap_or_else(by_type)
}

use SubjectKind as S;

const EMPLOYEE: (&str, &str) = ("e", "LEFT JOIN employee AS e ON e.id = f.employee_id");

static ORDERS: Mapping = Mapping {
    table: "sales_order",
    joins: &[EMPLOYEE],
    only: Some("f.state = 'BOOKED'"),
    times: &[indexed("ordered_at", "f.ordered_at"), scanned("shipped_at", "f.shipped_at")],
    fields: &[
        is("amount", "f.amount"),
        is("customer", "f.customer_id"),
        is("employee", "f.employee_id"),
        is("fulfilment", "f.shipped_at - f.ordered_at"),
        is("shipped", "f.shipped_at IS NOT NULL"),
        is("late", "f.shipped_at > f.promised_at"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "f.employee_id"),
        (S::Customer, "f.customer_id"),
        (S::Segment, "f.customer_id"),
        (S::Campaign, "f.campaign_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    stock: &[],
};

static ORDER_LINES: Mapping = Mapping {
    table: "order_line",
    joins: &[("o", "JOIN sales_order AS o ON o.id = f.order_id"), ("e", "LEFT JOIN employee AS e ON e.id = o.employee_id")],
    only: Some("o.state = 'BOOKED'"),
    times: &[scanned("ordered_at", "o.ordered_at")],
    fields: &[
        is("quantity", "f.quantity"),
        is("amount", "f.amount"),
        is("list_amount", "f.list_amount"),
        is("discount", "f.list_amount - f.amount"),
        is("cost", "f.cost"),
        is("order", "f.order_id"),
        is("product", "f.product_id"),
        is("customer", "o.customer_id"),
        is("cross_sell", "f.cross_sell"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "o.employee_id"),
        (S::Customer, "o.customer_id"),
        (S::Segment, "o.customer_id"),
        (S::Product, "f.product_id"),
        (S::Campaign, "o.campaign_id"),
        (S::Channel, "o.channel_id"),
        (S::Region, "o.region_id"),
    ],
    stock: &[],
};

static OPPORTUNITIES: Mapping = Mapping {
    table: "opportunity",
    joins: &[EMPLOYEE, ("g", "LEFT JOIN sales_stage AS g ON g.id = f.stage_id")],
    only: None,
    times: &[indexed("closed_at", "f.closed_at"), indexed("created_at", "f.created_at")],
    fields: &[
        is("outcome", "f.outcome"),
        is("loss_reason", "f.loss_reason"),
        is("stage", "g.external_key"),
        is("amount", "f.amount"),
        is("list_amount", "f.list_amount"),
        // Both factors are ten-thousandths: the product is kept whole and carries eight places.
        Column {
            name: "weighted_amount",
            sql: "f.amount * f.win_probability",
            scale: Some(8),
            parts: Some([("f.amount / 10000 * f.win_probability", 4), ("f.amount % 10000 * f.win_probability", 8)]),
        },
        is("win_probability", "f.win_probability"),
        is("cycle", "f.closed_at - f.created_at"),
        is("customer", "f.customer_id"),
        is("product", "f.product_id"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "f.employee_id"),
        (S::Customer, "f.customer_id"),
        (S::Segment, "f.customer_id"),
        (S::Product, "f.product_id"),
        (S::Campaign, "f.campaign_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    // Without a creation instant it is known to exist, so it always did.
    stock: &["(f.closed_at IS NULL OR f.closed_at >= {at})", "(f.created_at IS NULL OR f.created_at < {at})"],
};

static STAGE_ENTRIES: Mapping = Mapping {
    table: "stage_entry",
    joins: &[
        ("o", "JOIN opportunity AS o ON o.id = f.opportunity_id"),
        ("e", "LEFT JOIN employee AS e ON e.id = o.employee_id"),
        ("g", "JOIN sales_stage AS g ON g.id = f.stage_id"),
    ],
    only: None,
    times: &[indexed("entered_at", "f.entered_at")],
    fields: &[
        is("stage", "g.external_key"),
        is("advanced", "f.advanced"),
        is("dwell", "f.left_at - f.entered_at"),
        is("opportunity", "f.opportunity_id"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "o.employee_id"),
        (S::Customer, "o.customer_id"),
        (S::Segment, "o.customer_id"),
        (S::Product, "o.product_id"),
        (S::Campaign, "o.campaign_id"),
        (S::Channel, "o.channel_id"),
        (S::Region, "o.region_id"),
    ],
    stock: &[],
};

static LEADS: Mapping = Mapping {
    table: "lead",
    joins: &[EMPLOYEE],
    only: None,
    times: &[indexed("created_at", "f.created_at"), indexed("converted_at", "f.converted_at")],
    fields: &[
        is("status", "f.status"),
        is("source", "f.source"),
        is("score", "f.score"),
        is("contacted", "f.contacted_at IS NOT NULL"),
        is("qualified", "f.qualified_at IS NOT NULL"),
        is("accepted", "f.accepted_at IS NOT NULL"),
        is("sales_qualified", "f.sales_qualified_at IS NOT NULL"),
        is("converted", "f.converted_at IS NOT NULL"),
        is("won", "f.won_at IS NOT NULL"),
        is("lost", "f.lost_at IS NOT NULL"),
        is("response", "f.contacted_at - f.created_at"),
        is("customer", "f.customer_id"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "f.employee_id"),
        (S::Customer, "f.customer_id"),
        (S::Segment, "f.customer_id"),
        (S::Campaign, "f.campaign_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    stock: &[],
};

static ACTIVITIES: Mapping = Mapping {
    table: "activity",
    joins: &[EMPLOYEE],
    only: None,
    times: &[indexed("occurred_at", "f.occurred_at"), indexed("due_at", "f.due_at")],
    fields: &[
        is("kind", "f.kind"),
        is("direction", "f.direction"),
        is("done", "f.occurred_at IS NOT NULL"),
        is("on_time", "CASE WHEN f.due_at IS NOT NULL THEN COALESCE(f.occurred_at <= f.due_at, FALSE) END"),
        is("feedback", "f.feedback IS NOT NULL"),
        is("duration", "f.duration"),
        is("customer", "f.customer_id"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "f.employee_id"),
        (S::Customer, "f.customer_id"),
        (S::Segment, "f.customer_id"),
        (S::Campaign, "f.campaign_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    stock: &[],
};

static TICKETS: Mapping = Mapping {
    table: "ticket",
    joins: &[EMPLOYEE],
    only: None,
    times: &[indexed("created_at", "f.created_at"), indexed("closed_at", "f.closed_at")],
    fields: &[
        is("kind", "f.kind"),
        is("priority", "f.priority"),
        is("closed", "f.closed_at IS NOT NULL"),
        is("responded", "f.first_response_at IS NOT NULL"),
        is("timely", "f.timely"),
        is("accepted", "f.accepted"),
        is("response_in_sla", "f.first_response_at <= f.response_due_at"),
        is("in_sla", "f.closed_at <= f.due_at"),
        is("first_contact", "f.first_contact"),
        is("reopened", "f.reopened_count > 0"),
        is("escalated", "f.escalated_at IS NOT NULL"),
        is("first_response", "f.first_response_at - f.created_at"),
        is("resolution", "f.closed_at - f.created_at"),
        is("age", "{at} - f.created_at"),
        is("customer", "f.customer_id"),
    ],
    ways: &[
        (S::Team, "COALESCE(e.team_id, f.team_id)"),
        (S::Employee, "f.employee_id"),
        (S::Customer, "f.customer_id"),
        (S::Segment, "f.customer_id"),
        (S::Product, "f.product_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    stock: &["(f.closed_at IS NULL OR f.closed_at >= {at})", "f.created_at < {at}"],
};

static SURVEY_RESPONSES: Mapping = Mapping {
    table: "survey_response",
    joins: &[EMPLOYEE],
    only: None,
    times: &[indexed("responded_at", "f.responded_at"), indexed("sent_at", "f.sent_at")],
    fields: &[
        is("survey", "f.survey"),
        is("score", "f.score"),
        is("responded", "f.responded_at IS NOT NULL"),
        // Scales step by one: the two best values are the highest and the one below it. On a scale of two or three, such as good
        // and bad, only what lies beyond the middle, or else every answer would be among the best.
        is("top2", "f.score >= f.scale_max - 10000 AND 2 * f.score > f.scale_min + f.scale_max"),
        is("bottom2", "f.score <= f.scale_min + 10000 AND 2 * f.score < f.scale_min + f.scale_max"),
        is("promoter", "CASE WHEN f.scale_min = 0 AND f.scale_max = 100000 THEN f.score >= 90000 END"),
        is("detractor", "CASE WHEN f.scale_min = 0 AND f.scale_max = 100000 THEN f.score <= 60000 END"),
        is("customer", "f.customer_id"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "f.employee_id"),
        (S::Customer, "f.customer_id"),
        (S::Segment, "f.customer_id"),
        (S::Product, "f.product_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    stock: &[],
};

static CAMPAIGN_MEMBERS: Mapping = Mapping {
    table: "campaign_member",
    joins: &[],
    only: None,
    times: &[indexed("sent_at", "f.sent_at"), scanned("converted_at", "f.converted_at")],
    fields: &[
        is("group", "f.member_group"),
        is("delivered", "f.delivered_at IS NOT NULL"),
        is("bounced", "f.bounced_at IS NOT NULL"),
        is("opened", "f.opened_at IS NOT NULL"),
        is("clicked", "f.clicked_at IS NOT NULL"),
        is("responded", "f.responded_at IS NOT NULL"),
        is("converted", "f.converted_at IS NOT NULL"),
        is("unsubscribed", "f.unsubscribed_at IS NOT NULL"),
        is("contacts", "f.contacts"),
        is("duration", "f.duration"),
        is("customer", "f.customer_id"),
    ],
    ways: &[
        (S::Customer, "f.customer_id"),
        (S::Segment, "f.customer_id"),
        (S::Campaign, "f.campaign_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    stock: &[],
};

static COSTS: Mapping = Mapping {
    table: "cost",
    joins: &[EMPLOYEE],
    only: None,
    times: &[indexed("incurred_at", "f.incurred_at")],
    fields: &[is("kind", "f.kind"), is("amount", "f.amount")],
    ways: &[
        (S::Team, "COALESCE(e.team_id, f.team_id)"),
        (S::Employee, "f.employee_id"),
        (S::Campaign, "f.campaign_id"),
        (S::Channel, "f.channel_id"),
        (S::Region, "f.region_id"),
    ],
    stock: &[],
};

static CUSTOMERS: Mapping = Mapping {
    table: "customer",
    joins: &[EMPLOYEE],
    only: None,
    times: &[indexed("acquired_at", "f.acquired_at"), scanned("churned_at", "f.churned_at")],
    fields: &[
        is("industry", "f.industry"),
        // "Now" is the moment of the last load, for there is no clock here: a membership that has not ended.
        is("segmented", "EXISTS (SELECT 1 FROM segment_member AS s WHERE s.customer_id = f.id AND s.ends_at IS NULL)"),
        is("customer", "f.id"),
    ],
    ways: &[
        (S::Team, "e.team_id"),
        (S::Employee, "f.employee_id"),
        (S::Customer, "f.id"),
        (S::Segment, "f.id"),
        (S::Region, "f.region_id"),
    ],
    // Without an acquisition instant it is no customer yet.
    stock: &["f.acquired_at < {at}", "(f.churned_at IS NULL OR f.churned_at >= {at})"],
};

static EMPLOYEES: Mapping = Mapping {
    table: "employee",
    joins: &[],
    only: None,
    times: &[scanned("hired_at", "f.hired_at"), scanned("left_at", "f.left_at")],
    fields: &[is("role", "f.role"), is("employee", "f.id")],
    ways: &[(S::Team, "f.team_id"), (S::Employee, "f.id"), (S::Region, "f.region_id")],
    stock: &["(f.hired_at IS NULL OR f.hired_at < {at})", "(f.left_at IS NULL OR f.left_at >= {at})"],
};

/// Spans name their subject by kind and id; see [`super::span`].
const SPANS: &[(SubjectKind, &str)] = &[
    (S::Team, "f.subject_id"),
    (S::Employee, "f.subject_id"),
    (S::Customer, "f.subject_id"),
    (S::Segment, "f.subject_id"),
    (S::Product, "f.subject_id"),
    (S::Campaign, "f.subject_id"),
    (S::Channel, "f.subject_id"),
    (S::Region, "f.subject_id"),
];

static TARGETS: Mapping = Mapping {
    table: "target",
    joins: &[],
    only: None,
    times: &[],
    fields: &[is("kind", "f.kind"), is("metric", "f.metric"), is("value", "f.value")],
    ways: SPANS,
    stock: &[],
};

static PERIOD_FACTS: Mapping = Mapping {
    table: "period_fact",
    joins: &[],
    only: None,
    times: &[],
    fields: &[is("key", "f.fact"), is("value", "f.value")],
    ways: SPANS,
    stock: &[],
};

#[cfg(test)]
mod tests {
    use manifest::source::Shape;

    use super::*;

    #[test]
    fn the_whole_vocabulary_is_mapped_and_nothing_else() {
        for source in Source::ALL {
            let (about, here) = (source.description(), mapping(source));
            let names: Vec<_> = here.fields.iter().map(|column| column.name).collect();
            assert_eq!(names, about.fields.iter().map(|field| field.name).collect::<Vec<_>>(), "fields of {}", about.name);
            let times: Vec<_> = here.times.iter().map(|time| time.name).collect();
            assert_eq!(times, about.times, "time columns of {}", about.name);
            let ways: Vec<_> = here.ways.iter().map(|(kind, _)| *kind).collect();
            assert_eq!(ways, about.ways, "ways of {}", about.name);
            assert_eq!(!here.stock.is_empty(), about.shape == Shape::Event { stock: true }, "stock of {}", about.name);
        }
    }

    #[test]
    fn a_time_is_said_to_be_indexed_when_it_is() {
        let indexes = include_str!("../../../../migrations/sqlite/2026-11-21-000100_indexes/up.sql");
        for here in Source::ALL.map(mapping) {
            for time in here.times {
                let own = time.sql.strip_prefix("f.").unwrap_or_default();
                let starts = [",", ")"].map(|end| format!("ON {} ({own}{end}", here.table));
                assert_eq!(time.indexed, starts.iter().any(|start| indexes.contains(start)), "{} of {}", time.sql, here.table);
            }
        }
    }
}
