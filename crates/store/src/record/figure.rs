//! Figures that hold for a span of days: what is to be reached, and what arrives already added up.

use chrono::NaiveDate;

use crate::entity::{Column, ColumnType, Entity, Number, Rule, Stored, record, spoken};

record! {
    /// What is to be reached.
    TARGET = "target" in "target" {
        /// QUOTA: what a seller owes; PLAN: the planned sales figure; METRIC: a target of one metric.
        kind: String = one_of("QUOTA", "PLAN", "METRIC");
        /// The whole key of the metric, for kind METRIC.
        metric: Option<String>;
        /// What kind of subject it is for.
        subject_kind: String = one_of("ORGANISATION", "TEAM", "EMPLOYEE", "CUSTOMER", "SEGMENT", "PRODUCT", "CAMPAIGN", "CHANNEL", "REGION");
        /// The subject; nothing for the organisation.
        subject_id: i64 = subject();
        /// The first day.
        starts_on: NaiveDate;
        /// The day after the last.
        ends_on: NaiveDate;
        /// The value to reach.
        value: Number;
    }
    rule "metric": "(kind = 'METRIC') = (metric IS NOT NULL)", "a target of kind METRIC names its metric, and no other does";
    rule "ends_on": "starts_on < ends_on", "a span ends after it starts: `ends_on` is the day after the last";
}

record! {
    /// A figure that arrives already added up.
    PERIOD_FACT = "period_fact" in "period_fact" {
        /// What the figure is, such as MARKET_TOTAL.
        fact: String;
        /// What kind of subject it is of.
        subject_kind: String = one_of("ORGANISATION", "TEAM", "EMPLOYEE", "CUSTOMER", "SEGMENT", "PRODUCT", "CAMPAIGN", "CHANNEL", "REGION");
        /// The subject; nothing for the organisation.
        subject_id: i64 = subject();
        /// The first day.
        starts_on: NaiveDate;
        /// The day after the last.
        ends_on: NaiveDate;
        /// The figure.
        value: Number;
        /// Where it comes from.
        source: Option<String>;
    }
    rule "ends_on": "starts_on < ends_on", "a span ends after it starts: `ends_on` is the day after the last";
}
