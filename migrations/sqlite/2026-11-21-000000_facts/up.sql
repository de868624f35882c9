-- Money, numbers and target values are ten-thousandths in BIGINT; instants (`_at`) are microseconds since 1970-01-01 UTC;
-- days (`_on`) are dates in the organisation's calendar. `external_key` is the source system's key, unique per entity.

CREATE TABLE organisation (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    time_zone TEXT NOT NULL,
    week_start TEXT NOT NULL DEFAULT 'MONDAY' CHECK (week_start IN ('MONDAY', 'SUNDAY')),
    fiscal_year_start BIGINT NOT NULL DEFAULT 1 CHECK (fiscal_year_start BETWEEN 1 AND 12)
);

CREATE TABLE region (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
);

CREATE TABLE channel (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'DIRECT' CHECK (kind IN ('DIRECT', 'PARTNER', 'WEB', 'PHONE', 'EMAIL', 'SMS', 'SOCIAL', 'STORE', 'EVENT', 'OTHER'))
);

CREATE TABLE team (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    parent_id BIGINT REFERENCES team (id)
);

-- Every team with each of its ancestors and itself, kept by the store whenever teams change.
CREATE TABLE team_ancestor (
    team_id BIGINT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    ancestor_id BIGINT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, ancestor_id)
);

CREATE TABLE employee (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT,
    role TEXT NOT NULL DEFAULT 'REP' CHECK (role IN ('REP', 'AGENT', 'MARKETER', 'MANAGER', 'OTHER')),
    team_id BIGINT REFERENCES team (id),
    manager_id BIGINT REFERENCES employee (id),
    region_id BIGINT REFERENCES region (id),
    hired_at BIGINT,
    left_at BIGINT
);

CREATE TABLE product_category (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
);

CREATE TABLE product (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    category_id BIGINT REFERENCES product_category (id),
    list_price BIGINT,
    unit_cost BIGINT,
    launched_on DATE
);

CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
);

CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'COMPANY' CHECK (kind IN ('PERSON', 'COMPANY')),
    industry TEXT,
    country TEXT,
    region_id BIGINT REFERENCES region (id),
    employee_id BIGINT REFERENCES employee (id),
    -- Where not given, the first booked order, and follows the orders from then on.
    acquired_at BIGINT,
    acquired_derived BOOLEAN NOT NULL DEFAULT FALSE,
    churned_at BIGINT
);

CREATE TABLE segment_member (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    segment_id BIGINT NOT NULL REFERENCES segment (id),
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    starts_at BIGINT,
    ends_at BIGINT,
    CHECK (starts_at < ends_at)
);

CREATE TABLE contact (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    name TEXT NOT NULL,
    title TEXT,
    email TEXT,
    phone TEXT
);

CREATE TABLE campaign (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT,
    channel_id BIGINT REFERENCES channel (id),
    starts_on DATE,
    ends_on DATE,
    budget BIGINT,
    CHECK (starts_on < ends_on)
);

CREATE TABLE lead (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    source TEXT,
    status TEXT NOT NULL DEFAULT 'NEW' CHECK (status IN ('NEW', 'WORKING', 'MQL', 'SAL', 'SQL', 'CONVERTED', 'LOST')),
    score BIGINT,
    customer_id BIGINT REFERENCES customer (id),
    employee_id BIGINT REFERENCES employee (id),
    campaign_id BIGINT REFERENCES campaign (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    created_at BIGINT NOT NULL,
    contacted_at BIGINT,
    qualified_at BIGINT,
    accepted_at BIGINT,
    sales_qualified_at BIGINT,
    converted_at BIGINT,
    won_at BIGINT,
    lost_at BIGINT
);

CREATE TABLE sales_stage (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    default_probability BIGINT CHECK (default_probability BETWEEN 0 AND 10000)
);

CREATE TABLE opportunity (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    name TEXT,
    customer_id BIGINT REFERENCES customer (id),
    employee_id BIGINT REFERENCES employee (id),
    product_id BIGINT REFERENCES product (id),
    lead_id BIGINT REFERENCES lead (id),
    campaign_id BIGINT REFERENCES campaign (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    stage_id BIGINT REFERENCES sales_stage (id),
    outcome TEXT NOT NULL DEFAULT 'OPEN' CHECK (outcome IN ('OPEN', 'WON', 'LOST')),
    loss_reason TEXT CHECK (loss_reason IN ('COMPETITOR', 'PRICE', 'NO_BUDGET', 'NO_DECISION', 'PRODUCT', 'SERVICE', 'UNKNOWN')),
    amount BIGINT,
    list_amount BIGINT,
    win_probability BIGINT CHECK (win_probability BETWEEN 0 AND 10000),
    -- Null: known to exist, but not since when.
    created_at BIGINT,
    expected_close_on DATE,
    closed_at BIGINT,
    CHECK ((outcome = 'OPEN') = (closed_at IS NULL))
);

CREATE TABLE stage_entry (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    opportunity_id BIGINT NOT NULL REFERENCES opportunity (id),
    stage_id BIGINT NOT NULL REFERENCES sales_stage (id),
    entered_at BIGINT NOT NULL,
    left_at BIGINT,
    advanced BOOLEAN,
    CHECK (left_at >= entered_at)
);

-- `order` is a reserved word in SQL; everywhere else this is an order.
CREATE TABLE sales_order (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    customer_id BIGINT REFERENCES customer (id),
    employee_id BIGINT REFERENCES employee (id),
    opportunity_id BIGINT REFERENCES opportunity (id),
    campaign_id BIGINT REFERENCES campaign (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    state TEXT NOT NULL DEFAULT 'BOOKED' CHECK (state IN ('BOOKED', 'CANCELLED')),
    ordered_at BIGINT NOT NULL,
    promised_at BIGINT,
    shipped_at BIGINT,
    -- An order without an amount of its own gets the sum of its lines, and follows them from then on.
    amount BIGINT,
    amount_derived BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE order_line (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    order_id BIGINT NOT NULL REFERENCES sales_order (id),
    product_id BIGINT REFERENCES product (id),
    quantity BIGINT NOT NULL,
    unit_price BIGINT,
    list_amount BIGINT,
    amount BIGINT NOT NULL,
    cost BIGINT,
    cross_sell BOOLEAN
);

CREATE TABLE ticket (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    subject TEXT,
    kind TEXT NOT NULL DEFAULT 'REQUEST' CHECK (kind IN ('COMPLAINT', 'INCIDENT', 'QUESTION', 'REQUEST', 'PRESALES', 'FEEDBACK')),
    priority TEXT CHECK (priority IN ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
    customer_id BIGINT REFERENCES customer (id),
    employee_id BIGINT REFERENCES employee (id),
    -- The team that handles it where no employee is known.
    team_id BIGINT REFERENCES team (id),
    product_id BIGINT REFERENCES product (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    created_at BIGINT NOT NULL,
    response_due_at BIGINT,
    first_response_at BIGINT,
    due_at BIGINT,
    closed_at BIGINT,
    timely BOOLEAN,
    accepted BOOLEAN,
    first_contact BOOLEAN,
    reopened_count BIGINT NOT NULL DEFAULT 0 CHECK (reopened_count >= 0),
    escalated_at BIGINT
);

CREATE TABLE activity (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('CALL', 'VISIT', 'EMAIL', 'SMS', 'CHAT', 'MEETING', 'TASK', 'NOTE', 'FOLLOW_UP')),
    direction TEXT CHECK (direction IN ('INBOUND', 'OUTBOUND')),
    subject TEXT,
    employee_id BIGINT REFERENCES employee (id),
    customer_id BIGINT REFERENCES customer (id),
    lead_id BIGINT REFERENCES lead (id),
    opportunity_id BIGINT REFERENCES opportunity (id),
    ticket_id BIGINT REFERENCES ticket (id),
    campaign_id BIGINT REFERENCES campaign (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    due_at BIGINT,
    -- When it took place; null while planned or missed.
    occurred_at BIGINT,
    duration BIGINT CHECK (duration >= 0),
    feedback TEXT
);

CREATE TABLE survey_response (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    survey TEXT NOT NULL,
    customer_id BIGINT REFERENCES customer (id),
    employee_id BIGINT REFERENCES employee (id),
    product_id BIGINT REFERENCES product (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    ticket_id BIGINT REFERENCES ticket (id),
    scale_min BIGINT NOT NULL,
    scale_max BIGINT NOT NULL,
    sent_at BIGINT,
    responded_at BIGINT,
    score BIGINT,
    comment TEXT,
    CHECK (scale_min < scale_max),
    CHECK (score BETWEEN scale_min AND scale_max),
    CHECK ((responded_at IS NULL) = (score IS NULL))
);

CREATE TABLE campaign_member (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    customer_id BIGINT REFERENCES customer (id),
    lead_id BIGINT REFERENCES lead (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    member_group TEXT NOT NULL DEFAULT 'TARGET' CHECK (member_group IN ('TARGET', 'CONTROL')),
    sent_at BIGINT NOT NULL,
    delivered_at BIGINT,
    bounced_at BIGINT,
    opened_at BIGINT,
    clicked_at BIGINT,
    responded_at BIGINT,
    converted_at BIGINT,
    unsubscribed_at BIGINT,
    contacts BIGINT,
    duration BIGINT CHECK (duration >= 0)
);

CREATE TABLE cost (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('SELLING', 'SERVICE', 'MARKETING', 'ADVERTISING', 'OTHER')),
    team_id BIGINT REFERENCES team (id),
    employee_id BIGINT REFERENCES employee (id),
    campaign_id BIGINT REFERENCES campaign (id),
    channel_id BIGINT REFERENCES channel (id),
    region_id BIGINT REFERENCES region (id),
    incurred_at BIGINT NOT NULL,
    amount BIGINT NOT NULL
);

CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('QUOTA', 'PLAN', 'METRIC')),
    -- The whole key of the metric, for kind METRIC.
    metric TEXT,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('ORGANISATION', 'TEAM', 'EMPLOYEE', 'CUSTOMER', 'SEGMENT', 'PRODUCT', 'CAMPAIGN', 'CHANNEL', 'REGION')),
    -- The subject's id; 0 for the organisation. Checked against the subject's table when written.
    subject_id BIGINT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    value BIGINT NOT NULL,
    CHECK ((kind = 'METRIC') = (metric IS NOT NULL)),
    CHECK (starts_on < ends_on)
);

CREATE TABLE period_fact (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    fact TEXT NOT NULL,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('ORGANISATION', 'TEAM', 'EMPLOYEE', 'CUSTOMER', 'SEGMENT', 'PRODUCT', 'CAMPAIGN', 'CHANNEL', 'REGION')),
    subject_id BIGINT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    value BIGINT NOT NULL,
    source TEXT,
    CHECK (starts_on < ends_on)
);

-- A scorecard is a tree of nodes; leaves score a metric. `ends_on` of spans and `missing` policies: see the schema's documentation.
CREATE TABLE scorecard (
    id INTEGER PRIMARY KEY,
    external_key TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('ORGANISATION', 'TEAM', 'EMPLOYEE', 'CUSTOMER', 'SEGMENT', 'PRODUCT', 'CAMPAIGN', 'CHANNEL', 'REGION')),
    missing TEXT NOT NULL CHECK (missing IN ('RENORMALISE', 'ZERO', 'CARRY_FORWARD', 'BLOCK')),
    -- For CARRY_FORWARD: how many periods back a score may come from.
    carry_periods BIGINT CHECK (carry_periods >= 1),
    min_coverage TEXT NOT NULL,
    -- Grade bands, best first: [{"from": "90", "grade": "A"}, ...].
    grades TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK ((missing = 'CARRY_FORWARD') = (carry_periods IS NOT NULL))
);

CREATE TABLE scorecard_node (
    id INTEGER PRIMARY KEY,
    scorecard_id BIGINT NOT NULL REFERENCES scorecard (id) ON DELETE CASCADE,
    parent_id BIGINT REFERENCES scorecard_node (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    node_key TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Leaves only: the metric and, as JSON, how it is scored.
    metric TEXT,
    scoring TEXT,
    UNIQUE (scorecard_id, node_key),
    CHECK ((metric IS NULL) = (scoring IS NULL))
);

-- The weights of a scorecard from a day on, with where they come from.
CREATE TABLE weight_set (
    id INTEGER PRIMARY KEY,
    scorecard_id BIGINT NOT NULL REFERENCES scorecard (id) ON DELETE CASCADE,
    method TEXT NOT NULL CHECK (method IN ('MANUAL', 'DELPHI', 'AHP', 'ENTROPY', 'COMBINED')),
    -- Null: from the beginning.
    starts_on DATE,
    UNIQUE (scorecard_id, starts_on)
);

CREATE TABLE weight (
    weight_set_id BIGINT NOT NULL REFERENCES weight_set (id) ON DELETE CASCADE,
    node_id BIGINT NOT NULL REFERENCES scorecard_node (id) ON DELETE CASCADE,
    -- A decimal, relative to its siblings.
    weight TEXT NOT NULL,
    PRIMARY KEY (weight_set_id, node_id)
);
