//! The sources: streams of facts that measures are taken from, with their fields, time columns and ways to a subject.
//!
//! This is the vocabulary of measures and the whole of it: a manifest that names anything else is refused at load. What a
//! source or a field is in SQL is the store's business; a test there keeps the two in step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubjectKind {
    Organisation,
    Team,
    Employee,
    Customer,
    Segment,
    Product,
    Campaign,
    Channel,
    Region,
}

impl SubjectKind {
    pub const ALL: [SubjectKind; 9] = [
        SubjectKind::Organisation,
        SubjectKind::Team,
        SubjectKind::Employee,
        SubjectKind::Customer,
        SubjectKind::Segment,
        SubjectKind::Product,
        SubjectKind::Campaign,
        SubjectKind::Channel,
        SubjectKind::Region,
    ];

    /// The name as it stands in the database, in manifests and in GraphQL.
    pub fn name(self) -> &'static str {
        match self {
            SubjectKind::Organisation => "ORGANISATION",
            SubjectKind::Team => "TEAM",
            SubjectKind::Employee => "EMPLOYEE",
            SubjectKind::Customer => "CUSTOMER",
            SubjectKind::Segment => "SEGMENT",
            SubjectKind::Product => "PRODUCT",
            SubjectKind::Campaign => "CAMPAIGN",
            SubjectKind::Channel => "CHANNEL",
            SubjectKind::Region => "REGION",
        }
    }

    pub fn from_name(name: &str) -> Option<SubjectKind> {
        SubjectKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The type of a field, which decides what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Ten-thousandths of the currency unit in the store, a decimal of scale 4 outside it.
    Money,
    /// A decimal of scale 4 with no currency: scores, quantities, shares, target values.
    Number,
    /// Microseconds in the store, a decimal of seconds outside it.
    Duration,
    /// True, false or unknown. Only for filters.
    Bool,
    /// One of the listed values, or any text where the list is empty. Only for filters.
    Text(&'static [&'static str]),
    /// Another record. Only for distinct counts.
    Reference,
}

#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub field_type: FieldType,
    /// One sentence for people: what it holds and when it is unknown.
    pub about: &'static str,
}

/// How the facts of a source lie in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Facts happen at an instant; some are also states with a start and an end, so that they can be counted as a stock.
    Event { stock: bool },
    /// Facts hold for a span of days (targets, figures that arrive aggregated).
    Span,
}

/// A stream of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Orders, cancelled ones not.
    Orders,
    /// Lines of orders.
    OrderLines,
    /// Opportunities, by when they closed or were created.
    Opportunities,
    /// Stages that opportunities entered.
    StageEntries,
    /// Leads, by when they were created or converted.
    Leads,
    /// Calls, visits, tasks and whatever else was done with customers.
    Activities,
    /// Service cases.
    Tickets,
    /// Questions asked of customers, and their answers.
    SurveyResponses,
    /// Whom a campaign addressed, and what they did.
    CampaignMembers,
    /// What was spent.
    Costs,
    /// Customers, by when they were acquired or lost.
    Customers,
    /// Employees, by when they came or left.
    Employees,
    /// Values to reach, over a span of days.
    Targets,
    /// Figures that arrive aggregated from elsewhere, over a span of days.
    PeriodFacts,
}

const fn field(name: &'static str, field_type: FieldType, about: &'static str) -> Field {
    Field { name, field_type, about }
}

use FieldType::{Bool, Duration, Money, Number, Reference, Text};
use SubjectKind as S;

/// Everything that is said of a source.
#[derive(Debug)]
pub struct Description {
    pub name: &'static str,
    pub shape: Shape,
    /// Time columns; the first is taken where a measure names none. Empty for spans.
    pub times: &'static [&'static str],
    pub fields: &'static [Field],
    /// The kinds of subject its facts can be traced to; the organisation always.
    pub ways: &'static [SubjectKind],
}

impl Source {
    pub const ALL: [Source; 14] = [
        Source::Orders,
        Source::OrderLines,
        Source::Opportunities,
        Source::StageEntries,
        Source::Leads,
        Source::Activities,
        Source::Tickets,
        Source::SurveyResponses,
        Source::CampaignMembers,
        Source::Costs,
        Source::Customers,
        Source::Employees,
        Source::Targets,
        Source::PeriodFacts,
    ];

    pub fn name(self) -> &'static str {
        self.description().name
    }

    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.description().fields.iter().find(|field| field.name == name)
    }

    pub fn reaches(self, kind: SubjectKind) -> bool {
        kind == SubjectKind::Organisation || self.description().ways.contains(&kind)
    }

    pub fn description(self) -> &'static Description {
        match self {
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
}

static ORDERS: Description = Description {
    name: "orders",
    shape: Shape::Event { stock: false },
    times: &["ordered_at", "shipped_at"],
    fields: &[
        field("amount", Money, "Net amount of the order; cancelled orders are not facts of this source."),
        field("customer", Reference, "The customer who ordered."),
        field("employee", Reference, "The employee who sold."),
        field("fulfilment", Duration, "From order to shipment; unknown until shipped."),
        field("shipped", Bool, "Whether the order was shipped."),
        field("late", Bool, "Shipped after the promised instant; unknown without a promise or before shipment."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Campaign, S::Channel, S::Region],
};

static ORDER_LINES: Description = Description {
    name: "order_lines",
    shape: Shape::Event { stock: false },
    times: &["ordered_at"],
    fields: &[
        field("quantity", Number, "Units on the line."),
        field("amount", Money, "Net amount of the line."),
        field("list_amount", Money, "Quantity at list price; unknown without a list price."),
        field("discount", Money, "List amount less net amount; unknown without a list price."),
        field("cost", Money, "Cost of the goods on the line; unknown where the source has none."),
        field("order", Reference, "The order of the line."),
        field("product", Reference, "The product of the line."),
        field("customer", Reference, "The customer of the order."),
        field("cross_sell", Bool, "Whether the line was a cross- or up-sell."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Product, S::Campaign, S::Channel, S::Region],
};

static OPPORTUNITIES: Description = Description {
    name: "opportunities",
    shape: Shape::Event { stock: true },
    times: &["closed_at", "created_at"],
    fields: &[
        field("outcome", Text(&["OPEN", "WON", "LOST"]), "How it ended, or OPEN."),
        field(
            "loss_reason",
            Text(&["COMPETITOR", "PRICE", "NO_BUDGET", "NO_DECISION", "PRODUCT", "SERVICE", "UNKNOWN"]),
            "Why it was lost.",
        ),
        field("stage", Text(&[]), "Key of the current stage."),
        field("amount", Money, "Agreed amount when won, expected amount while open."),
        field("list_amount", Money, "Amount at list price; unknown without a product price."),
        field("weighted_amount", Money, "Amount times win probability; unknown without one."),
        field("win_probability", Number, "Probability of winning, 0 to 1."),
        field("cycle", Duration, "From creation to close; unknown while open or without a creation instant."),
        field("customer", Reference, "The customer."),
        field("product", Reference, "The product."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Product, S::Campaign, S::Channel, S::Region],
};

static STAGE_ENTRIES: Description = Description {
    name: "stage_entries",
    shape: Shape::Event { stock: false },
    times: &["entered_at"],
    fields: &[
        field("stage", Text(&[]), "Key of the stage entered."),
        field("advanced", Bool, "Left forward or by winning; unknown while still in the stage."),
        field("dwell", Duration, "Time in the stage; unknown while still in it."),
        field("opportunity", Reference, "The opportunity."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Product, S::Campaign, S::Channel, S::Region],
};

static LEADS: Description = Description {
    name: "leads",
    shape: Shape::Event { stock: false },
    times: &["created_at", "converted_at"],
    fields: &[
        field("status", Text(&["NEW", "WORKING", "MQL", "SAL", "SQL", "CONVERTED", "LOST"]), "Where the lead stands now."),
        field("source", Text(&[]), "Where the lead came from."),
        field("score", Number, "Lead score, 0 to 100."),
        field("contacted", Bool, "Whether anyone contacted the lead."),
        field("qualified", Bool, "Reached marketing-qualified (MQL)."),
        field("accepted", Bool, "Accepted by sales (SAL)."),
        field("sales_qualified", Bool, "Qualified by sales (SQL)."),
        field("converted", Bool, "Became an opportunity."),
        field("won", Bool, "Led to at least one won opportunity."),
        field("lost", Bool, "Closed without a sale."),
        field("response", Duration, "From creation to first contact; unknown until contacted."),
        field("customer", Reference, "The customer it belongs to, where known."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Campaign, S::Channel, S::Region],
};

static ACTIVITIES: Description = Description {
    name: "activities",
    shape: Shape::Event { stock: false },
    times: &["occurred_at", "due_at"],
    fields: &[
        field("kind", Text(&["CALL", "VISIT", "EMAIL", "SMS", "CHAT", "MEETING", "TASK", "NOTE", "FOLLOW_UP"]), "What it was."),
        field("direction", Text(&["INBOUND", "OUTBOUND"]), "Who began it."),
        field("done", Bool, "Whether it took place or was completed."),
        field("on_time", Bool, "Done no later than it was due; false when due and not done; unknown without a due instant."),
        field("feedback", Bool, "Whether customer feedback was recorded."),
        field("duration", Duration, "How long it took; unknown where not recorded."),
        field("customer", Reference, "The customer concerned."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Campaign, S::Channel, S::Region],
};

static TICKETS: Description = Description {
    name: "tickets",
    shape: Shape::Event { stock: true },
    times: &["created_at", "closed_at"],
    fields: &[
        field("kind", Text(&["COMPLAINT", "INCIDENT", "QUESTION", "REQUEST", "PRESALES", "FEEDBACK"]), "What kind of case."),
        field("priority", Text(&["LOW", "NORMAL", "HIGH", "URGENT"]), "How urgent."),
        field("closed", Bool, "Whether it is closed."),
        field("responded", Bool, "Whether there was a first response."),
        field("timely", Bool, "Handled within its own target; unknown where none was recorded."),
        field("accepted", Bool, "Resolution accepted by the customer; unknown where not asked."),
        field("response_in_sla", Bool, "First response no later than it was due; unknown without a due instant or a response."),
        field("in_sla", Bool, "Closed no later than due; unknown without a due instant or while open."),
        field("first_contact", Bool, "Resolved on first contact; unknown where not recorded."),
        field("reopened", Bool, "Reopened at least once."),
        field("escalated", Bool, "Escalated at least once."),
        field("first_response", Duration, "From creation to first response."),
        field("resolution", Duration, "From creation to close; unknown while open."),
        field("age", Duration, "From creation to the instant asked for; for stocks only."),
        field("customer", Reference, "The customer concerned."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Product, S::Channel, S::Region],
};

static SURVEY_RESPONSES: Description = Description {
    name: "survey_responses",
    shape: Shape::Event { stock: false },
    times: &["responded_at", "sent_at"],
    fields: &[
        field("survey", Text(&[]), "Key of the survey question, such as SERVICE_SATISFACTION, CES, NPS."),
        field("score", Number, "The answer on the question's scale; unknown until answered."),
        field("responded", Bool, "Whether there was an answer."),
        field("top2", Bool, "Among the two best values of the scale."),
        field("bottom2", Bool, "Among the two worst values of the scale."),
        field("promoter", Bool, "9 or 10 on a scale of 0 to 10; unknown on other scales."),
        field("detractor", Bool, "0 to 6 on a scale of 0 to 10; unknown on other scales."),
        field("customer", Reference, "The customer asked."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Product, S::Channel, S::Region],
};

static CAMPAIGN_MEMBERS: Description = Description {
    name: "campaign_members",
    shape: Shape::Event { stock: false },
    times: &["sent_at", "converted_at"],
    fields: &[
        field("group", Text(&["TARGET", "CONTROL"]), "Whether the member was addressed or held back."),
        field("delivered", Bool, "The message arrived."),
        field("bounced", Bool, "The message came back."),
        field("opened", Bool, "The message was opened."),
        field("clicked", Bool, "A link in it was followed."),
        field("responded", Bool, "The member answered."),
        field("converted", Bool, "The member did what the campaign asked for."),
        field("unsubscribed", Bool, "The member left the list."),
        field("contacts", Number, "How many times the member was contacted in this campaign."),
        field("duration", Duration, "Length of the last contact; unknown where not recorded."),
        field("customer", Reference, "The customer addressed."),
    ],
    ways: &[S::Customer, S::Segment, S::Campaign, S::Channel, S::Region],
};

static COSTS: Description = Description {
    name: "costs",
    shape: Shape::Event { stock: false },
    times: &["incurred_at"],
    fields: &[
        field(
            "kind",
            Text(&["SELLING", "SERVICE", "MARKETING", "ADVERTISING", "OTHER"]),
            "What it was spent on. ADVERTISING is a part of marketing that is booked apart.",
        ),
        field("amount", Money, "The cost."),
    ],
    ways: &[S::Team, S::Employee, S::Campaign, S::Channel, S::Region],
};

static CUSTOMERS: Description = Description {
    name: "customers",
    shape: Shape::Event { stock: true },
    times: &["acquired_at", "churned_at"],
    fields: &[
        field("industry", Text(&[]), "Industry of the customer."),
        field("segmented", Bool, "Whether the customer is in any segment now."),
        field("customer", Reference, "The customer."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Region],
};

static EMPLOYEES: Description = Description {
    name: "employees",
    shape: Shape::Event { stock: true },
    times: &["hired_at", "left_at"],
    fields: &[
        field("role", Text(&["REP", "AGENT", "MARKETER", "MANAGER", "OTHER"]), "What the employee does."),
        field("employee", Reference, "The employee."),
    ],
    ways: &[S::Team, S::Employee, S::Region],
};

static TARGETS: Description = Description {
    name: "targets",
    shape: Shape::Span,
    times: &[],
    fields: &[
        field(
            "kind",
            Text(&["QUOTA", "PLAN", "METRIC"]),
            "QUOTA: what a seller owes; PLAN: the planned sales figure; METRIC: a target of one metric.",
        ),
        field("metric", Text(&[]), "Key of the metric, for kind METRIC."),
        field("value", Money, "The value to reach."),
    ],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Product, S::Campaign, S::Channel, S::Region],
};

static PERIOD_FACTS: Description = Description {
    name: "period_facts",
    shape: Shape::Span,
    times: &[],
    fields: &[field("key", Text(&[]), "What the figure is, such as MARKET_TOTAL."), field("value", Number, "The figure.")],
    ways: &[S::Team, S::Employee, S::Customer, S::Segment, S::Product, S::Campaign, S::Channel, S::Region],
};
