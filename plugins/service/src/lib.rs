//! The standard service pack: cases and complaints, how fast they are answered and solved, what is left, and what customers say.
//!
//! Each metric is stated once, as a definition over the named inputs above it. Cases *created* in a period and cases *closed* in
//! it are different cases: every description says which are meant.

pack_sdk::metric_pack! {
    id: "service",
    title: { "en": "Service", "zh": "服务" },
    inputs: {
        // Cases created in the period.
        cases: { "measure": { "agg": "count", "source": "tickets" } },
        cases_prev: { "measure": { "agg": "count", "source": "tickets" }, "shift": "prev" },
        cases_yoy: { "measure": { "agg": "count", "source": "tickets" }, "shift": "yoy" },
        urgent: { "measure": { "agg": "count", "source": "tickets", "where": { "priority": "URGENT" } } },
        prioritised: { "measure": { "agg": "count", "source": "tickets", "where": { "priority": { "known": true } } } },
        escalated: { "measure": { "agg": "count", "source": "tickets", "where": { "escalated": true } } },
        first_response_mean: { "measure": { "agg": "avg", "source": "tickets", "of": "first_response" } },
        first_response_median: { "measure": { "agg": "median", "source": "tickets", "of": "first_response" } },
        first_response_p75: { "measure": { "agg": "p75", "source": "tickets", "of": "first_response" } },
        first_response_p90: { "measure": { "agg": "p90", "source": "tickets", "of": "first_response" } },
        responses_in_sla: { "measure": { "agg": "count", "source": "tickets", "where": { "response_in_sla": true } } },
        responses_with_sla: { "measure": { "agg": "count", "source": "tickets", "where": { "response_in_sla": { "known": true } } } },
        complaints: { "measure": { "agg": "count", "source": "tickets", "where": { "kind": "COMPLAINT" } } },
        complaints_prev: { "measure": { "agg": "count", "source": "tickets", "where": { "kind": "COMPLAINT" } }, "shift": "prev" },
        complaints_timely: { "measure": { "agg": "count", "source": "tickets", "where": { "kind": "COMPLAINT", "timely": true } } },
        complaints_timed: { "measure": { "agg": "count", "source": "tickets", "where": { "kind": "COMPLAINT", "timely": { "known": true } } } },
        complaints_disputed: { "measure": { "agg": "count", "source": "tickets", "where": { "kind": "COMPLAINT", "accepted": false } } },
        complaints_judged: { "measure": { "agg": "count", "source": "tickets", "where": { "kind": "COMPLAINT", "accepted": { "known": true } } } },
        // Cases closed in the period.
        closed: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at" } },
        reopened: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at", "where": { "reopened": true } } },
        resolution_mean: { "measure": { "agg": "avg", "source": "tickets", "of": "resolution", "time": "closed_at" } },
        resolution_median: { "measure": { "agg": "median", "source": "tickets", "of": "resolution", "time": "closed_at" } },
        resolution_p75: { "measure": { "agg": "p75", "source": "tickets", "of": "resolution", "time": "closed_at" } },
        resolution_p90: { "measure": { "agg": "p90", "source": "tickets", "of": "resolution", "time": "closed_at" } },
        closed_in_sla: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at", "where": { "in_sla": true } } },
        closed_with_sla: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at", "where": { "in_sla": { "known": true } } } },
        on_first_contact: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at", "where": { "first_contact": true } } },
        first_contact_known: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at", "where": { "first_contact": { "known": true } } } },
        complaints_accepted: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at", "where": { "kind": "COMPLAINT", "accepted": true } } },
        complaints_answered: { "measure": { "agg": "count", "source": "tickets", "time": "closed_at", "where": { "kind": "COMPLAINT", "accepted": { "known": true } } } },
        // Cases open at an instant.
        open_end: { "measure": { "agg": "count", "source": "tickets" }, "shift": "end" },
        open_old_end: { "measure": { "agg": "count", "source": "tickets", "where": { "age": { "gt": { "parameter": "older_than" } } } }, "shift": "end" },
        open_age_end: { "measure": { "agg": "avg", "source": "tickets", "of": "age" }, "shift": "end" },
        // Surveys.
        satisfaction_top: { "measure": { "agg": "count", "source": "survey_responses", "where": { "survey": "SERVICE_SATISFACTION", "top2": true } } },
        satisfaction_bottom: { "measure": { "agg": "count", "source": "survey_responses", "where": { "survey": "SERVICE_SATISFACTION", "bottom2": true } } },
        satisfaction_answers: { "measure": { "agg": "count", "source": "survey_responses", "where": { "survey": "SERVICE_SATISFACTION", "responded": true } } },
        effort_score: { "measure": { "agg": "sum", "source": "survey_responses", "of": "score", "where": { "survey": "CES" } } },
        effort_answers: { "measure": { "agg": "count", "source": "survey_responses", "where": { "survey": "CES", "responded": true } } },
        promoters: { "measure": { "agg": "count", "source": "survey_responses", "where": { "survey": "TNPS", "promoter": true } } },
        detractors: { "measure": { "agg": "count", "source": "survey_responses", "where": { "survey": "TNPS", "detractor": true } } },
        recommendation_answers: { "measure": { "agg": "count", "source": "survey_responses", "where": { "survey": "TNPS", "responded": true } } },
        surveys_sent: { "measure": { "agg": "count", "source": "survey_responses", "time": "sent_at" } },
        surveys_answered: { "measure": { "agg": "count", "source": "survey_responses", "time": "sent_at", "where": { "responded": true } } },
        // Costs, people, customers, sales.
        service_cost: { "measure": { "agg": "sum", "source": "costs", "of": "amount", "where": { "kind": "SERVICE" } } },
        agents_start: { "measure": { "agg": "count", "source": "employees", "where": { "role": "AGENT" } }, "shift": "start" },
        agents_end: { "measure": { "agg": "count", "source": "employees", "where": { "role": "AGENT" } }, "shift": "end" },
        agents_left: { "measure": { "agg": "count", "source": "employees", "time": "left_at", "where": { "role": "AGENT" } } },
        customers_start: { "measure": { "agg": "count", "source": "customers" }, "shift": "start" },
        customers_end: { "measure": { "agg": "count", "source": "customers" }, "shift": "end" },
        customers_complaining: { "measure": { "agg": "distinct", "source": "tickets", "of": "customer", "where": { "kind": "COMPLAINT" } } },
        customers_complaining_again: { "measure": { "agg": "distinct", "source": "tickets", "of": "customer", "at_least": 2, "where": { "kind": "COMPLAINT" } } },
        amount: { "measure": { "agg": "sum", "source": "orders", "of": "amount" } },
        // Targets and other metrics.
        satisfaction_target: { "measure": { "agg": "sum", "source": "targets", "of": "value", "where": { "kind": "METRIC", "metric": "service.csat_rate" } } },
        satisfaction: { "metric": "service.csat_rate" },
        backlog_now: { "metric": "service.backlog" },
        backlog_before: { "metric": "service.backlog", "shift": "prev" },
    },
    parameters: {
        older_than: {
            "title": { "en": "Older than", "zh": "超过天数" },
            "description": { "en": "How long a case must have been open to be old.", "zh": "未关闭多久视为超期。" },
            "type": "integer", "unit": "days", "default": 7, "min": 0
        },
    },
    metrics: {
        // How much came in.
        case_volume(cases) = cases, {
            "title": { "en": "Case volume", "zh": "服务请求量" },
            "description": {
                "en": "Cases created in the period.",
                "zh": "期间内创建的服务请求数。"
            },
            "kind": "count", "unit": "count", "direction": "none", "class": "NQSP-T/INT", "source": "ITIL incident management KPIs",
            "accumulation": "flow"
        };
        case_growth(cases, cases_prev) = growth(cases, cases_prev), {
            "title": { "en": "Case volume growth", "zh": "服务请求增长率" },
            "description": {
                "en": "Change of the cases created against the preceding period of the same length, relative to that period.",
                "zh": "服务请求数较上一同长期间的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSP-T/INT", "source": "ITIL incident management KPIs"
        };
        case_growth_yoy(cases, cases_yoy) = growth(cases, cases_yoy), {
            "title": { "en": "Case volume growth, year on year", "zh": "服务请求同比增长率" },
            "description": {
                "en": "Change of the cases created against the same period a year earlier, relative to that period.",
                "zh": "服务请求数较去年同期的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSP-T/INT", "source": "ITIL incident management KPIs"
        };
        cases_closed(closed) = closed, {
            "title": { "en": "Cases closed", "zh": "关闭请求数" },
            "description": {
                "en": "Cases closed in the period, whenever they were created.",
                "zh": "期间内关闭的服务请求数（不限创建时间）。"
            },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSP-T/INT", "source": "ITIL incident management KPIs",
            "accumulation": "flow",
            "intended_behaviour": { "en": "Finish what was begun.", "zh": "及时办结。" },
            "side_effect": { "en": "Cases closed before they are solved: watch reopen_rate beside it.", "zh": "未解决先关闭：同时关注重开率。" }
        };
        cases_per_customer(cases, customers_start, customers_end) = cases / ((customers_start + customers_end) / 2), {
            "title": { "en": "Cases per customer", "zh": "客均服务请求数" },
            "description": {
                "en": "Cases created in the period over the average of the customers at its start and end.",
                "zh": "期间内服务请求数除以期初与期末客户数的平均值。"
            },
            "kind": "number", "unit": "count", "direction": "down", "class": "NQSPCT/INT", "source": "COPC CX Standard"
        };
        major_case_share(urgent, prioritised) = urgent / prioritised, {
            "title": { "en": "Urgent cases share", "zh": "紧急请求占比" },
            "description": {
                "en": "Urgent cases over all cases created in the period whose priority is known.",
                "zh": "期间内紧急请求占已知优先级请求的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSRCT/CUS", "source": "ITIL incident management KPIs"
        };
        escalation_rate(escalated, cases) = escalated / cases, {
            "title": { "en": "Escalation rate", "zh": "升级率" },
            "description": {
                "en": "Of the cases created in the period, the share escalated at least once.",
                "zh": "期间内创建的请求中至少升级一次的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs"
        };
        // Complaints.
        complaint_count(complaints) = complaints, {
            "title": { "en": "Complaints", "zh": "客户投诉数量" },
            "description": {
                "en": "Complaints created in the period.",
                "zh": "期间内创建的投诉数。"
            },
            "kind": "count", "unit": "count", "direction": "down", "class": "NQSRCT/CUS", "source": "CRM KPI catalogue",
            "accumulation": "flow",
            "intended_behaviour": { "en": "Give no cause for complaint.", "zh": "减少投诉起因。" },
            "side_effect": { "en": "Complaints that are not written down: watch csat_rate beside it.", "zh": "投诉不登记：同时关注服务满意度。" }
        };
        complaint_growth(complaints, complaints_prev) = growth(complaints, complaints_prev), {
            "title": { "en": "Complaint growth", "zh": "投诉增长率" },
            "description": {
                "en": "Change of the complaints created against the preceding period of the same length, relative to that period.",
                "zh": "投诉数较上一同长期间的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSRCT/CUS", "source": "common CRM practice"
        };
        complaint_rate(complaints, customers_start, customers_end) = complaints / ((customers_start + customers_end) / 2), {
            "title": { "en": "Complaint rate", "zh": "客户投诉率" },
            "description": {
                "en": "Complaints created in the period over the average of the customers at its start and end; may exceed 1.",
                "zh": "期间内投诉数除以期初与期末客户数的平均值，可超过1。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSRCT/CUS", "source": "CRM KPI catalogue"
        };
        complaint_timely_rate(complaints_timely, complaints_timed) = complaints_timely / complaints_timed, {
            "title": { "en": "Complaints handled in time", "zh": "投诉处理及时性" },
            "description": {
                "en": "Of the complaints created in the period of which it is recorded whether they were handled in time, the share that was.",
                "zh": "期间内创建且记录了是否及时处理的投诉中，及时处理的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/INT", "source": "CRM KPI catalogue",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "0.95" }, { "status": "on_track", "from": "0.95" }]
        };
        complaint_dispute_rate(complaints_disputed, complaints_judged) = complaints_disputed / complaints_judged, {
            "title": { "en": "Complaints disputed", "zh": "投诉争议率" },
            "description": {
                "en": "Of the complaints created in the period whose customer was asked, the share whose resolution was not accepted.",
                "zh": "期间内创建且已征询客户意见的投诉中，客户不接受处理结果的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSRCT/CUS", "source": "common CRM practice"
        };
        complaint_resolution_rate(complaints_accepted, complaints_answered) = complaints_accepted / complaints_answered, {
            "title": { "en": "Complaints resolved", "zh": "投诉解决率" },
            "description": {
                "en": "Of the complaints closed in the period whose customer was asked, the share whose resolution was accepted.",
                "zh": "期间内关闭且已征询客户意见的投诉中，客户接受处理结果的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSRCT/CUS", "source": "CRM KPI catalogue"
        };
        complaint_repeat_rate(customers_complaining_again, customers_complaining) = customers_complaining_again / customers_complaining, {
            "title": { "en": "Customers who complain again", "zh": "重复投诉客户率" },
            "description": {
                "en": "Of the customers with a complaint created in the period, the share with two or more, on whatever topic.",
                "zh": "期间内投诉客户中投诉两次及以上的比例（不限主题）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQLRCT/CUS", "source": "common CRM practice"
        };
        // How fast it was answered.
        first_response_avg(first_response_mean) = first_response_mean, {
            "title": { "en": "Average response time", "zh": "平均响应时间" },
            "description": {
                "en": "Mean time to first response, of the cases created in the period that had one.",
                "zh": "期间内创建且已响应的请求的平均首次响应时间。"
            },
            "kind": "duration", "unit": "minutes", "direction": "down", "class": "NQSPCT/INT", "source": "CRM KPI catalogue",
            "intended_behaviour": { "en": "Answer soon.", "zh": "尽快响应。" },
            "side_effect": { "en": "Empty first answers that stop the clock: watch fcr and resolution_time_avg beside it.", "zh": "以空洞首复停表：同时关注首次解决率与平均解决时间。" }
        };
        first_response_median(first_response_median) = first_response_median, {
            "title": { "en": "Median response time", "zh": "响应时间中位数" },
            "description": {
                "en": "Median time to first response, of the cases created in the period that had one.",
                "zh": "期间内创建且已响应的请求的首次响应时间中位数。"
            },
            "kind": "duration", "unit": "minutes", "direction": "down", "class": "NQSPCT/INT", "source": "HDI/MetricNet service desk KPIs"
        };
        first_response_p75(first_response_p75) = first_response_p75, {
            "title": { "en": "Response time, 75th percentile", "zh": "响应时间P75" },
            "description": {
                "en": "Three of four cases created in the period and answered were answered no later than this (linearly interpolated).",
                "zh": "期间内已响应请求中四分之三不超过此响应时间（线性插值）。"
            },
            "kind": "duration", "unit": "minutes", "direction": "down", "class": "NQSPCT/INT", "source": "HDI/MetricNet service desk KPIs"
        };
        first_response_p90(first_response_p90) = first_response_p90, {
            "title": { "en": "Response time, 90th percentile", "zh": "响应时间P90" },
            "description": {
                "en": "Nine of ten cases created in the period and answered were answered no later than this (linearly interpolated).",
                "zh": "期间内已响应请求中十分之九不超过此响应时间（线性插值）。"
            },
            "kind": "duration", "unit": "minutes", "direction": "down", "class": "NQSPCT/INT", "source": "HDI/MetricNet service desk KPIs"
        };
        response_sla_rate(responses_in_sla, responses_with_sla) = responses_in_sla / responses_with_sla, {
            "title": { "en": "Response SLA compliance", "zh": "响应SLA达成率" },
            "description": {
                "en": "Of the cases created in the period that were answered and had a due instant for it, the share answered in time.",
                "zh": "期间内创建、已响应且有响应期限的请求中按时响应的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "0.95" }, { "status": "on_track", "from": "0.95" }]
        };
        // How fast and how well it was solved.
        resolution_time_avg(resolution_mean) = resolution_mean, {
            "title": { "en": "Average resolution time", "zh": "解决问题的平均时间" },
            "description": {
                "en": "Mean time from creation to close, of the cases closed in the period. A case closed before it was created counts as recorded.",
                "zh": "期间内关闭请求从创建到关闭的平均时间；关闭早于创建的记录按原值计入。"
            },
            "kind": "duration", "unit": "hours", "direction": "down", "class": "NQSPCT/INT", "source": "CRM KPI catalogue"
        };
        resolution_time_median(resolution_median) = resolution_median, {
            "title": { "en": "Median resolution time", "zh": "解决时间中位数" },
            "description": {
                "en": "Median time from creation to close, of the cases closed in the period.",
                "zh": "期间内关闭请求从创建到关闭时间的中位数。"
            },
            "kind": "duration", "unit": "hours", "direction": "down", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs"
        };
        resolution_time_p75(resolution_p75) = resolution_p75, {
            "title": { "en": "Resolution time, 75th percentile", "zh": "解决时间P75" },
            "description": {
                "en": "Three of four cases closed in the period took no longer than this (linearly interpolated).",
                "zh": "期间内关闭请求中四分之三不超过此时长（线性插值）。"
            },
            "kind": "duration", "unit": "hours", "direction": "down", "class": "NQSPCT/INT", "source": "HDI/MetricNet service desk KPIs"
        };
        resolution_time_p90(resolution_p90) = resolution_p90, {
            "title": { "en": "Resolution time, 90th percentile", "zh": "解决时间P90" },
            "description": {
                "en": "Nine of ten cases closed in the period took no longer than this (linearly interpolated).",
                "zh": "期间内关闭请求中十分之九不超过此时长（线性插值）。"
            },
            "kind": "duration", "unit": "hours", "direction": "down", "class": "NQSPCT/INT", "source": "HDI/MetricNet service desk KPIs"
        };
        resolution_sla_rate(closed_in_sla, closed_with_sla) = closed_in_sla / closed_with_sla, {
            "title": { "en": "Resolution SLA compliance", "zh": "解决SLA达成率" },
            "description": {
                "en": "Of the cases closed in the period that had a due instant, the share closed no later.",
                "zh": "期间内关闭且有解决期限的请求中按时关闭的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "0.95" }, { "status": "on_track", "from": "0.95" }]
        };
        fcr(on_first_contact, first_contact_known) = on_first_contact / first_contact_known, {
            "title": { "en": "First contact resolution", "zh": "首次联系解决率" },
            "description": {
                "en": "Of the cases closed in the period of which it is recorded, the share resolved on first contact.",
                "zh": "期间内关闭且有记录的请求中首次联系即解决的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSRCT/CUS", "source": "HDI/MetricNet service desk KPIs",
            "synonyms": { "en": ["First call resolution", "FCR"], "zh": ["一次解决率"] },
            "bands": [{ "status": "off_track", "to": "0.65" }, { "status": "at_risk", "from": "0.65", "to": "0.75" }, { "status": "on_track", "from": "0.75" }]
        };
        reopen_rate(reopened, closed) = reopened / closed, {
            "title": { "en": "Reopen rate", "zh": "重开率" },
            "description": {
                "en": "Of the cases closed in the period, the share reopened at least once.",
                "zh": "期间内关闭的请求中至少重开一次的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSRCT/CUS", "source": "ITIL incident management KPIs",
            "bands": [{ "status": "on_track", "to": "0.05" }, { "status": "at_risk", "from": "0.05", "to": "0.1" }, { "status": "off_track", "from": "0.1" }]
        };
        // What is left.
        backlog(open_end) = open_end, {
            "title": { "en": "Open cases", "zh": "积压量" },
            "description": {
                "en": "Cases open at the end of the period.",
                "zh": "期末未关闭的请求数。"
            },
            "kind": "count", "unit": "count", "direction": "down", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs",
            "accumulation": "stock"
        };
        backlog_age_avg(open_age_end) = open_age_end, {
            "title": { "en": "Mean age of open cases", "zh": "积压平均时长" },
            "description": {
                "en": "Mean time since creation of the cases open at the end of the period.",
                "zh": "期末未关闭请求自创建以来的平均时长。"
            },
            "kind": "duration", "unit": "hours", "direction": "down", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs"
        };
        backlog_old_share(open_old_end, open_end; older_than) = open_old_end / open_end, {
            "title": { "en": "Old backlog share", "zh": "超期积压占比" },
            "description": {
                "en": "Of the cases open at the end of the period, the share created more than so many days before it.",
                "zh": "期末未关闭请求中，创建已超过指定天数的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSPCT/INT", "source": "HDI/MetricNet service desk KPIs"
        };
        backlog_clear_rate(closed, cases) = closed / cases, {
            "title": { "en": "Closed per created", "zh": "清理率" },
            "description": {
                "en": "Cases closed in the period over cases created in it; above 1 the backlog shrinks.",
                "zh": "期间内关闭数与创建数之比，大于1表示积压减少。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs"
        };
        backlog_growth(backlog_now, backlog_before) = growth(backlog_now, backlog_before), {
            "title": { "en": "Backlog growth", "zh": "积压增长率" },
            "description": {
                "en": "Change of the cases open at the end of the period against the end of the preceding one, relative to that.",
                "zh": "期末积压量较上期期末的变化率。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQSPCT/INT", "source": "ITIL incident management KPIs"
        };
        // What customers say.
        csat_rate(satisfaction_top, satisfaction_answers) = satisfaction_top / satisfaction_answers, {
            "title": { "en": "Service CSAT (top two)", "zh": "服务满意度" },
            "description": {
                "en": "Of the answers to SERVICE_SATISFACTION in the period, the share among the two best values of the scale. Withheld below 30 answers.",
                "zh": "期间内服务满意度问卷回答中最高两档的比例；少于30份时不显示。"
            },
            "minimum_sample": { "input": "satisfaction_answers", "at_least": "30" },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NLSRCT/CUS", "source": "COPC CX Standard",
            "synonyms": { "en": ["CSAT"], "zh": ["满意率"] },
            "bands": [{ "status": "off_track", "to": "0.7" }, { "status": "at_risk", "from": "0.7", "to": "0.8" }, { "status": "on_track", "from": "0.8" }],
            "intended_behaviour": { "en": "Serve so that customers are pleased.", "zh": "让客户满意。" },
            "side_effect": { "en": "Asking only those who will be pleased: watch survey_response_rate beside it.", "zh": "只调查满意的客户：同时关注调查回复率。" }
        };
        dsat_rate(satisfaction_bottom, satisfaction_answers) = satisfaction_bottom / satisfaction_answers, {
            "title": { "en": "Service dissatisfaction", "zh": "服务不满意率" },
            "description": {
                "en": "Of the answers to SERVICE_SATISFACTION in the period, the share among the two worst values of the scale. Withheld below 30 answers.",
                "zh": "期间内服务满意度问卷回答中最低两档的比例；少于30份时不显示。"
            },
            "minimum_sample": { "input": "satisfaction_answers", "at_least": "30" },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NLSRCT/CUS", "source": "COPC CX Standard"
        };
        csat_attainment(satisfaction, satisfaction_target) = satisfaction / satisfaction_target, {
            "title": { "en": "Service CSAT against target", "zh": "服务满意度达成率" },
            "description": {
                "en": "Service CSAT over its target for the period; may exceed 1.",
                "zh": "服务满意度除以期间目标，可超过1。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NLSRCT/CUS", "source": "common CRM practice",
            "bands": [{ "status": "off_track", "to": "0.9" }, { "status": "at_risk", "from": "0.9", "to": "1" }, { "status": "on_track", "from": "1" }]
        };
        ces(effort_score, effort_answers) = effort_score / effort_answers, {
            "title": { "en": "Customer effort score", "zh": "客户费力度(CES)" },
            "description": {
                "en": "Mean answer to CES in the period, on its scale; higher is easier. Withheld below 30 answers.",
                "zh": "期间内CES问卷的平均得分，越高越省力；少于30份时不显示。"
            },
            "minimum_sample": { "input": "effort_answers", "at_least": "30" },
            "kind": "score", "unit": "score", "direction": "up", "class": "NLSRCT/CUS", "source": "CEB, Customer Effort Score 2.0"
        };
        tnps(promoters, detractors, recommendation_answers) = 100 * (promoters - detractors) / recommendation_answers, {
            "title": { "en": "Transactional NPS", "zh": "触点NPS" },
            "description": {
                "en": "Share of promoters (9, 10) less share of detractors (0 to 6) among the answers to TNPS in the period, times 100. Withheld below 30 answers.",
                "zh": "期间内TNPS回答中推荐者（9、10分）比例减去贬损者（0至6分）比例，乘以100；少于30份时不显示。"
            },
            "minimum_sample": { "input": "recommendation_answers", "at_least": "30" },
            "kind": "score", "unit": "points", "direction": "up", "class": "NLSRCT/CUS", "source": "Reichheld, HBR 2003",
            "synonyms": { "en": ["NPS"], "zh": ["净推荐值"] },
            "examples": [{ "inputs": { "promoters": 60, "detractors": 20, "recommendation_answers": 100 }, "value": 40 }]
        };
        survey_response_rate(surveys_answered, surveys_sent) = surveys_answered / surveys_sent, {
            "title": { "en": "Survey response rate", "zh": "调查回复率" },
            "description": {
                "en": "Of the surveys sent in the period, the share answered, whenever that was.",
                "zh": "期间内发出的调查中已回复的比例（不限回复时间）。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSP-T/INT", "source": "COPC CX Standard"
        };
        // What it costs.
        cost_per_case(service_cost, closed) = service_cost / closed, {
            "title": { "en": "Cost per case", "zh": "单件成本" },
            "description": {
                "en": "Service costs incurred in the period over the cases closed in it.",
                "zh": "期间内服务成本除以关闭请求数。"
            },
            "kind": "money", "unit": "money", "direction": "down", "class": "FQSR-T/FIN", "source": "HDI/MetricNet service desk KPIs"
        };
        cost_to_serve_ratio(service_cost, amount) = service_cost / amount, {
            "title": { "en": "Service cost ratio", "zh": "服务成本率" },
            "description": {
                "en": "Service costs incurred in the period over the net amount of the orders booked in it.",
                "zh": "期间内服务成本占订单净额的比例。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "FQSR-T/FIN", "source": "common CRM practice"
        };
        cases_per_agent(closed, agents_end) = closed / agents_end, {
            "title": { "en": "Cases closed per agent", "zh": "人均处理量" },
            "description": {
                "en": "Cases closed in the period over the agents employed at its end (not the average headcount).",
                "zh": "期间内关闭请求数除以期末在职座席数（非平均人数）。"
            },
            "subjects": ["TEAM", "REGION"],
            "kind": "number", "unit": "count", "direction": "up", "class": "NQSPET/INT", "source": "HDI/MetricNet service desk KPIs",
            "side_effect": { "en": "Hard cases passed on: watch escalation_rate beside it.", "zh": "难题被推给他人：同时关注升级率。" },
            "intended_behaviour": { "en": "Handle much.", "zh": "多处理。" }
        };
        agent_attrition(agents_left, agents_start, agents_end) = agents_left / ((agents_start + agents_end) / 2), {
            "title": { "en": "Agent attrition", "zh": "座席流失率" },
            "description": {
                "en": "Agents who left in the period over the average of the agents at its start and end.",
                "zh": "期间内离职座席数除以期初与期末座席数的平均值。"
            },
            "kind": "ratio", "unit": "ratio", "direction": "down", "class": "NQLRES/LNG", "source": "COPC CX Standard",
            "visibility": { "organisation_wide": { "minimum_group": 5 } }
        };
    }
}
