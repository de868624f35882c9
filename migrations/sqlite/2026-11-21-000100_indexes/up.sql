-- What measures and pages read by. Each of these holds the columns that most measures of its source ask for, so that they are
-- answered from the index alone; none is there for anything rarer, since every one of them costs on import.

CREATE INDEX order_by_time ON sales_order (ordered_at, state, amount, customer_id);
CREATE INDEX order_by_employee ON sales_order (employee_id, ordered_at, state, amount, customer_id);
CREATE INDEX order_by_customer ON sales_order (customer_id, ordered_at, state, amount);
CREATE INDEX order_by_opportunity ON sales_order (opportunity_id) WHERE opportunity_id IS NOT NULL;
CREATE INDEX order_line_by_order ON order_line (order_id);
CREATE INDEX order_line_by_product ON order_line (product_id, order_id, amount);

CREATE INDEX opportunity_by_close ON opportunity (closed_at, outcome, amount, created_at);
CREATE INDEX opportunity_by_creation ON opportunity (created_at, outcome);
CREATE INDEX opportunity_by_employee ON opportunity (employee_id, closed_at, outcome, amount, created_at);
CREATE INDEX opportunity_by_customer ON opportunity (customer_id, closed_at, outcome, amount);
CREATE INDEX stage_entry_by_time ON stage_entry (entered_at, stage_id);
CREATE INDEX stage_entry_by_opportunity ON stage_entry (opportunity_id, entered_at);

CREATE INDEX lead_by_creation ON lead (created_at, status);
CREATE INDEX lead_by_conversion ON lead (converted_at) WHERE converted_at IS NOT NULL;
CREATE INDEX lead_by_employee ON lead (employee_id, created_at);
CREATE INDEX lead_by_campaign ON lead (campaign_id, created_at) WHERE campaign_id IS NOT NULL;
CREATE INDEX lead_by_customer ON lead (customer_id) WHERE customer_id IS NOT NULL;

CREATE INDEX ticket_by_creation ON ticket (created_at, kind, closed_at, first_response_at);
CREATE INDEX ticket_by_close ON ticket (closed_at, created_at);
CREATE INDEX ticket_by_employee ON ticket (employee_id, created_at, kind, closed_at, first_response_at);
CREATE INDEX ticket_by_customer ON ticket (customer_id, created_at, kind, closed_at);

CREATE INDEX activity_by_time ON activity (occurred_at, kind);
CREATE INDEX activity_by_due ON activity (due_at, occurred_at) WHERE due_at IS NOT NULL;
CREATE INDEX activity_by_employee ON activity (employee_id, occurred_at, kind);
CREATE INDEX activity_by_customer ON activity (customer_id, occurred_at, kind);

CREATE INDEX survey_response_by_time ON survey_response (responded_at, survey, score);
CREATE INDEX survey_response_by_sending ON survey_response (sent_at, survey);
CREATE INDEX survey_response_by_employee ON survey_response (employee_id, responded_at, survey, score);
CREATE INDEX survey_response_by_customer ON survey_response (customer_id, responded_at, survey, score);

CREATE INDEX campaign_member_by_time ON campaign_member (sent_at, member_group);
CREATE INDEX campaign_member_by_campaign ON campaign_member (campaign_id, sent_at);
CREATE INDEX campaign_member_by_customer ON campaign_member (customer_id, sent_at);

CREATE INDEX cost_by_time ON cost (incurred_at, kind, amount);
CREATE INDEX cost_by_campaign ON cost (campaign_id, incurred_at, kind, amount) WHERE campaign_id IS NOT NULL;

CREATE INDEX customer_by_employee ON customer (employee_id);
CREATE INDEX customer_by_acquisition ON customer (acquired_at, churned_at);
CREATE INDEX customer_by_name ON customer (name);
CREATE INDEX contact_by_customer ON contact (customer_id);
CREATE INDEX segment_member_by_customer ON segment_member (customer_id, segment_id, starts_at, ends_at);
CREATE INDEX segment_member_by_segment ON segment_member (segment_id, customer_id, starts_at, ends_at);
CREATE INDEX employee_by_team ON employee (team_id);

CREATE INDEX target_by_subject ON target (kind, subject_kind, subject_id, starts_on, ends_on);
CREATE INDEX period_fact_by_subject ON period_fact (fact, subject_kind, subject_id, starts_on, ends_on);
