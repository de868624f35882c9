SELECT g.subject,
       g.within,
       g.slot,
       COUNT(*) FILTER (WHERE g.n0 >= 1) AS v0,
       COUNT(*) FILTER (WHERE g.n1 >= 2) AS v1,
       COUNT(*) FILTER (WHERE g.n2 >= 1) AS v2
FROM (
    SELECT f.channel_id AS subject,
           CAST(0 AS BIGINT) AS within,
           CAST(0 AS BIGINT) AS slot,
           COUNT(*) AS n0,
           COUNT(*) AS n1,
           COUNT(*) FILTER (WHERE NOT (f.shipped_at > f.promised_at)) AS n2
    FROM sales_order AS f
    WHERE f.state = 'BOOKED'
      AND f.ordered_at >= 1483228800000000 AND f.ordered_at < 1514764800000000
      AND f.channel_id IS NOT NULL
      AND f.customer_id IS NOT NULL
    GROUP BY 1, f.customer_id
) AS g
GROUP BY 1, 2, 3
UNION ALL
SELECT g.subject,
       g.within,
       g.slot,
       COUNT(*) FILTER (WHERE g.n0 >= 1) AS v0,
       COUNT(*) FILTER (WHERE g.n1 >= 2) AS v1,
       COUNT(*) FILTER (WHERE g.n2 >= 1) AS v2
FROM (
    SELECT f.channel_id AS subject,
           CAST(0 AS BIGINT) AS within,
           CAST(1 AS BIGINT) AS slot,
           COUNT(*) AS n0,
           COUNT(*) AS n1,
           COUNT(*) FILTER (WHERE NOT (f.shipped_at > f.promised_at)) AS n2
    FROM sales_order AS f
    WHERE f.state = 'BOOKED'
      AND f.ordered_at >= 1483228800000000 AND f.ordered_at < 1491004800000000
      AND f.channel_id IS NOT NULL
      AND f.customer_id IS NOT NULL
    GROUP BY 1, f.customer_id
) AS g
GROUP BY 1, 2, 3
