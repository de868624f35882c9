SELECT g.subject,
       g.within,
       g.slot,
       COUNT(*) FILTER (WHERE g.n0 >= 1) AS v0
FROM (
    SELECT m.segment_id AS subject,
           CAST(0 AS BIGINT) AS within,
           CAST(p.column1 AS BIGINT) AS slot,
           COUNT(*) AS n0
    FROM (VALUES (0, 1483228800000000, 1514764800000000), (1, 1483228800000000, 1491004800000000)) AS p
    CROSS JOIN sales_order AS f
    JOIN segment_member AS m ON m.customer_id = f.customer_id AND (m.starts_at IS NULL OR m.starts_at <= f.ordered_at) AND (m.ends_at IS NULL OR m.ends_at > f.ordered_at)
      AND NOT EXISTS (SELECT 1 FROM segment_member AS d WHERE d.customer_id = m.customer_id AND d.segment_id = m.segment_id AND d.id < m.id AND (d.starts_at IS NULL OR d.starts_at <= f.ordered_at) AND (d.ends_at IS NULL OR d.ends_at > f.ordered_at))
    WHERE f.state = 'BOOKED'
      AND f.ordered_at >= p.column2 AND f.ordered_at < p.column3
      AND f.customer_id IS NOT NULL
    GROUP BY 1, 3, f.customer_id
) AS g
GROUP BY 1, 2, 3
