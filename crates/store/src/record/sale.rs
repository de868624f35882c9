//! Selling: products, opportunities with their stages, orders with their lines.

use chrono::NaiveDate;

use crate::entity::{Column, ColumnType, Entity, Instant, Money, Number, Rule, Stored, record, spoken};

record! {
    /// A family of products.
    PRODUCT_CATEGORY = "product_category" in "product_category" {
        /// Its name.
        name: String;
    }
}

record! {
    /// Something that is sold.
    PRODUCT = "product" in "product" {
        /// Its name.
        name: String;
        /// Its category.
        category_id: Option<i64> = to("product_category");
        /// The price of a unit before discounts.
        list_price: Option<Money>;
        /// What a unit costs.
        unit_cost: Option<Money>;
        /// The day it came to market.
        launched_on: Option<NaiveDate>;
    }
}

record! {
    /// A step that opportunities pass through.
    SALES_STAGE = "sales_stage" in "sales_stage" {
        /// Its name.
        name: String;
        /// Its place in the order of stages.
        position: i64;
        /// The probability of winning from here, 0 to 1.
        default_probability: Option<Number>;
    }
    rule "default_probability": "default_probability BETWEEN 0 AND 10000", "a probability is from 0 to 1";
}

record! {
    /// A chance to sell.
    OPPORTUNITY = "opportunity" in "opportunity" {
        /// Its name.
        name: Option<String>;
        /// The customer.
        customer_id: Option<i64> = to("customer");
        /// The employee who pursues it.
        employee_id: Option<i64> = to("employee");
        /// The product.
        product_id: Option<i64> = to("product");
        /// The lead it came from.
        lead_id: Option<i64> = to("lead");
        /// The campaign it came from.
        campaign_id: Option<i64> = to("campaign");
        /// The channel it came through.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// The current stage.
        stage_id: Option<i64> = to("sales_stage");
        /// How it ended, or OPEN.
        outcome: String = one_of("OPEN", "WON", "LOST"), or "'OPEN'";
        /// Why it was lost.
        loss_reason: Option<String> = one_of("COMPETITOR", "PRICE", "NO_BUDGET", "NO_DECISION", "PRODUCT", "SERVICE", "UNKNOWN");
        /// The agreed amount when won, the expected amount while open.
        amount: Option<Money>;
        /// The amount at list price.
        list_amount: Option<Money>;
        /// The probability of winning, 0 to 1.
        win_probability: Option<Number>;
        /// When it was created; unknown means that it is known to exist, but not since when.
        created_at: Option<Instant>;
        /// The day it is expected to close.
        expected_close_on: Option<NaiveDate>;
        /// When it was won or lost.
        closed_at: Option<Instant>;
    }
    rule "win_probability": "win_probability BETWEEN 0 AND 10000", "a probability is from 0 to 1";
    rule "closed_at": "(outcome = 'OPEN') = (closed_at IS NULL)", "an open opportunity has no closing instant, and a won or lost one has";
}

record! {
    /// That an opportunity entered a stage.
    STAGE_ENTRY = "stage_entry" in "stage_entry" {
        /// The opportunity.
        opportunity_id: i64 = to("opportunity");
        /// The stage.
        stage_id: i64 = to("sales_stage");
        /// When it entered.
        entered_at: Instant;
        /// When it left; unknown while still there.
        left_at: Option<Instant>;
        /// Whether it left forward or by winning.
        advanced: Option<bool>;
    }
    rule "left_at": "left_at >= entered_at", "a stage is left no earlier than it is entered";
}

record! {
    /// An order.
    ORDER = "order" in "sales_order" {
        /// The customer who ordered.
        customer_id: Option<i64> = to("customer");
        /// The employee who sold.
        employee_id: Option<i64> = to("employee");
        /// The opportunity that was won with it.
        opportunity_id: Option<i64> = to("opportunity");
        /// The campaign it came from.
        campaign_id: Option<i64> = to("campaign");
        /// The channel it came through.
        channel_id: Option<i64> = to("channel");
        /// The region.
        region_id: Option<i64> = to("region");
        /// Whether it stands; a cancelled order is counted nowhere.
        state: String = one_of("BOOKED", "CANCELLED"), or "'BOOKED'";
        /// When it was placed.
        ordered_at: Instant;
        /// When shipment was promised.
        promised_at: Option<Instant>;
        /// When it was shipped.
        shipped_at: Option<Instant>;
        /// The net amount; where not given, the sum of its lines.
        amount: Option<Money>, derived "amount_derived";
    }
}

record! {
    /// A line of an order.
    ORDER_LINE = "order_line" in "order_line" {
        /// The order.
        order_id: i64 = to("order");
        /// The product.
        product_id: Option<i64> = to("product");
        /// Units.
        quantity: Number;
        /// The price paid for a unit.
        unit_price: Option<Money>;
        /// Quantity at list price.
        list_amount: Option<Money>;
        /// The net amount.
        amount: Money;
        /// The cost of the goods.
        cost: Option<Money>;
        /// Whether it was a cross- or up-sell.
        cross_sell: Option<bool>;
    }
}
