//! The standard sales pack: what was sold, to whom, how opportunities ended and how long they took, against which targets.
//!
//! Each metric is stated once, as a definition over the named inputs above it. Won over closed is one thing and won over all is
//! another: every description says which facts count and by which date.

pack_sdk::metric_pack! {
    id: "sales",
    title: { "en": "Sales", "zh": "销售" },
    inputs: {
        // Orders. Cancelled orders are not facts.
        amount: { "measure": { "agg": "sum", "source": "orders", "of": "amount" } },
        amount_prev: { "measure": { "agg": "sum", "source": "orders", "of": "amount" }, "shift": "prev" },
        amount_yoy: { "measure": { "agg": "sum", "source": "orders", "of": "amount" }, "shift": "yoy" },
        orders: { "measure": { "agg": "count", "source": "orders" } },
        orders_with_amount: { "measure": { "agg": "count", "source": "orders", "where": { "amount": { "known": true } } } },
        buying: { "measure": { "agg": "distinct", "source": "orders", "of": "customer" } },
        buying_again: { "measure": { "agg": "distinct", "source": "orders", "of": "customer", "at_least": 2 } },
        fulfilment: { "measure": { "agg": "avg", "source": "orders", "of": "fulfilment", "time": "shipped_at" } },
        shipped_on_time: { "measure": { "agg": "count", "source": "orders", "time": "shipped_at", "where": { "late": false } } },
        shipped_late: { "measure": { "agg": "count", "source": "orders", "time": "shipped_at", "where": { "late": true } } },
        // Lines of orders.
        units: { "measure": { "agg": "sum", "source": "order_lines", "of": "quantity" } },
        discount: { "measure": { "agg": "sum", "source": "order_lines", "of": "discount" } },
        list: { "measure": { "agg": "sum", "source": "order_lines", "of": "list_amount" } },
        lines_with_cost: { "measure": { "agg": "sum", "source": "order_lines", "of": "amount", "where": { "cost": { "known": true } } } },
        goods_cost: { "measure": { "agg": "sum", "source": "order_lines", "of": "cost" } },
        cross_sold: { "measure": { "agg": "sum", "source": "order_lines", "of": "amount", "where": { "cross_sell": true } } },
        lines_with_cross_sell: { "measure": { "agg": "sum", "source": "order_lines", "of": "amount", "where": { "cross_sell": { "known": true } } } },
        // Opportunities closed in the period.
        won: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
        lost: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "LOST" } } },
        lost_to_competitor: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "LOST", "loss_reason": "COMPETITOR" } } },
        won_amount: { "measure": { "agg": "sum", "source": "opportunities", "of": "amount", "where": { "outcome": "WON" } } },
        lost_amount: { "measure": { "agg": "sum", "source": "opportunities", "of": "amount", "where": { "outcome": "LOST" } } },
        won_with_amount: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON", "amount": { "known": true } } } },
        won_amount_with_list: { "measure": { "agg": "sum", "source": "opportunities", "of": "amount", "where": { "outcome": "WON", "list_amount": { "known": true } } } },
        won_list: { "measure": { "agg": "sum", "source": "opportunities", "of": "list_amount", "where": { "outcome": "WON", "amount": { "known": true } } } },
        deal_median: { "measure": { "agg": "median", "source": "opportunities", "of": "amount", "where": { "outcome": "WON" } } },
        cycle_won: { "measure": { "agg": "avg", "source": "opportunities", "of": "cycle", "where": { "outcome": "WON" } } },
        cycle_lost_avg: { "measure": { "agg": "avg", "source": "opportunities", "of": "cycle", "where": { "outcome": "LOST" } } },
        cycle_closed: { "measure": { "agg": "avg", "source": "opportunities", "of": "cycle", "where": { "outcome": ["WON", "LOST"] } } },
        cycle_won_median: { "measure": { "agg": "median", "source": "opportunities", "of": "cycle", "where": { "outcome": "WON" } } },
        cycle_closed_median: { "measure": { "agg": "median", "source": "opportunities", "of": "cycle", "where": { "outcome": ["WON", "LOST"] } } },
        cycle_won_p75: { "measure": { "agg": "p75", "source": "opportunities", "of": "cycle", "where": { "outcome": "WON" } } },
        // Opportunities created, and those open at an instant.
        created: { "measure": { "agg": "count", "source": "opportunities", "time": "created_at" } },
        open_start: { "measure": { "agg": "count", "source": "opportunities" }, "shift": "start" },
        open_end: { "measure": { "agg": "count", "source": "opportunities" }, "shift": "end" },
        open_amount_end: { "measure": { "agg": "sum", "source": "opportunities", "of": "amount" }, "shift": "end" },
        open_list_end: { "measure": { "agg": "sum", "source": "opportunities", "of": "list_amount" }, "shift": "end" },
        weighted_end: { "measure": { "agg": "sum", "source": "opportunities", "of": "weighted_amount" }, "shift": "end" },
        stage_advanced: { "measure": { "agg": "count", "source": "stage_entries", "where": { "advanced": true } } },
        stage_left: { "measure": { "agg": "count", "source": "stage_entries", "where": { "advanced": { "known": true } } } },
        // Leads created in the period, and what became of them.
        leads: { "measure": { "agg": "count", "source": "leads" } },
        leads_converted: { "measure": { "agg": "count", "source": "leads", "where": { "converted": true } } },
        leads_won: { "measure": { "agg": "count", "source": "leads", "where": { "won": true } } },
        leads_lost: { "measure": { "agg": "count", "source": "leads", "where": { "lost": true } } },
        lead_response: { "measure": { "agg": "avg", "source": "leads", "of": "response" } },
        leads_in_time: { "measure": { "agg": "count", "source": "leads", "where": { "response": { "lte": { "parameter": "respond_within" } } } } },
        // Activities.
        follow_ups: { "measure": { "agg": "count", "source": "activities", "where": { "kind": "FOLLOW_UP" } } },
        follow_ups_with_feedback: { "measure": { "agg": "count", "source": "activities", "where": { "kind": "FOLLOW_UP", "feedback": true } } },
        follow_ups_due: { "measure": { "agg": "count", "source": "activities", "time": "due_at", "where": { "kind": "FOLLOW_UP" } } },
        follow_ups_on_time: { "measure": { "agg": "count", "source": "activities", "time": "due_at", "where": { "kind": "FOLLOW_UP", "on_time": true } } },
        tasks_due: { "measure": { "agg": "count", "source": "activities", "time": "due_at", "where": { "kind": "TASK" } } },
        tasks_done: { "measure": { "agg": "count", "source": "activities", "time": "due_at", "where": { "kind": "TASK", "done": true } } },
        meetings_due: { "measure": { "agg": "count", "source": "activities", "time": "due_at", "where": { "kind": "MEETING" } } },
        meetings_held: { "measure": { "agg": "count", "source": "activities", "time": "due_at", "where": { "kind": "MEETING", "done": true } } },
        calls: { "measure": { "agg": "count", "source": "activities", "where": { "kind": "CALL" } } },
        visits: { "measure": { "agg": "count", "source": "activities", "where": { "kind": "VISIT" } } },
        // Customers, people, costs and targets.
        new_customers: { "measure": { "agg": "count", "source": "customers", "time": "acquired_at" } },
        customers_start: { "measure": { "agg": "count", "source": "customers" }, "shift": "start" },
        customers_end: { "measure": { "agg": "count", "source": "customers" }, "shift": "end" },
        reps_end: { "measure": { "agg": "count", "source": "employees", "where": { "role": "REP" } }, "shift": "end" },
        selling_cost: { "measure": { "agg": "sum", "source": "costs", "of": "amount", "where": { "kind": "SELLING" } } },
        quota_value: { "measure": { "agg": "sum", "source": "targets", "of": "value", "where": { "kind": "QUOTA" } } },
        plan_value: { "measure": { "agg": "sum", "source": "targets", "of": "value", "where": { "kind": "PLAN" } } },
        // Other metrics.
        growth_now: { "metric": "sales.growth_rate" },
        growth_before: { "metric": "sales.growth_rate", "shift": "prev" },
        cycle_now: { "metric": "sales.cycle_days" },
        cycle_before: { "metric": "sales.cycle_days", "shift": "prev" },
    },
    parameters: {
        respond_within: {
            "title": { "en": "Respond within", "zh": "响应时限" },
            "description": { "en": "How long after its creation a lead must have been contacted.", "zh": "线索创建后须在此时限内联系。" },
            "type": "integer", "unit": "minutes", "default": 60, "min": 0
        },
    },
    metrics: {
        // What was sold.
        amount(amount) = amount, {
            "title": { "en": "Sales amount", "zh": "销售额" },
            "description": {
                "en": "Net amount of the orders booked in the period, credit sales included, cancelled orders not.",
                "zh": "期间内订单净额，含赊销，不含已取消订单。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue",
            "accumulation": "flow",
            "synonyms": { "en": ["Revenue", "Turnover"], "zh": ["营业额", "销售收入"] },
            "intended_behaviour": { "en": "Sell more, to new and to known customers.", "zh": "多销售，新老客户兼顾。" },
            "side_effect": { "en": "Orders pulled forward, or bought with discounts: watch discount_rate and growth_rate beside it.", "zh": "提前压单或以折扣换单：同时关注折扣率与增长率。" }
        };
        order_count(orders) = orders, {
            "title": { "en": "Orders", "zh": "订单数" },
            "description": {
                "en": "Number of orders booked in the period, cancelled ones not counted.",
                "zh": "期间内订单数量，不含已取消订单。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/FIN", "source": "CRM KPI catalogue",
            "accumulation": "flow",
            "synonyms": { "zh": ["定单数"] }
        };
        avg_order_size(amount, orders_with_amount) = amount / orders_with_amount, {
            "title": { "en": "Average order size", "zh": "平均定单规模" },
            "description": {
                "en": "Sales amount over number of orders, of those whose amount is known.",
                "zh": "销售额除以已知金额的订单数。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue",
            "synonyms": { "en": ["AOV"], "zh": ["客单价"] },
            "examples": [{ "inputs": { "amount": "100.50", "orders_with_amount": 2 }, "value": "50.25" }, { "inputs": { "amount": 0, "orders_with_amount": 0 }, "null": true }]
        };
        units(units) = units, {
            "title": { "en": "Units sold", "zh": "销售量" },
            "description": {
                "en": "Sum of the quantities on the order lines of the period.",
                "zh": "期间内订单行数量之和。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/FIN", "source": "CRM KPI catalogue",
            "accumulation": "flow"
        };
        ipt(units, orders) = units / orders, {
            "title": { "en": "Items per transaction (IPT)", "zh": "客单件(IPT)" },
            "description": {
                "en": "Units sold over number of orders.",
                "zh": "销售件数除以订单数。"
            },
            "kind": "number", "unit": "count", "direction": "up", "class": "NQSR-T/FIN", "source": "CRM KPI catalogue"
        };
        aup(amount, units) = amount / units, {
            "title": { "en": "Average unit price (AUP)", "zh": "平均单价(AUP)" },
            "description": {
                "en": "Sales amount over units sold.",
                "zh": "销售额除以销售件数。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue"
        };
        growth_rate(amount, amount_prev) = growth(amount, amount_prev), {
            "title": { "en": "Sales growth rate", "zh": "销售额增长率" },
            "description": {
                "en": "Change of the sales amount against the preceding period of the same length, relative to that period.",
                "zh": "销售额较上一同长期间的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue"
        };
        growth_rate_yoy(amount, amount_yoy) = growth(amount, amount_yoy), {
            "title": { "en": "Year-on-year sales growth", "zh": "销售额同比增长率" },
            "description": {
                "en": "Change of the sales amount against the same period a year earlier, relative to that period.",
                "zh": "销售额较去年同期的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQLR-S/FIN", "source": "CRM KPI catalogue"
        };
        total_growth_abs(amount, amount_prev) = amount - amount_prev, {
            "title": { "en": "Absolute sales change", "zh": "销售额增长额" },
            "description": {
                "en": "Sales amount less that of the preceding period of the same length.",
                "zh": "销售额减去上一同长期间的销售额。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue"
        };
        growth_change(growth_now, growth_before) = 100 * (growth_now - growth_before), {
            "title": { "en": "Change of sales growth", "zh": "销售增速变化" },
            "description": {
                "en": "Sales growth rate less that of the preceding period, in percentage points: above zero, sales accelerate.",
                "zh": "本期销售增长率减去上期增长率，以百分点计；大于零表示加速。"
            },
            "kind": "number", "unit": "percentage_points", "direction": "up", "class": "FQSR-S/FIN", "source": "common CRM practice"
        };
        gross_margin_rate(lines_with_cost, goods_cost) = (lines_with_cost - goods_cost) / lines_with_cost, {
            "title": { "en": "Gross margin on sales", "zh": "销售毛利率" },
            "description": {
                "en": "Net amount less cost of goods over net amount, of the order lines whose cost is known.",
                "zh": "已知成本的订单行中，净额减去成本后占净额的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQSR-T/FIN", "source": "financial analysis standards"
        };
        discount_rate(discount, list) = discount / list, {
            "title": { "en": "Discount rate", "zh": "折扣率" },
            "description": {
                "en": "List amount less net amount over list amount, of the order lines with a list price.",
                "zh": "有标价的订单行中，标价额与净额之差占标价额的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "FQSP-T/FIN", "source": "CRM KPI catalogue",
            "intended_behaviour": { "en": "Sell by value, not by price.", "zh": "以价值而非价格成交。" },
            "side_effect": { "en": "Deals lost that a small discount would have won: watch opportunity_conversion_rate beside it.", "zh": "小幅让利即可赢得的机会被放弃：同时关注机会转化率。" }
        };
        cross_sell_share(cross_sold, lines_with_cross_sell) = cross_sold / lines_with_cross_sell, {
            "title": { "en": "Cross-sell share", "zh": "交叉销售占比" },
            "description": {
                "en": "Net amount of cross- and up-sold lines over that of all lines of which it is known whether they were.",
                "zh": "交叉销售订单行净额占已标明是否交叉销售的订单行净额的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQLRCS/FIN", "source": "common CRM practice"
        };
        cost_ratio(selling_cost, amount) = selling_cost / amount, {
            "title": { "en": "Selling cost ratio", "zh": "销售成本率" },
            "description": {
                "en": "Selling costs incurred in the period over the sales amount.",
                "zh": "期间内销售费用占销售额的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue"
        };
        cost_per_win(selling_cost, won) = selling_cost / won, {
            "title": { "en": "Selling cost per won deal", "zh": "单笔成交成本" },
            "description": {
                "en": "Selling costs incurred in the period over the opportunities won in it.",
                "zh": "期间内销售费用除以赢单数。"
            },
            "kind": "money", "unit": "money", "direction": "down", "class": "FQSR-T/FIN", "source": "common CRM practice"
        };
        per_rep(amount, reps_end) = amount / reps_end, {
            "title": { "en": "Sales per rep", "zh": "人均销售额" },
            "description": {
                "en": "Sales amount over the sales reps employed at the end of the period (not the average headcount).",
                "zh": "销售额除以期末在职销售代表人数（非平均人数）。"
            },
            "subjects": ["TEAM", "REGION"],
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSRET/FIN", "source": "common CRM practice"
        };
        // Delivery.
        fulfilment_days(fulfilment) = fulfilment, {
            "title": { "en": "Order fulfilment time", "zh": "订单履行时间" },
            "description": {
                "en": "Mean time from order to shipment, of the orders shipped in the period.",
                "zh": "期间内发货订单从下单到发货的平均时间。"
            },
            "kind": "duration", "unit": "days", "direction": "down", "class": "NQSPCT/INT", "source": "common CRM practice"
        };
        on_time_shipment_rate(shipped_on_time, shipped_late) = shipped_on_time / (shipped_on_time + shipped_late), {
            "title": { "en": "On-time shipment rate", "zh": "准时发货率" },
            "description": {
                "en": "Orders shipped no later than promised over all orders shipped in the period that had a promised date.",
                "zh": "期间内有承诺日期的发货订单中，按时发货的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSRCT/INT", "source": "common CRM practice",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "0.95" }, { "status": "on_track", "from": "0.95" }]
        };
        late_shipment_count(shipped_late) = shipped_late, {
            "title": { "en": "Late shipments", "zh": "延迟发货数" },
            "description": {
                "en": "Orders shipped in the period later than promised.",
                "zh": "期间内晚于承诺日期发货的订单数。"
            },
            "kind": "count", "unit": "count", "direction": "down", "class": "NQSRCT/INT", "source": "common CRM practice",
            "accumulation": "flow"
        };
        // Customers.
        buying_customer_count(buying) = buying, {
            "title": { "en": "Buying customers", "zh": "购买客户数" },
            "description": {
                "en": "Different customers with at least one order in the period.",
                "zh": "期间内至少下过一单的不同客户数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSRCT/CUS", "source": "common CRM practice"
        };
        amount_per_customer(amount, buying) = amount / buying, {
            "title": { "en": "Sales per buying customer", "zh": "客均销售额" },
            "description": {
                "en": "Sales amount over the different customers who ordered in the period.",
                "zh": "销售额除以期间内下单的不同客户数。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSRCT/FIN", "source": "common CRM practice"
        };
        orders_per_customer(orders, buying) = orders / buying, {
            "title": { "en": "Orders per buying customer", "zh": "客均订单数" },
            "description": {
                "en": "Orders over the different customers who ordered in the period.",
                "zh": "订单数除以期间内下单的不同客户数。"
            },
            "kind": "number", "unit": "count", "direction": "up", "class": "NQSRCT/CUS", "source": "common CRM practice"
        };
        purchase_frequency(orders, customers_start, customers_end) = orders / ((customers_start + customers_end) / 2), {
            "title": { "en": "Purchase frequency", "zh": "购买频次" },
            "description": {
                "en": "Orders over the average of the customers at the start and at the end of the period, whether they ordered or not.",
                "zh": "订单数除以期初与期末客户数的平均值，无论客户是否下单。"
            },
            "kind": "number", "unit": "count", "direction": "up", "class": "NQSRCT/CUS", "source": "CRM KPI catalogue"
        };
        repurchase_rate(buying_again, buying) = buying_again / buying, {
            "title": { "en": "Repurchase rate", "zh": "复购率" },
            "description": {
                "en": "Customers with at least two orders in the period over all customers with at least one.",
                "zh": "期间内至少两单的客户占至少一单的客户的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSRCT/CUS", "source": "RFM analysis"
        };
        new_customer_count(new_customers) = new_customers, {
            "title": { "en": "New customers", "zh": "新客户数量" },
            "description": {
                "en": "Customers acquired in the period: by a known date, else by their first order.",
                "zh": "期间内新获得的客户数，以已知获客日期或首单日期为准。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSRCT/CUS", "source": "CRM KPI catalogue",
            "accumulation": "flow"
        };
        // How opportunities ended.
        opportunity_conversion_rate(won, lost) = won / (won + lost), {
            "title": { "en": "Opportunity conversion rate", "zh": "销售机会转化率" },
            "description": {
                "en": "Opportunities won over all closed in the period, won and lost. Open ones do not count.",
                "zh": "期间内赢单数占已关闭（赢单与丢单）机会的比例，未关闭机会不计。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "CRM KPI catalogue",
            "synonyms": { "en": ["Win rate"], "zh": ["赢单率"] },
            "intended_behaviour": { "en": "Choose the right opportunities and see them through.", "zh": "选对机会并坚持到底。" },
            "side_effect": { "en": "Lost opportunities left open, or weak ones never entered: watch conversion_rate_all and opportunity_created_count beside it.", "zh": "丢单不关闭或弱机会不录入：同时关注全部机会转化率与新增机会数。" },
            "examples": [{ "inputs": { "won": 3, "lost": 1 }, "value": "0.75" }, { "inputs": { "won": 0, "lost": 0 }, "null": true }]
        };
        conversion_rate_all(won, lost, open_end) = won / (won + lost + open_end), {
            "title": { "en": "Conversion of all opportunities", "zh": "全部机会转化率" },
            "description": {
                "en": "Opportunities won in the period over all that were closed in it or still open at its end: lower than the conversion rate, which leaves open ones out.",
                "zh": "期间内赢单数占期间内关闭及期末仍未关闭的全部机会的比例，低于不计未关闭机会的转化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "common CRM practice"
        };
        win_loss_ratio(won, lost) = won / lost, {
            "title": { "en": "Win-loss ratio", "zh": "赢丢单比" },
            "description": {
                "en": "Opportunities won over opportunities lost in the period.",
                "zh": "期间内赢单数与丢单数之比。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "common CRM practice"
        };
        loss_rate(won, lost) = lost / (won + lost), {
            "title": { "en": "Loss rate", "zh": "销售失败率" },
            "description": {
                "en": "Opportunities lost over all closed in the period, won and lost.",
                "zh": "期间内丢单数占已关闭机会的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSR-T/CUS", "source": "CRM KPI catalogue"
        };
        loss_count(lost) = lost, {
            "title": { "en": "Lost opportunities", "zh": "销售失败数" },
            "description": {
                "en": "Opportunities closed as lost in the period.",
                "zh": "期间内关闭为丢单的机会数。"
            },
            "kind": "count", "unit": "count", "direction": "down", "class": "NQSR-T/CUS", "source": "CRM KPI catalogue",
            "accumulation": "flow"
        };
        competitor_loss_rate(lost_to_competitor, won, lost) = lost_to_competitor / (won + lost), {
            "title": { "en": "Lost to competitors", "zh": "客户选择竞争对手比率" },
            "description": {
                "en": "Opportunities lost to a competitor over all closed in the period, won and lost.",
                "zh": "期间内因竞争对手丢单的机会占已关闭机会的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSRCS/CUS", "source": "CRM KPI catalogue"
        };
        won_count(won) = won, {
            "title": { "en": "Won opportunities", "zh": "赢单数" },
            "description": {
                "en": "Opportunities closed as won in the period.",
                "zh": "期间内关闭为赢单的机会数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/CUS", "source": "common CRM practice",
            "accumulation": "flow"
        };
        won_amount(won_amount) = won_amount, {
            "title": { "en": "Won amount", "zh": "赢单金额" },
            "description": {
                "en": "Agreed amount of the opportunities won in the period.",
                "zh": "期间内赢单机会的成交金额。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "common CRM practice",
            "accumulation": "flow"
        };
        avg_deal_size(won_amount, won_with_amount) = won_amount / won_with_amount, {
            "title": { "en": "Average deal size", "zh": "平均成交金额" },
            "description": {
                "en": "Won amount over opportunities won in the period, of those whose amount is known.",
                "zh": "赢单金额除以已知金额的赢单数。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "common CRM practice"
        };
        deal_size_median(deal_median) = deal_median, {
            "title": { "en": "Median deal size", "zh": "成交金额中位数" },
            "description": {
                "en": "Median amount of the opportunities won in the period.",
                "zh": "期间内赢单机会金额的中位数。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSR-T/FIN", "source": "common CRM practice"
        };
        win_rate_value(won_amount, lost_amount) = won_amount / (won_amount + lost_amount), {
            "title": { "en": "Win rate by value", "zh": "金额赢单率" },
            "description": {
                "en": "Amount won over the amount of all opportunities closed in the period, won and lost.",
                "zh": "期间内赢单金额占已关闭机会金额的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQSR-T/FIN", "source": "common CRM practice"
        };
        discount_rate_won(won_amount_with_list, won_list) = 1 - won_amount_with_list / won_list, {
            "title": { "en": "Discount on won deals", "zh": "赢单折扣率" },
            "description": {
                "en": "One less won amount over list amount, of the opportunities won in the period with both known. Below zero: sold above list.",
                "zh": "期间内赢单（金额与标价均已知）中，一减成交金额与标价额之比；负值表示高于标价成交。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "FQSP-T/FIN", "source": "common CRM practice"
        };
        // How long they took.
        cycle_days(cycle_won) = cycle_won, {
            "title": { "en": "Sales cycle length", "zh": "销售周期" },
            "description": {
                "en": "Mean time from creation to close of the opportunities won in the period.",
                "zh": "期间内赢单机会从创建到关闭的平均时间。"
            },
            "kind": "duration", "unit": "days", "direction": "down", "class": "NQSP-T/INT", "source": "CRM KPI catalogue",
            "intended_behaviour": { "en": "Move opportunities on.", "zh": "推进销售机会。" },
            "side_effect": { "en": "Customers pressed before they are ready: watch avg_deal_size and discount_rate_won beside it.", "zh": "催促尚未准备好的客户：同时关注平均成交金额与赢单折扣率。" }
        };
        cycle_days_closed(cycle_closed) = cycle_closed, {
            "title": { "en": "Sales cycle length, won and lost", "zh": "销售周期（全部关闭）" },
            "description": {
                "en": "Mean time from creation to close of all opportunities closed in the period, won and lost.",
                "zh": "期间内全部关闭机会从创建到关闭的平均时间。"
            },
            "kind": "duration", "unit": "days", "direction": "down", "class": "NQSP-T/INT", "source": "common CRM practice"
        };
        cycle_days_lost(cycle_lost_avg) = cycle_lost_avg, {
            "title": { "en": "Sales cycle length, lost", "zh": "丢单周期" },
            "description": {
                "en": "Mean time from creation to close of the opportunities lost in the period.",
                "zh": "期间内丢单机会从创建到关闭的平均时间。"
            },
            "kind": "duration", "unit": "days", "direction": "none", "class": "NQSP-T/INT", "source": "common CRM practice"
        };
        cycle_median(cycle_won_median) = cycle_won_median, {
            "title": { "en": "Median sales cycle", "zh": "销售周期中位数" },
            "description": {
                "en": "Median time from creation to close of the opportunities won in the period.",
                "zh": "期间内赢单机会从创建到关闭时间的中位数。"
            },
            "kind": "duration", "unit": "days", "direction": "down", "class": "NQSP-T/INT", "source": "common CRM practice"
        };
        cycle_median_closed(cycle_closed_median) = cycle_closed_median, {
            "title": { "en": "Median sales cycle, won and lost", "zh": "销售周期中位数（全部关闭）" },
            "description": {
                "en": "Median time from creation to close of all opportunities closed in the period, won and lost.",
                "zh": "期间内全部关闭机会从创建到关闭时间的中位数。"
            },
            "kind": "duration", "unit": "days", "direction": "down", "class": "NQSP-T/INT", "source": "common CRM practice"
        };
        cycle_p75(cycle_won_p75) = cycle_won_p75, {
            "title": { "en": "Sales cycle, 75th percentile", "zh": "销售周期第75百分位" },
            "description": {
                "en": "Three of four opportunities won in the period took no longer than this (linearly interpolated).",
                "zh": "期间内四分之三的赢单机会不超过此时长（线性插值）。"
            },
            "kind": "duration", "unit": "days", "direction": "down", "class": "NQSP-T/INT", "source": "common CRM practice"
        };
        cycle_reduction(cycle_before, cycle_now) = (cycle_before - cycle_now) / cycle_before, {
            "title": { "en": "Sales cycle reduction", "zh": "销售周期缩短" },
            "description": {
                "en": "How much shorter the mean cycle of won opportunities is than in the preceding period, relative to that period.",
                "zh": "赢单平均周期较上期缩短的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "CRM KPI catalogue"
        };
        // What is in the pipeline.
        opportunity_created_count(created) = created, {
            "title": { "en": "Opportunities created", "zh": "新增销售机会数" },
            "description": {
                "en": "Opportunities created in the period.",
                "zh": "期间内新建的销售机会数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSP-T/CUS", "source": "CRM KPI catalogue",
            "accumulation": "flow"
        };
        opportunity_open_count(open_end) = open_end, {
            "title": { "en": "Open opportunities", "zh": "未关闭机会数" },
            "description": {
                "en": "Opportunities open at the end of the period, those of unknown creation date included.",
                "zh": "期末未关闭的机会数，含创建日期未知者。"
            },
            "kind": "count", "unit": "count", "direction": "none", "class": "NQSP-T/CUS", "source": "common CRM practice",
            "accumulation": "stock"
        };
        open_amount(open_amount_end) = open_amount_end, {
            "title": { "en": "Open pipeline", "zh": "管道金额" },
            "description": {
                "en": "Expected amount of the opportunities open at the end of the period.",
                "zh": "期末未关闭机会的预期金额。"
            },
            "kind": "money", "unit": "money", "direction": "none", "class": "FQSP-T/FIN", "source": "common CRM practice",
            "accumulation": "stock"
        };
        open_list_amount(open_list_end) = open_list_end, {
            "title": { "en": "Open pipeline at list price", "zh": "管道标价金额" },
            "description": {
                "en": "Amount at list price of the opportunities open at the end of the period.",
                "zh": "期末未关闭机会按标价计算的金额。"
            },
            "kind": "money", "unit": "money", "direction": "none", "class": "FQSP-T/FIN", "source": "common CRM practice",
            "accumulation": "stock"
        };
        forecast_weighted(weighted_end) = weighted_end, {
            "title": { "en": "Weighted sales forecast", "zh": "加权销售预测" },
            "description": {
                "en": "Amount times win probability, summed over the opportunities open at the end of the period that have both.",
                "zh": "期末未关闭机会的金额乘以赢率之和（两者均已知）。"
            },
            "kind": "money", "unit": "money", "direction": "none", "class": "FQSP-T/FIN", "source": "CRM KPI catalogue",
            "accumulation": "stock"
        };
        stage_conversion_rate(stage_advanced, stage_left) = stage_advanced / stage_left, {
            "title": { "en": "Stage conversion", "zh": "阶段转化率" },
            "description": {
                "en": "Of the stage entries of the period that have been left, the share left forward or by winning.",
                "zh": "期间内进入且已离开的阶段中，前进或赢单离开的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "CRM KPI catalogue"
        };
        pipeline_velocity(open_start, open_end, won, lost, won_amount, won_with_amount, cycle_won) = (open_start + open_end) / 2 * (won / (won + lost)) * (won_amount / won_with_amount) / (cycle_won / 86400), {
            "title": { "en": "Pipeline velocity per day", "zh": "管道流速（每日）" },
            "description": {
                "en": "Average open opportunities times conversion rate times average deal size, over the mean cycle of won opportunities in days.",
                "zh": "平均未关闭机会数乘以转化率乘以平均成交金额，除以赢单平均周期天数。"
            },
            "kind": "money", "unit": "money", "direction": "up", "class": "FQSP-T/FIN", "source": "common CRM practice"
        };
        pipeline_coverage(open_amount_end, quota_value, amount) = open_amount_end / max(quota_value - amount, 0), {
            "title": { "en": "Pipeline coverage", "zh": "销售管道覆盖率" },
            "description": {
                "en": "Open pipeline at the end of the period over what is missing to the quota; no value once the quota is reached.",
                "zh": "期末管道金额除以距配额的差额；配额已完成时无值。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQSP-T/FIN", "source": "CRM KPI catalogue",
            "examples": [{ "inputs": { "open_amount_end": 300, "quota_value": 150, "amount": 50 }, "value": 3 }, { "inputs": { "open_amount_end": 300, "quota_value": 150, "amount": 200 }, "null": true }]
        };
        // Against targets.
        quota(quota_value) = quota_value, {
            "title": { "en": "Sales quota", "zh": "销售配额" },
            "description": {
                "en": "Sum of the quotas that hold for the period.",
                "zh": "期间适用的销售配额之和。"
            },
            "kind": "money", "unit": "money", "direction": "none", "class": "FQSP-T/FIN", "source": "CRM KPI catalogue"
        };
        quota_attainment(amount, quota_value) = amount / quota_value, {
            "title": { "en": "Sales target completion", "zh": "销售目标完成情况" },
            "description": {
                "en": "Sales amount over quota; may exceed 1.",
                "zh": "销售额除以销售配额，可超过1。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "1" }, { "status": "on_track", "from": "1" }],
            "intended_behaviour": { "en": "Reach what was agreed.", "zh": "达成约定目标。" },
            "side_effect": { "en": "Orders kept back once the quota is reached: watch growth_rate by month beside it.", "zh": "达标后压单：同时关注月度增长率。" }
        };
        plan_attainment(amount, plan_value) = amount / plan_value, {
            "title": { "en": "Sales plan attainment", "zh": "销售计划达成率" },
            "description": {
                "en": "Sales amount over the planned figure; may exceed 1.",
                "zh": "销售额除以计划额，可超过1。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "1" }, { "status": "on_track", "from": "1" }]
        };
        // Leads.
        lead_conversion_rate(leads_converted, leads) = leads_converted / leads, {
            "title": { "en": "Lead-to-opportunity conversion", "zh": "线索转化率" },
            "description": {
                "en": "Of the leads created in the period, the share that became an opportunity, whenever that happened.",
                "zh": "期间内创建的线索中已转为机会的比例（不限转化时间）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/CUS", "source": "CRM KPI catalogue"
        };
        close_rate(leads_won, leads) = leads_won / leads, {
            "title": { "en": "Close rate (lead to sale)", "zh": "成交率" },
            "description": {
                "en": "Of the leads created in the period, the share with at least one won opportunity, whenever that happened.",
                "zh": "期间内创建的线索中至少一次赢单的比例（不限时间）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "CRM KPI catalogue"
        };
        close_rate_resolved(leads_won, leads_lost) = leads_won / (leads_won + leads_lost), {
            "title": { "en": "Close rate on resolved leads", "zh": "成交率（已结案口径）" },
            "description": {
                "en": "Of the leads created in the period that are resolved, the share that was won.",
                "zh": "期间内创建且已结案的线索中赢单的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "common CRM practice"
        };
        lead_response_minutes(lead_response) = lead_response, {
            "title": { "en": "Lead response time", "zh": "线索响应时间" },
            "description": {
                "en": "Mean time from creation to first contact, of the leads created in the period that have been contacted.",
                "zh": "期间内创建且已联系的线索，从创建到首次联系的平均时间。"
            },
            "kind": "duration", "unit": "minutes", "direction": "down", "class": "NQSPCT/INT", "source": "common CRM practice",
            "bands": [{ "status": "on_track", "to": "60" }, { "status": "at_risk", "from": "60", "to": "240" }, { "status": "off_track", "from": "240" }]
        };
        lead_sla_rate(leads_in_time, leads; respond_within) = leads_in_time / leads, {
            "title": { "en": "Leads contacted in time", "zh": "线索及时跟进率" },
            "description": {
                "en": "Of the leads created in the period, the share first contacted within so many minutes.",
                "zh": "期间内创建的线索中，在指定分钟内首次联系的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/INT", "source": "CRM KPI catalogue"
        };
        // Work done.
        followup_count(follow_ups) = follow_ups, {
            "title": { "en": "Follow-up records", "zh": "客户跟进记录数" },
            "description": {
                "en": "Follow-ups that took place in the period.",
                "zh": "期间内发生的跟进数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSPCT/INT", "source": "CRM KPI catalogue",
            "accumulation": "flow"
        };
        followup_completion_rate(follow_ups_on_time, follow_ups_due) = follow_ups_on_time / follow_ups_due, {
            "title": { "en": "Follow-ups done on time", "zh": "跟进完成率" },
            "description": {
                "en": "Of the follow-ups due in the period, the share done no later than due.",
                "zh": "期间内到期的跟进中按时完成的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/INT", "source": "CRM KPI catalogue",
            "bands": [{ "status": "off_track", "to": "0.8" }, { "status": "at_risk", "from": "0.8", "to": "0.95" }, { "status": "on_track", "from": "0.95" }]
        };
        followup_feedback_rate(follow_ups_with_feedback, follow_ups) = follow_ups_with_feedback / follow_ups, {
            "title": { "en": "Follow-ups with customer feedback", "zh": "跟进反馈率" },
            "description": {
                "en": "Of the follow-ups that took place in the period, the share with recorded customer feedback.",
                "zh": "期间内发生的跟进中记录了客户反馈的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/INT", "source": "CRM KPI catalogue"
        };
        task_completion_rate(tasks_done, tasks_due) = tasks_done / tasks_due, {
            "title": { "en": "Sales task completion", "zh": "销售任务完成情况" },
            "description": {
                "en": "Of the tasks due in the period, the share completed, late or not.",
                "zh": "期间内到期任务中已完成（含逾期完成）的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPET/INT", "source": "CRM KPI catalogue"
        };
        schedule_execution_rate(meetings_held, meetings_due) = meetings_held / meetings_due, {
            "title": { "en": "Appointments held", "zh": "日程安排执行率" },
            "description": {
                "en": "Of the meetings planned for the period, the share that was held.",
                "zh": "期间内计划的会面中实际举行的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPET/INT", "source": "CRM KPI catalogue"
        };
        call_count(calls) = calls, {
            "title": { "en": "Sales calls", "zh": "销售呼叫量" },
            "description": {
                "en": "Calls that took place in the period.",
                "zh": "期间内进行的电话数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSPET/INT", "source": "CRM KPI catalogue",
            "accumulation": "flow",
            "intended_behaviour": { "en": "Talk to customers.", "zh": "多与客户交流。" },
            "side_effect": { "en": "Calls for the sake of the count: watch opportunity_created_count beside it.", "zh": "为凑数而打电话：同时关注新增机会数。" }
        };
        visit_count(visits) = visits, {
            "title": { "en": "Customer visits", "zh": "客户拜访量" },
            "description": {
                "en": "Customer visits that took place in the period.",
                "zh": "期间内进行的客户拜访数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSPET/INT", "source": "common CRM practice",
            "accumulation": "flow"
        };
    }
}
