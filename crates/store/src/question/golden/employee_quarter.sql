SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(0 AS BIGINT) AS slot,
       COUNT(*) FILTER (WHERE f.outcome = 'WON') AS v0,
       COUNT(*) FILTER (WHERE f.outcome = 'LOST') AS v1,
       COALESCE(CAST(SUM(f.amount) FILTER (WHERE f.outcome = 'WON') AS BIGINT), CASE WHEN COUNT(*) FILTER (WHERE f.outcome = 'WON') = 0 THEN 0 END) AS v2,
       COALESCE(CAST(SUM(f.closed_at - f.created_at) FILTER (WHERE f.outcome = 'WON') AS BIGINT), CASE WHEN COUNT(*) FILTER (WHERE f.outcome = 'WON') = 0 THEN 0 END) AS v3,
       COUNT(f.closed_at - f.created_at) FILTER (WHERE f.outcome = 'WON') AS v4
FROM opportunity AS f
WHERE f.closed_at >= 1483228800000000 AND f.closed_at < 1491004800000000
  AND f.employee_id IN (SELECT id FROM employee)
GROUP BY 1
