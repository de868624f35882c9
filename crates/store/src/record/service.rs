//! Serving: tickets, what was done with customers, and what they said of it.

use crate::entity::{Column, ColumnType, Entity, Instant, Number, Rule, Seconds, Stored, record, spoken};

record! {
    /// A case that a customer raised.
    TICKET = "ticket" in "ticket" {
        /// What it is about.
        subject: Option<String>;
        /// What kind of case.
        kind: String = one_of("COMPLAINT", "INCIDENT", "QUESTION", "REQUEST", "PRESALES", "FEEDBACK"), or "'REQUEST'";
        /// How urgent.
        priority: Option<String> = one_of("LOW", "NORMAL", "HIGH", "URGENT");
        /// The customer concerned.
        customer_id: Option<i64> = to("customer");
        /// The employee who handles it.
        employee_id: Option<i64> = to("employee");
        /// The team that handles it, where no employee is known.
        team_id: Option<i64> = to("team");
        /// The product concerned.
        product_id: Option<i64> = to("product");
        /// The channel it came through.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// When it was raised.
        created_at: Instant;
        /// When the first response is due.
        response_due_at: Option<Instant>;
        /// When the first response was given.
        first_response_at: Option<Instant>;
        /// When it is due to be closed.
        due_at: Option<Instant>;
        /// When it was closed.
        closed_at: Option<Instant>;
        /// Whether it was handled within its own target, where the source recorded that.
        timely: Option<bool>;
        /// Whether the customer accepted the resolution.
        accepted: Option<bool>;
        /// Whether it was resolved on first contact.
        first_contact: Option<bool>;
        /// How many times it was reopened.
        reopened_count: i64, or "0";
        /// When it was first escalated.
        escalated_at: Option<Instant>;
    }
    rule "reopened_count": "reopened_count >= 0", "a count is not negative";
}

record! {
    /// Something that was done with a customer, or is to be.
    ACTIVITY = "activity" in "activity" {
        /// What it is.
        kind: String = one_of("CALL", "VISIT", "EMAIL", "SMS", "CHAT", "MEETING", "TASK", "NOTE", "FOLLOW_UP");
        /// Who began it.
        direction: Option<String> = one_of("INBOUND", "OUTBOUND");
        /// What it is about.
        subject: Option<String>;
        /// The employee who does it.
        employee_id: Option<i64> = to("employee");
        /// The customer concerned.
        customer_id: Option<i64> = to("customer");
        /// The lead concerned.
        lead_id: Option<i64> = to("lead");
        /// The opportunity concerned.
        opportunity_id: Option<i64> = to("opportunity");
        /// The ticket concerned.
        ticket_id: Option<i64> = to("ticket");
        /// The campaign it belongs to.
        campaign_id: Option<i64> = to("campaign");
        /// The channel.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// When it is due.
        due_at: Option<Instant>;
        /// When it took place; unknown while planned or missed.
        occurred_at: Option<Instant>;
        /// How long it took.
        duration: Option<Seconds>;
        /// What the customer said.
        feedback: Option<String>;
    }
    rule "duration": "duration >= 0", "a duration is not negative";
}

record! {
    /// A survey question sent to a customer, and the answer.
    SURVEY_RESPONSE = "survey_response" in "survey_response" {
        /// The key of the question, such as SERVICE_SATISFACTION, CES, NPS.
        survey: String;
        /// The customer asked.
        customer_id: Option<i64> = to("customer");
        /// The employee it is about.
        employee_id: Option<i64> = to("employee");
        /// The product it is about.
        product_id: Option<i64> = to("product");
        /// The channel.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// The ticket it is about.
        ticket_id: Option<i64> = to("ticket");
        /// The lowest value of the scale.
        scale_min: Number;
        /// The highest value of the scale.
        scale_max: Number;
        /// When it was sent.
        sent_at: Option<Instant>;
        /// When it was answered.
        responded_at: Option<Instant>;
        /// The answer.
        score: Option<Number>;
        /// What was said beside it.
        comment: Option<String>;
    }
    rule "scale_max": "scale_min < scale_max", "a scale has a lowest and a higher value";
    rule "score": "score BETWEEN scale_min AND scale_max", "the answer lies on the scale";
    rule "score": "(responded_at IS NULL) = (score IS NULL)", "an answer has an instant, and an instant an answer";
}
