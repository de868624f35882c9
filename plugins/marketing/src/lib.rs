//! The standard marketing pack: messages and their echo, leads down the funnel, what it cost, customers won and lost, and the market.
//!
//! Each metric is stated once, as a definition over the named inputs above it. Messages are taken by the date they were sent and
//! leads by the date they were created, whenever their outcome came: a young period may still rise.

pack_sdk::metric_pack! {
    id: "marketing",
    title: { "en": "Marketing", "zh": "市场营销" },
    inputs: {
        // Messages sent in the period to members of the target group, and what became of them.
        messages: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET" } } },
        delivered: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET", "delivered": true } } },
        bounced: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET", "bounced": true } } },
        opened: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET", "opened": true } } },
        clicked: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET", "clicked": true } } },
        responded: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET", "responded": true } } },
        converted: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET", "converted": true } } },
        unsubscribed: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "TARGET", "unsubscribed": true } } },
        control: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "CONTROL" } } },
        control_converted: { "measure": { "agg": "count", "source": "campaign_members", "where": { "group": "CONTROL", "converted": true } } },
        contacts: { "measure": { "agg": "sum", "source": "campaign_members", "of": "contacts", "where": { "group": "TARGET" } } },
        contact_duration_yes: { "measure": { "agg": "avg", "source": "campaign_members", "of": "duration", "where": { "group": "TARGET", "converted": true } } },
        contact_duration_no: { "measure": { "agg": "avg", "source": "campaign_members", "of": "duration", "where": { "group": "TARGET", "converted": false } } },
        contact_duration_median: { "measure": { "agg": "median", "source": "campaign_members", "of": "duration", "where": { "group": "TARGET" } } },
        reached: { "measure": { "agg": "distinct", "source": "campaign_members", "of": "customer", "where": { "group": "TARGET", "delivered": true } } },
        reached_often: { "measure": { "agg": "distinct", "source": "campaign_members", "of": "customer", "at_least": 2, "where": { "group": "TARGET", "delivered": true } } },
        // Leads created in the period.
        leads: { "measure": { "agg": "count", "source": "leads" } },
        leads_yoy: { "measure": { "agg": "count", "source": "leads" }, "shift": "yoy" },
        qualified: { "measure": { "agg": "count", "source": "leads", "where": { "qualified": true } } },
        qualified_prev: { "measure": { "agg": "count", "source": "leads", "where": { "qualified": true } }, "shift": "prev" },
        accepted: { "measure": { "agg": "count", "source": "leads", "where": { "accepted": true } } },
        sales_qualified: { "measure": { "agg": "count", "source": "leads", "where": { "sales_qualified": true } } },
        leads_converted: { "measure": { "agg": "count", "source": "leads", "where": { "converted": true } } },
        leads_won: { "measure": { "agg": "count", "source": "leads", "where": { "won": true } } },
        lead_score: { "measure": { "agg": "avg", "source": "leads", "of": "score" } },
        lead_target: { "measure": { "agg": "sum", "source": "targets", "of": "value", "where": { "kind": "METRIC", "metric": "marketing.lead_count" } } },
        // Money. Advertising is a part of marketing that is booked apart.
        spent: { "measure": { "agg": "sum", "source": "costs", "of": "amount", "where": { "kind": ["MARKETING", "ADVERTISING"] } } },
        spent_on_ads: { "measure": { "agg": "sum", "source": "costs", "of": "amount", "where": { "kind": "ADVERTISING" } } },
        amount: { "measure": { "agg": "sum", "source": "orders", "of": "amount" } },
        units: { "measure": { "agg": "sum", "source": "order_lines", "of": "quantity" } },
        // Customers.
        new_customers: { "measure": { "agg": "count", "source": "customers", "time": "acquired_at" } },
        churned: { "measure": { "agg": "count", "source": "customers", "time": "churned_at" } },
        customers_start: { "measure": { "agg": "count", "source": "customers" }, "shift": "start" },
        customers_end: { "measure": { "agg": "count", "source": "customers" }, "shift": "end" },
        customers_segmented: { "measure": { "agg": "count", "source": "customers", "where": { "segmented": true } }, "shift": "end" },
        // The market, as others report it.
        market_total: { "measure": { "agg": "sum", "source": "period_facts", "of": "value", "where": { "key": "MARKET_TOTAL" } } },
        market_units: { "measure": { "agg": "sum", "source": "period_facts", "of": "value", "where": { "key": "MARKET_UNITS" } } },
        market_leader: { "measure": { "agg": "sum", "source": "period_facts", "of": "value", "where": { "key": "MARKET_LEADER_SALES" } } },
        // Other metrics.
        share_now: { "metric": "marketing.market_share" },
        share_before: { "metric": "marketing.market_share", "shift": "prev" },
        churn: { "metric": "marketing.churn_rate" },
    },
    metrics: {
        // Messages.
        message_count(messages) = messages, {
            "title": { "en": "Messages sent", "zh": "发送量" },
            "description": {
                "en": "Campaign messages sent in the period to members of the target group.",
                "zh": "期间内向目标组发送的营销信息数。"
            },
            "kind": "count", "unit": "count", "direction": "none", "class": "NQSP-T/CUS", "source": "e-mail marketing conventions",
            "accumulation": "flow"
        };
        delivery_rate(delivered, messages) = delivered / messages, {
            "title": { "en": "Message delivery rate", "zh": "送达率" },
            "description": {
                "en": "Of the messages sent in the period, the share delivered.",
                "zh": "期间内发送的信息中送达的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "e-mail marketing conventions",
            "bands": [{ "status": "off_track", "to": "0.95" }, { "status": "at_risk", "from": "0.95", "to": "0.98" }, { "status": "on_track", "from": "0.98" }]
        };
        bounce_rate(bounced, messages) = bounced / messages, {
            "title": { "en": "Message bounce rate", "zh": "退信率" },
            "description": {
                "en": "Of the messages sent in the period, the share that came back.",
                "zh": "期间内发送的信息中退回的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSP-T/INT", "source": "e-mail marketing conventions",
            "bands": [{ "status": "on_track", "to": "0.02" }, { "status": "at_risk", "from": "0.02", "to": "0.05" }, { "status": "off_track", "from": "0.05" }]
        };
        open_rate(opened, delivered) = opened / delivered, {
            "title": { "en": "Open rate", "zh": "打开率" },
            "description": {
                "en": "Of the messages sent in the period and delivered, the share opened.",
                "zh": "期间内发送并送达的信息中被打开的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/CUS", "source": "e-mail marketing conventions",
            "side_effect": { "en": "Subjects that promise what the message does not hold: watch ctor beside it.", "zh": "标题党：同时关注点开比。" }
        };
        click_rate(clicked, delivered) = clicked / delivered, {
            "title": { "en": "Click rate", "zh": "邮件点击率" },
            "description": {
                "en": "Of the messages sent in the period and delivered, the share in which a link was followed.",
                "zh": "期间内发送并送达的信息中被点击的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/CUS", "source": "e-mail marketing conventions"
        };
        ctor(clicked, opened) = clicked / opened, {
            "title": { "en": "Click-to-open rate", "zh": "点开比" },
            "description": {
                "en": "Messages in which a link was followed over messages opened, of those sent in the period.",
                "zh": "期间内发送的信息中点击数与打开数之比。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/CUS", "source": "e-mail marketing conventions"
        };
        response_rate(responded, delivered) = responded / delivered, {
            "title": { "en": "Response to marketing information", "zh": "营销信息反馈率" },
            "description": {
                "en": "Of the messages sent in the period and delivered, the share answered.",
                "zh": "期间内发送并送达的信息中得到回复的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSRCT/CUS", "source": "CRM KPI catalogue"
        };
        unsubscribe_rate(unsubscribed, delivered) = unsubscribed / delivered, {
            "title": { "en": "Unsubscribe rate", "zh": "退订率" },
            "description": {
                "en": "Of the messages sent in the period and delivered, the share whose receiver left the list.",
                "zh": "期间内发送并送达的信息中导致退订的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQLRCT/CUS", "source": "e-mail marketing conventions",
            "bands": [{ "status": "on_track", "to": "0.002" }, { "status": "at_risk", "from": "0.002", "to": "0.005" }, { "status": "off_track", "from": "0.005" }],
            "intended_behaviour": { "en": "Write to those who want to read it.", "zh": "只发给愿意看的人。" },
            "side_effect": { "en": "No way to unsubscribe that one finds: watch open_rate beside it.", "zh": "隐藏退订入口：同时关注打开率。" }
        };
        conversion_rate(converted, delivered) = converted / delivered, {
            "title": { "en": "Campaign conversion rate", "zh": "活动转化率" },
            "description": {
                "en": "Of the messages sent in the period and delivered, the share whose receiver did what the campaign asked for, whenever that was.",
                "zh": "期间内发送并送达的信息中实现转化的比例（不限转化时间）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "Farris et al., Marketing Metrics"
        };
        conversion_count(converted) = converted, {
            "title": { "en": "Conversions", "zh": "转化数" },
            "description": {
                "en": "Members of the target group, messaged in the period, who did what the campaign asked for.",
                "zh": "期间内发送的目标组成员中实现转化的数量。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/CUS", "source": "Farris et al., Marketing Metrics",
            "accumulation": "flow"
        };
        targeting_precision(responded, messages) = responded / messages, {
            "title": { "en": "Targeting precision", "zh": "市场营销精准度" },
            "description": {
                "en": "Of the target group messaged in the period, delivered or not, the share that answered.",
                "zh": "期间内发送的目标组（无论是否送达）中回复的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSRCT/CUS", "source": "CRM KPI catalogue",
            "intended_behaviour": { "en": "Address those whom it concerns.", "zh": "找对目标客户。" }
        };
        lift(converted, messages, control_converted, control) = (converted / messages) / (control_converted / control), {
            "title": { "en": "Lift over control", "zh": "提升度" },
            "description": {
                "en": "Conversion of the target group over conversion of the control group, of the members of the period.",
                "zh": "期间内目标组转化率与对照组转化率之比。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSRCT/CUS", "source": "Farris et al., Marketing Metrics"
        };
        incremental_conversions(converted, messages, control_converted, control) = converted - messages * control_converted / control, {
            "title": { "en": "Incremental conversions", "zh": "增量转化" },
            "description": {
                "en": "Conversions of the target group beyond what the control group's rate would have given; may be below zero.",
                "zh": "目标组转化数超出按对照组转化率推算的部分，可为负。"
            },
            "kind": "number", "unit": "count", "direction": "up", "class": "NQSRCT/CUS", "source": "Farris et al., Marketing Metrics"
        };
        customers_reached(reached) = reached, {
            "title": { "en": "Customers reached", "zh": "到达客户数" },
            "description": {
                "en": "Different customers to whom a message of the period was delivered.",
                "zh": "期间内信息送达的不同客户数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSP-T/CUS", "source": "Farris et al., Marketing Metrics"
        };
        repeat_contact_rate(reached_often, reached) = reached_often / reached, {
            "title": { "en": "Customers reached repeatedly", "zh": "多次触达率" },
            "description": {
                "en": "Of the customers reached in the period, the share reached twice or more.",
                "zh": "期间内触达客户中触达两次及以上的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "none", "class": "NQSPCT/INT", "source": "common CRM practice"
        };
        // Contacts.
        contacts_total(contacts) = contacts, {
            "title": { "en": "Contacts", "zh": "接触次数" },
            "description": {
                "en": "Sum of the contacts with the members messaged in the period.",
                "zh": "期间内发送成员的接触次数之和。"
            },
            "kind": "count", "unit": "count", "direction": "none", "class": "NQSPCT/INT", "source": "common CRM practice",
            "accumulation": "flow"
        };
        contacts_per_conversion(contacts, converted) = contacts / converted, {
            "title": { "en": "Contacts per conversion", "zh": "每次转化接触次数" },
            "description": {
                "en": "Contacts with all members messaged in the period over the conversions among them.",
                "zh": "期间内全部成员的接触次数除以转化数。"
            },
            "kind": "number", "unit": "count", "direction": "down", "class": "NQSPCT/INT", "source": "common CRM practice"
        };
        contacts_per_customer(contacts, customers_start, customers_end) = contacts / ((customers_start + customers_end) / 2), {
            "title": { "en": "Proactive contacts per customer", "zh": "客户平均接触次数" },
            "description": {
                "en": "Campaign contacts of the period over the average of the customers at its start and end.",
                "zh": "期间内营销接触次数除以期初与期末客户数的平均值。"
            },
            "kind": "number", "unit": "count", "direction": "range", "class": "NQSPCT/INT", "source": "CRM KPI catalogue"
        };
        contact_duration_avg_converted(contact_duration_yes) = contact_duration_yes, {
            "title": { "en": "Contact length, converted", "zh": "平均接触时长（已转化）" },
            "description": {
                "en": "Mean length of the last contact with the members messaged in the period who converted.",
                "zh": "期间内已转化成员最后一次接触的平均时长。"
            },
            "kind": "duration", "unit": "seconds", "direction": "none", "class": "NQSPCT/INT", "source": "common CRM practice"
        };
        contact_duration_avg_not_converted(contact_duration_no) = contact_duration_no, {
            "title": { "en": "Contact length, not converted", "zh": "平均接触时长（未转化）" },
            "description": {
                "en": "Mean length of the last contact with the members messaged in the period who did not convert.",
                "zh": "期间内未转化成员最后一次接触的平均时长。"
            },
            "kind": "duration", "unit": "seconds", "direction": "none", "class": "NQSPCT/INT", "source": "common CRM practice"
        };
        contact_duration_median(contact_duration_median) = contact_duration_median, {
            "title": { "en": "Median contact length", "zh": "接触时长中位数" },
            "description": {
                "en": "Median length of the last contact with the members messaged in the period.",
                "zh": "期间内成员最后一次接触时长的中位数。"
            },
            "kind": "duration", "unit": "seconds", "direction": "none", "class": "NQSPCT/INT", "source": "common CRM practice"
        };
        // Leads.
        lead_count(leads) = leads, {
            "title": { "en": "Leads generated", "zh": "线索数" },
            "description": {
                "en": "Leads created in the period.",
                "zh": "期间内创建的线索数。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/CUS", "source": "CRM KPI catalogue",
            "accumulation": "flow",
            "intended_behaviour": { "en": "Bring people who may buy.", "zh": "带来潜在买家。" },
            "side_effect": { "en": "Leads that nobody wants: watch mql_rate and sal_rate beside it.", "zh": "无效线索：同时关注MQL转化率与接受率。" }
        };
        lead_growth_yoy(leads, leads_yoy) = growth(leads, leads_yoy), {
            "title": { "en": "Lead growth, year on year", "zh": "线索同比增长率" },
            "description": {
                "en": "Change of the leads created against the same period a year earlier, relative to that period.",
                "zh": "线索数较去年同期的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/CUS", "source": "common CRM practice"
        };
        lead_target_attainment(leads, lead_target) = leads / lead_target, {
            "title": { "en": "Leads against target", "zh": "线索目标达成率" },
            "description": {
                "en": "Leads created in the period over the target for their number; may exceed 1.",
                "zh": "期间内线索数除以目标数，可超过1。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "common CRM practice",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "1" }, { "status": "on_track", "from": "1" }]
        };
        lead_score_avg(lead_score) = lead_score, {
            "title": { "en": "Mean lead score", "zh": "平均线索评分" },
            "description": {
                "en": "Mean score, 0 to 100, of the leads created in the period that have one.",
                "zh": "期间内创建且有评分的线索的平均评分（0至100）。"
            },
            "kind": "score", "unit": "score", "direction": "up", "class": "NQSP-T/INT", "source": "common CRM practice"
        };
        mql_count(qualified) = qualified, {
            "title": { "en": "Marketing-qualified leads", "zh": "MQL数" },
            "description": {
                "en": "Leads created in the period that became marketing-qualified, whenever that was.",
                "zh": "期间内创建且成为MQL的线索数（不限时间）。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/CUS", "source": "SiriusDecisions demand waterfall",
            "accumulation": "flow"
        };
        mql_rate(qualified, leads) = qualified / leads, {
            "title": { "en": "Lead to MQL", "zh": "线索→MQL转化率" },
            "description": {
                "en": "Of the leads created in the period, the share that became marketing-qualified.",
                "zh": "期间内创建的线索中成为MQL的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "SiriusDecisions demand waterfall"
        };
        sal_rate(accepted, qualified) = accepted / qualified, {
            "title": { "en": "MQL to SAL (accepted by sales)", "zh": "MQL接受率" },
            "description": {
                "en": "Leads accepted by sales over leads marketing-qualified, of those created in the period.",
                "zh": "期间内创建的线索中，销售接受数与MQL数之比。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "SiriusDecisions demand waterfall"
        };
        sql_rate(sales_qualified, accepted) = sales_qualified / accepted, {
            "title": { "en": "SAL to SQL", "zh": "SAL→SQL转化率" },
            "description": {
                "en": "Leads qualified by sales over leads accepted by sales, of those created in the period.",
                "zh": "期间内创建的线索中，SQL数与销售接受数之比。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "SiriusDecisions demand waterfall"
        };
        sql_to_opportunity_rate(leads_converted, sales_qualified) = leads_converted / sales_qualified, {
            "title": { "en": "SQL to opportunity", "zh": "SQL→商机转化率" },
            "description": {
                "en": "Leads that became an opportunity over leads qualified by sales, of those created in the period; may exceed 1 where leads skip stages.",
                "zh": "期间内创建的线索中，转商机数与SQL数之比；跳过阶段时可超过1。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "SiriusDecisions demand waterfall"
        };
        funnel_rate(leads_won, leads) = leads_won / leads, {
            "title": { "en": "Lead to customer, whole funnel", "zh": "全漏斗转化率" },
            "description": {
                "en": "Of the leads created in the period, the share with a won opportunity, whenever that was.",
                "zh": "期间内创建的线索中赢单的比例（不限时间）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "SiriusDecisions demand waterfall"
        };
        lead_velocity(qualified, qualified_prev) = growth(qualified, qualified_prev), {
            "title": { "en": "Lead velocity rate", "zh": "线索增速" },
            "description": {
                "en": "Change of the marketing-qualified leads against the preceding period of the same length, relative to that period.",
                "zh": "MQL数较上一同长期间的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/CUS", "source": "subscription-business metrics"
        };
        // Money.
        spend(spent) = spent, {
            "title": { "en": "Marketing spend", "zh": "营销费用" },
            "description": {
                "en": "Marketing and advertising costs incurred in the period.",
                "zh": "期间内发生的营销与广告费用。"
            },
            "kind": "money", "unit": "money", "direction": "none", "class": "FQSP-T/FIN", "source": "Farris et al., Marketing Metrics",
            "accumulation": "flow"
        };
        advertising_share(spent_on_ads, spent) = spent_on_ads / spent, {
            "title": { "en": "Advertising share", "zh": "广告费用占比" },
            "description": {
                "en": "Advertising costs over all marketing and advertising costs incurred in the period.",
                "zh": "期间内广告费用占营销与广告费用的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "none", "class": "FQSP-T/FIN", "source": "Farris et al., Marketing Metrics"
        };
        spend_ratio(spent, amount) = spent / amount, {
            "title": { "en": "Marketing spend ratio", "zh": "营销费用率" },
            "description": {
                "en": "Marketing and advertising costs over the net amount of the orders booked in the period.",
                "zh": "营销与广告费用占期间订单净额的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "none", "class": "FQSP-S/FIN", "source": "Farris et al., Marketing Metrics"
        };
        promotion_return(amount, spent) = amount / spent, {
            "title": { "en": "Return on promotion", "zh": "市场推广回报率" },
            "description": {
                "en": "Net amount of the orders booked in the period over marketing and advertising costs. Of a campaign: the orders that came from it over what it cost; of the organisation: all orders over all such costs.",
                "zh": "期间订单净额除以营销与广告费用；对单个活动，为其带来的订单与其费用之比；对组织，为全部订单与全部费用之比。"
            },
            "subjects": ["CAMPAIGN", "CHANNEL"],
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQSR-T/FIN", "source": "CRM KPI catalogue"
        };
        cpl(spent, leads) = spent / leads, {
            "title": { "en": "Cost per lead", "zh": "单条线索成本(CPL)" },
            "description": {
                "en": "Marketing and advertising costs of the period over the leads created in it.",
                "zh": "期间内营销与广告费用除以线索数。"
            },
            "kind": "money", "unit": "money", "direction": "down", "class": "FQSR-T/FIN", "source": "Farris et al., Marketing Metrics"
        };
        cost_per_mql(spent, qualified) = spent / qualified, {
            "title": { "en": "Cost per MQL", "zh": "单条MQL成本" },
            "description": {
                "en": "Marketing and advertising costs of the period over the marketing-qualified leads created in it.",
                "zh": "期间内营销与广告费用除以MQL数。"
            },
            "kind": "money", "unit": "money", "direction": "down", "class": "FQSR-T/FIN", "source": "SiriusDecisions demand waterfall"
        };
        cpa(spent, converted) = spent / converted, {
            "title": { "en": "Cost per conversion (CPA)", "zh": "单次转化成本(CPA)" },
            "description": {
                "en": "Marketing and advertising costs of the period over the campaign conversions of the members messaged in it.",
                "zh": "期间内营销与广告费用除以活动转化数。"
            },
            "kind": "money", "unit": "money", "direction": "down", "class": "FQSR-T/FIN", "source": "Farris et al., Marketing Metrics"
        };
        cac(spent, new_customers) = spent / new_customers, {
            "title": { "en": "Customer acquisition cost", "zh": "获客成本(CAC)" },
            "description": {
                "en": "Marketing and advertising costs of the period over the customers acquired in it; selling costs are not included.",
                "zh": "期间内营销与广告费用除以新客户数，不含销售费用。"
            },
            "kind": "money", "unit": "money", "direction": "down", "class": "FQSR-S/FIN", "source": "Farris et al., Marketing Metrics",
            "synonyms": { "en": ["Cost per new customer"], "zh": ["客户获取成本"] }
        };
        // Customers.
        customer_count(customers_end) = customers_end, {
            "title": { "en": "Customers", "zh": "客户数" },
            "description": {
                "en": "Customers at the end of the period: acquired by then and not churned.",
                "zh": "期末客户数：已获得且未流失。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSRCS/CUS", "source": "Farris et al., Marketing Metrics",
            "accumulation": "stock"
        };
        customer_count_start(customers_start) = customers_start, {
            "title": { "en": "Customers at the start", "zh": "期初客户数" },
            "description": {
                "en": "Customers at the start of the period: acquired by then and not churned.",
                "zh": "期初客户数：已获得且未流失。"
            },
            "kind": "count", "unit": "count", "direction": "none", "class": "NQSRCS/CUS", "source": "Farris et al., Marketing Metrics",
            "accumulation": "stock"
        };
        churned_customer_count(churned) = churned, {
            "title": { "en": "Churned customers", "zh": "流失客户数" },
            "description": {
                "en": "Customers who churned in the period, whenever they were acquired.",
                "zh": "期间内流失的客户数（不限获得时间）。"
            },
            "kind": "count", "unit": "count", "direction": "down", "class": "NQLRCS/CUS", "source": "subscription-business metrics"
        };
        churn_rate(churned, customers_start) = churned / customers_start, {
            "title": { "en": "Churn rate", "zh": "客户流失率" },
            "description": {
                "en": "Customers who churned in the period over the customers at its start; customers both acquired and lost in it are among the churned.",
                "zh": "期间内流失客户数除以期初客户数；期间内获得又流失的客户计入流失。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQLRCS/CUS", "source": "subscription-business metrics",
            "intended_behaviour": { "en": "Keep customers.", "zh": "留住客户。" },
            "side_effect": { "en": "Lost customers kept on the books: watch customer_count and buying customers beside it.", "zh": "流失客户不销户：同时关注客户数与购买客户数。" }
        };
        retention_rate(churn) = 1 - churn, {
            "title": { "en": "Retention rate", "zh": "客户保持率" },
            "description": {
                "en": "One less the churn rate.",
                "zh": "一减去客户流失率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQLRCS/CUS", "source": "subscription-business metrics",
            "synonyms": { "zh": ["保有率", "留存率"] },
            "examples": [{ "inputs": { "churn": "0.25" }, "value": "0.75" }]
        };
        segmentation_coverage(customers_segmented, customers_end) = customers_segmented / customers_end, {
            "title": { "en": "Customers segmented", "zh": "客户细分覆盖率" },
            "description": {
                "en": "Of the customers at the end of the period, the share that is in any segment.",
                "zh": "期末客户中已归入任一细分的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "CRM KPI catalogue"
        };
        // The market.
        market_share(amount, market_total) = amount / market_total, {
            "title": { "en": "Market share (value)", "zh": "市场份额" },
            "description": {
                "en": "Net amount of the orders booked in the period over the market's total, taken from the period fact MARKET_TOTAL.",
                "zh": "期间订单净额除以市场总额（期间数据MARKET_TOTAL）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQLR-S/CUS", "source": "Farris et al., Marketing Metrics"
        };
        market_share_units(units, market_units) = units / market_units, {
            "title": { "en": "Market share (units)", "zh": "市场份额（数量）" },
            "description": {
                "en": "Units sold in the period over the market's units, taken from the period fact MARKET_UNITS.",
                "zh": "期间销售件数除以市场总件数（期间数据MARKET_UNITS）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQLR-S/CUS", "source": "Farris et al., Marketing Metrics"
        };
        relative_market_share(amount, market_leader) = amount / market_leader, {
            "title": { "en": "Relative market share", "zh": "相对市场份额" },
            "description": {
                "en": "Net amount of the orders booked in the period over the sales of the market's leader, taken from the period fact MARKET_LEADER_SALES.",
                "zh": "期间订单净额除以市场领导者销售额（期间数据MARKET_LEADER_SALES）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "FQLR-S/CUS", "source": "Farris et al., Marketing Metrics"
        };
        market_share_change(share_now, share_before) = 100 * (share_now - share_before), {
            "title": { "en": "Change of market share", "zh": "市场份额变化" },
            "description": {
                "en": "Market share (value) less that of the preceding period, in percentage points.",
                "zh": "市场份额减去上期市场份额，以百分点计。"
            },
            "kind": "number", "unit": "percentage_points", "direction": "up", "class": "FQLR-S/CUS", "source": "CRM KPI catalogue"
        };
    }
}
