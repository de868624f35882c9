SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(0 AS BIGINT) AS slot,
       CAST(SUM(f.amount) AS BIGINT) AS v0,
       COUNT(*) AS v1,
       MAX(f.amount) FILTER (WHERE (f.shipped_at > f.promised_at)) AS v2
FROM sales_order AS f
WHERE f.state = 'BOOKED'
  AND f.ordered_at >= 1451606400000000 AND f.ordered_at < 1459468800000000
  AND f.employee_id IN (3, 5, 8)
GROUP BY 1
UNION ALL
SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(1 AS BIGINT) AS slot,
       CAST(SUM(f.amount) AS BIGINT) AS v0,
       COUNT(*) AS v1,
       MAX(f.amount) FILTER (WHERE (f.shipped_at > f.promised_at)) AS v2
FROM sales_order AS f
WHERE f.state = 'BOOKED'
  AND f.ordered_at >= 1483228800000000 AND f.ordered_at < 1491004800000000
  AND f.employee_id IN (3, 5, 8)
GROUP BY 1
UNION ALL
SELECT f.employee_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(2 AS BIGINT) AS slot,
       CAST(SUM(f.amount) AS BIGINT) AS v0,
       COUNT(*) AS v1,
       MAX(f.amount) FILTER (WHERE (f.shipped_at > f.promised_at)) AS v2
FROM sales_order AS f
WHERE f.state = 'BOOKED'
  AND f.ordered_at >= 1491004800000000 AND f.ordered_at < 1498867200000000
  AND f.employee_id IN (3, 5, 8)
GROUP BY 1
