SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(p.column1 AS BIGINT) AS slot,
       CAST(SUM(f.amount * f.win_probability) AS BIGINT) AS v0,
       COUNT(*) FILTER (WHERE g.external_key = 'PROPOSAL') AS v1
FROM (VALUES (0, 1483228800000000), (1, 1491004800000000), (2, 1498867200000000)) AS p
CROSS JOIN opportunity AS f
LEFT JOIN sales_stage AS g ON g.id = f.stage_id
WHERE (f.closed_at IS NULL OR f.closed_at >= p.column2)
  AND (f.created_at IS NULL OR f.created_at < p.column2)
  AND f.employee_id IS NOT NULL
GROUP BY 1, 3
