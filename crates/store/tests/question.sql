-- A tree of teams 1 > 2 > 3, and 4 apart.
INSERT INTO team (id, external_key, name, parent_id) VALUES (1, 't1', 'All', NULL), (2, 't2', 'East', 1), (3, 't3', 'North-East', 2), (4, 't4', 'West', NULL);
INSERT INTO team_ancestor (team_id, ancestor_id) VALUES (1, 1), (2, 2), (2, 1), (3, 3), (3, 2), (3, 1), (4, 4);
INSERT INTO region (id, external_key, name) VALUES (1, 'r1', 'North'), (2, 'r2', 'South');
INSERT INTO employee (id, external_key, name, team_id) VALUES (1, 'e1', 'Ann', 3), (2, 'e2', 'Ben', 2), (3, 'e3', 'Cid', 4), (4, 'e4', 'Dee', NULL);
INSERT INTO product (id, external_key, name) VALUES (1, 'p1', 'Pen'), (2, 'p2', 'Ink');

-- 2 is known but no customer yet. 1 moves from segment 1 to segment 2 at 50, and is recorded twice in segment 1 from 10 to 30.
INSERT INTO customer (id, external_key, name, acquired_at, churned_at) VALUES (1, 'c1', 'One', 5, NULL), (2, 'c2', 'Two', NULL, NULL), (3, 'c3', 'Three', 20, 60);
INSERT INTO segment (id, external_key, name) VALUES (1, 's1', 'Small'), (2, 's2', 'Large');
INSERT INTO segment_member (id, external_key, segment_id, customer_id, starts_at, ends_at) VALUES
    (1, 'm1', 1, 1, NULL, 50), (2, 'm2', 1, 1, 10, 30), (3, 'm3', 2, 1, 50, NULL), (4, 'm4', 1, 3, NULL, NULL);

-- 3 is cancelled, 4 not shipped and without an amount, 5 nobody's, 6 shipped before it was ordered.
INSERT INTO sales_order (id, external_key, customer_id, employee_id, region_id, state, ordered_at, promised_at, shipped_at, amount) VALUES
    (1, 'o1', 1, 1, 1, 'BOOKED', 10, 15, 12, 1000000),
    (2, 'o2', 1, 2, 2, 'BOOKED', 20, 25, 30, 505000),
    (3, 'o3', 3, 1, 1, 'CANCELLED', 25, 30, 28, 9990000),
    (4, 'o4', 3, 3, NULL, 'BOOKED', 55, 58, NULL, NULL),
    (5, 'o5', NULL, NULL, NULL, 'BOOKED', 60, NULL, NULL, 100001),
    (6, 'o6', 1, 1, 1, 'BOOKED', 60, NULL, 55, 300000);
INSERT INTO order_line (id, external_key, order_id, product_id, quantity, list_amount, amount) VALUES
    (1, 'l1', 1, 1, 20000, 900000, 850000), (2, 'l2', 1, 2, 15000, NULL, 150000), (3, 'l3', 2, 1, 10000, NULL, 505000), (4, 'l4', 3, 1, 70000, 9990000, 9990000);

-- 1 has no beginning, 3 ended before it began.
INSERT INTO opportunity (id, external_key, outcome, amount, win_probability, created_at, closed_at) VALUES
    (1, 'd1', 'WON', 1000000, NULL, NULL, 40), (2, 'd2', 'OPEN', 2000000, 2500, 10, NULL), (3, 'd3', 'LOST', 500000, NULL, 50, 45);

-- 1 is handled by a team, 2 by an employee of another team than the one it came to.
INSERT INTO ticket (id, external_key, kind, employee_id, team_id, created_at, closed_at) VALUES
    (1, 'k1', 'REQUEST', NULL, 3, 10, NULL), (2, 'k2', 'COMPLAINT', 3, 1, 20, 30);

INSERT INTO activity (id, external_key, kind, due_at, occurred_at) VALUES (1, 'a1', 'CALL', 10, 9), (2, 'a2', 'CALL', 10, NULL), (3, 'a3', 'CALL', NULL, 10);
INSERT INTO survey_response (id, external_key, survey, scale_min, scale_max, sent_at, responded_at, score) VALUES
    (1, 'v1', 'NPS', 0, 100000, 10, 11, 90000),
    (2, 'v2', 'CSAT', 10000, 50000, 10, 11, 50000),
    (3, 'v3', 'CSAT', 10000, 50000, 10, 11, 20000),
    (4, 'v4', 'CSAT', 10000, 50000, 10, NULL, NULL);

INSERT INTO target (id, external_key, kind, metric, subject_kind, subject_id, starts_on, ends_on, value) VALUES
    (1, 'q1', 'QUOTA', NULL, 'TEAM', 2, '2017-01-01', '2017-04-01', 1000000),
    (2, 'q2', 'QUOTA', NULL, 'EMPLOYEE', 1, '2017-01-01', '2017-04-01', 600000),
    (3, 'q3', 'QUOTA', NULL, 'EMPLOYEE', 2, '2017-01-01', '2017-04-01', 700000),
    (4, 'q4', 'QUOTA', NULL, 'ORGANISATION', 0, '2017-01-01', '2018-01-01', 10000000),
    (5, 'q5', 'METRIC', 'sales.amount', 'EMPLOYEE', 1, '2017-01-01', '2017-04-01', 90000),
    (6, 'q6', 'QUOTA', NULL, 'EMPLOYEE', 1, '2016-10-01', '2017-04-01', 400000);
