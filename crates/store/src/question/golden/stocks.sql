SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(0 AS BIGINT) AS slot,
       CAST(SUM(f.amount / 10000 * f.win_probability) AS BIGINT) AS v0,
       CAST(SUM(f.amount % 10000 * f.win_probability) AS BIGINT) AS w0,
       COUNT(*) FILTER (WHERE g.external_key = 'PROPOSAL') AS v1
FROM opportunity AS f
LEFT JOIN sales_stage AS g ON g.id = f.stage_id
WHERE (f.closed_at IS NULL OR f.closed_at >= 1483228800000000)
  AND (f.created_at IS NULL OR f.created_at < 1483228800000000)
  AND f.employee_id IN (SELECT id FROM employee)
GROUP BY 1
UNION ALL
SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(1 AS BIGINT) AS slot,
       CAST(SUM(f.amount / 10000 * f.win_probability) AS BIGINT) AS v0,
       CAST(SUM(f.amount % 10000 * f.win_probability) AS BIGINT) AS w0,
       COUNT(*) FILTER (WHERE g.external_key = 'PROPOSAL') AS v1
FROM opportunity AS f
LEFT JOIN sales_stage AS g ON g.id = f.stage_id
WHERE (f.closed_at IS NULL OR f.closed_at >= 1491004800000000)
  AND (f.created_at IS NULL OR f.created_at < 1491004800000000)
  AND f.employee_id IN (SELECT id FROM employee)
GROUP BY 1
UNION ALL
SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(2 AS BIGINT) AS slot,
       CAST(SUM(f.amount / 10000 * f.win_probability) AS BIGINT) AS v0,
       CAST(SUM(f.amount % 10000 * f.win_probability) AS BIGINT) AS w0,
       COUNT(*) FILTER (WHERE g.external_key = 'PROPOSAL') AS v1
FROM opportunity AS f
LEFT JOIN sales_stage AS g ON g.id = f.stage_id
WHERE (f.closed_at IS NULL OR f.closed_at >= 1498867200000000)
  AND (f.created_at IS NULL OR f.created_at < 1498867200000000)
  AND f.employee_id IN (SELECT id FROM employee)
GROUP BY 1
