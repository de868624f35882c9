//! Winning attention: campaigns, who was addressed, the leads, and what it all cost.

use chrono::NaiveDate;

use crate::entity::{Column, ColumnType, Entity, Instant, Money, Number, Rule, Seconds, Stored, record, spoken};

record! {
    /// A campaign.
    CAMPAIGN = "campaign" in "campaign" {
        /// Its name.
        name: String;
        /// What kind of campaign.
        kind: Option<String>;
        /// Its main channel.
        channel_id: Option<i64> = to("channel");
        /// The first day.
        starts_on: Option<NaiveDate>;
        /// The day after the last.
        ends_on: Option<NaiveDate>;
        /// What it may cost.
        budget: Option<Money>;
    }
    rule "ends_on": "starts_on < ends_on", "a campaign ends after it starts";
}

record! {
    /// Someone who might become a customer.
    LEAD = "lead" in "lead" {
        /// The lead's name.
        name: String;
        /// Where the lead came from.
        source: Option<String>;
        /// Where the lead stands.
        status: String = one_of("NEW", "WORKING", "MQL", "SAL", "SQL", "CONVERTED", "LOST"), or "'NEW'";
        /// The lead score, 0 to 100.
        score: Option<Number>;
        /// The customer it belongs to, where known.
        customer_id: Option<i64> = to("customer");
        /// The employee who works on it.
        employee_id: Option<i64> = to("employee");
        /// The campaign it came from.
        campaign_id: Option<i64> = to("campaign");
        /// The channel it came through.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// When it came.
        created_at: Instant;
        /// When it was first contacted.
        contacted_at: Option<Instant>;
        /// When marketing qualified it (MQL).
        qualified_at: Option<Instant>;
        /// When sales accepted it (SAL).
        accepted_at: Option<Instant>;
        /// When sales qualified it (SQL).
        sales_qualified_at: Option<Instant>;
        /// When it became an opportunity.
        converted_at: Option<Instant>;
        /// When an opportunity from it was first won.
        won_at: Option<Instant>;
        /// When it was closed without a sale.
        lost_at: Option<Instant>;
    }
}

record! {
    /// Someone a campaign addressed, or held back for comparison.
    CAMPAIGN_MEMBER = "campaign_member" in "campaign_member" {
        /// The campaign.
        campaign_id: i64 = to("campaign");
        /// The customer addressed.
        customer_id: Option<i64> = to("customer");
        /// The lead addressed.
        lead_id: Option<i64> = to("lead");
        /// The channel.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// Whether addressed or held back.
        member_group: String = one_of("TARGET", "CONTROL"), or "'TARGET'";
        /// When the message was sent, or the member held back.
        sent_at: Instant;
        /// When the message arrived.
        delivered_at: Option<Instant>;
        /// When the message came back.
        bounced_at: Option<Instant>;
        /// When it was opened.
        opened_at: Option<Instant>;
        /// When a link in it was followed.
        clicked_at: Option<Instant>;
        /// When the member answered.
        responded_at: Option<Instant>;
        /// When the member did what the campaign asked for.
        converted_at: Option<Instant>;
        /// When the member left the list.
        unsubscribed_at: Option<Instant>;
        /// How many times the member was contacted.
        contacts: Option<Number>;
        /// How long the last contact took.
        duration: Option<Seconds>;
    }
    rule "duration": "duration >= 0", "a duration is not negative";
}

record! {
    /// Money that was spent.
    COST = "cost" in "cost" {
        /// What it was spent on.
        kind: String = one_of("SELLING", "SERVICE", "MARKETING", "ADVERTISING", "OTHER");
        /// The team that spent it.
        team_id: Option<i64> = to("team");
        /// The employee who spent it.
        employee_id: Option<i64> = to("employee");
        /// The campaign it was spent on.
        campaign_id: Option<i64> = to("campaign");
        /// The channel.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// When it was spent.
        incurred_at: Instant;
        /// How much.
        amount: Money;
    }
}
