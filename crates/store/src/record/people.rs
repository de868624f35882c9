//! Who is measured and who is served: regions, channels, teams, employees, customers and their segments.

use crate::entity::{Column, ColumnType, Entity, Instant, Rule, Stored, record, spoken};

record! {
    /// A part of the market, by place.
    REGION = "region" in "region" {
        /// Its name.
        name: String;
    }
}

record! {
    /// A way to reach customers, or to be reached by them.
    CHANNEL = "channel" in "channel" {
        /// Its name.
        name: String;
        /// What kind of way it is.
        kind: String = one_of("DIRECT", "PARTNER", "WEB", "PHONE", "EMAIL", "SMS", "SOCIAL", "STORE", "EVENT", "OTHER"), or "'DIRECT'";
    }
}

record! {
    /// A team; teams form a tree.
    TEAM = "team" in "team" {
        /// Its name.
        name: String;
        /// The team it is a part of.
        parent_id: Option<i64> = to("team");
    }
}

record! {
    /// Someone who works for the organisation.
    EMPLOYEE = "employee" in "employee" {
        /// The employee's name.
        name: String;
        /// The address for mail.
        email: Option<String>;
        /// What the employee does.
        role: String = one_of("REP", "AGENT", "MARKETER", "MANAGER", "OTHER"), or "'REP'";
        /// The employee's team.
        team_id: Option<i64> = to("team");
        /// Whom the employee reports to.
        manager_id: Option<i64> = to("employee");
        /// The region the employee works in.
        region_id: Option<i64> = to("region");
        /// When employment began; unknown means it always was.
        hired_at: Option<Instant>;
        /// When employment ended.
        left_at: Option<Instant>;
    }
}

record! {
    /// A group of customers that are treated alike.
    SEGMENT = "segment" in "segment" {
        /// Its name.
        name: String;
    }
}

record! {
    /// A person or a company that buys or might.
    CUSTOMER = "customer" in "customer" {
        /// The customer's name.
        name: String;
        /// Whether a person or a company.
        kind: String = one_of("PERSON", "COMPANY"), or "'COMPANY'";
        /// The industry.
        industry: Option<String>;
        /// The country.
        country: Option<String>;
        /// The region.
        region_id: Option<i64> = to("region");
        /// The employee who looks after the customer.
        employee_id: Option<i64> = to("employee");
        /// When the customer first became one; where not given, the first booked order.
        acquired_at: Option<Instant>, derived "acquired_derived";
        /// When the customer stopped being one.
        churned_at: Option<Instant>;
    }
}

record! {
    /// That a customer belongs to a segment, from when and until when.
    SEGMENT_MEMBER = "segment_member" in "segment_member" {
        /// The segment.
        segment_id: i64 = to("segment");
        /// The customer.
        customer_id: i64 = to("customer");
        /// From when on; unknown means always.
        starts_at: Option<Instant>;
        /// Until when, not including it; unknown means still.
        ends_at: Option<Instant>;
    }
    rule "ends_at": "starts_at < ends_at", "a membership ends after it starts";
}

record! {
    /// A person at a customer.
    CONTACT = "contact" in "contact" {
        /// The customer.
        customer_id: i64 = to("customer");
        /// The person's name.
        name: String;
        /// The person's position.
        title: Option<String>;
        /// The address for mail.
        email: Option<String>;
        /// The telephone number.
        phone: Option<String>;
    }
}
