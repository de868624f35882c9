SELECT g.subject,
       g.within,
       g.slot,
       COUNT(*) FILTER (WHERE g.n0 >= 1) AS v0,
       COUNT(*) FILTER (WHERE g.n1 >= 2) AS v1,
       COUNT(*) FILTER (WHERE g.n2 >= 1) AS v2
FROM (
    SELECT f.channel_id AS subject,
           CAST(0 AS BIGINT) AS within,
           CAST(p.column1 AS BIGINT) AS slot,
           COUNT(*) AS n0,
           COUNT(*) AS n1,
           COUNT(*) FILTER (WHERE NOT (f.shipped_at > f.promised_at)) AS n2
    FROM (VALUES (0, 1483228800000000, 1514764800000000), (1, 1483228800000000, 1491004800000000)) AS p
    CROSS JOIN sales_order AS f
    WHERE f.state = 'BOOKED'
      AND f.ordered_at >= p.column2 AND f.ordered_at < p.column3
      AND f.channel_id IS NOT NULL
      AND f.customer_id IS NOT NULL
    GROUP BY 1, 3, f.customer_id
) AS g
GROUP BY 1, 2, 3
