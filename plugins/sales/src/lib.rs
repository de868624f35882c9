//! The standard sales pack.

pack_sdk::metric_pack! {
    id: "sales",
    title: { "en": "Sales", "zh": "销售" },
    inputs: {
        amount: { "measure": { "agg": "sum", "source": "orders", "of": "amount" } },
        orders: { "measure": { "agg": "count", "source": "orders" } },
        won: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
        lost: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "LOST" } } },
    },
    metrics: {
        amount(amount) = amount, {
            "title": { "en": "Sales amount", "zh": "销售额" },
            "description": { "en": "Net amount of the orders booked in the period.", "zh": "期间内订单的净额。" },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "catalogue"
        };
        avg_order_size(amount, orders) = amount / orders, {
            "title": { "en": "Average order size", "zh": "平均定单规模" },
            "description": { "en": "Net amount over number of orders." },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "catalogue"
        };
        opportunity_conversion_rate(won, lost) = won / (won + lost), {
            "title": { "en": "Opportunity conversion rate", "zh": "销售机会转化率" },
            "description": { "en": "Won opportunities over all closed in the period." },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "catalogue"
        };
    }
}
