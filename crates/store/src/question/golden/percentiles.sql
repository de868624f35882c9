SELECT r.subject,
       r.within,
       r.slot,
       MAX(r.last) AS last,
       MAX(r.x) FILTER (WHERE r.i = r.last * 1 / 2) AS low0,
       MAX(r.x) FILTER (WHERE r.i = (r.last * 1 + 1) / 2) AS high0,
       MAX(r.x) FILTER (WHERE r.i = r.last * 9 / 10) AS low1,
       MAX(r.x) FILTER (WHERE r.i = (r.last * 9 + 9) / 10) AS high1
FROM (
    SELECT k.subject, k.within, k.slot, k.x,
           ROW_NUMBER() OVER (PARTITION BY k.subject, k.within, k.slot ORDER BY k.x) - 1 AS i,
           COUNT(*) OVER (PARTITION BY k.subject, k.within, k.slot) - 1 AS last
    FROM (
        SELECT f.employee_id AS subject,
               CAST(0 AS BIGINT) AS within,
               CAST(0 AS BIGINT) AS slot,
               f.closed_at - f.created_at AS x
        FROM ticket AS f
        WHERE f.closed_at >= 1483228800000000 AND f.closed_at < 1491004800000000
          AND f.employee_id IN (SELECT id FROM employee)
          AND f.kind IN ('INCIDENT', 'COMPLAINT')
          AND (f.closed_at - f.created_at) IS NOT NULL
    ) AS k
) AS r
GROUP BY 1, 2, 3
UNION ALL
SELECT r.subject,
       r.within,
       r.slot,
       MAX(r.last) AS last,
       MAX(r.x) FILTER (WHERE r.i = r.last * 1 / 2) AS low0,
       MAX(r.x) FILTER (WHERE r.i = (r.last * 1 + 1) / 2) AS high0,
       MAX(r.x) FILTER (WHERE r.i = r.last * 9 / 10) AS low1,
       MAX(r.x) FILTER (WHERE r.i = (r.last * 9 + 9) / 10) AS high1
FROM (
    SELECT k.subject, k.within, k.slot, k.x,
           ROW_NUMBER() OVER (PARTITION BY k.subject, k.within, k.slot ORDER BY k.x) - 1 AS i,
           COUNT(*) OVER (PARTITION BY k.subject, k.within, k.slot) - 1 AS last
    FROM (
        SELECT f.employee_id AS subject,
               CAST(0 AS BIGINT) AS within,
               CAST(1 AS BIGINT) AS slot,
               f.closed_at - f.created_at AS x
        FROM ticket AS f
        WHERE f.closed_at >= 1491004800000000 AND f.closed_at < 1498867200000000
          AND f.employee_id IN (SELECT id FROM employee)
          AND f.kind IN ('INCIDENT', 'COMPLAINT')
          AND (f.closed_at - f.created_at) IS NOT NULL
    ) AS k
) AS r
GROUP BY 1, 2, 3
