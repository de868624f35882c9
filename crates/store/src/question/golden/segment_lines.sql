SELECT m.segment_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(0 AS BIGINT) AS slot,
       CAST(SUM(f.quantity) AS BIGINT) AS v0,
       COALESCE(CAST(SUM(f.list_amount - f.amount) FILTER (WHERE f.list_amount IS NOT NULL) AS BIGINT), CASE WHEN COUNT(*) FILTER (WHERE f.list_amount IS NOT NULL) = 0 THEN 0 END) AS v1
FROM order_line AS f
JOIN sales_order AS o ON o.id = f.order_id
JOIN segment_member AS m ON m.customer_id = o.customer_id AND (m.starts_at IS NULL OR m.starts_at <= o.ordered_at) AND (m.ends_at IS NULL OR m.ends_at > o.ordered_at)
  AND NOT EXISTS (SELECT 1 FROM segment_member AS d WHERE d.customer_id = m.customer_id AND d.segment_id = m.segment_id AND d.id < m.id AND (d.starts_at IS NULL OR d.starts_at <= o.ordered_at) AND (d.ends_at IS NULL OR d.ends_at > o.ordered_at))
WHERE o.state = 'BOOKED'
  AND o.ordered_at >= 1483228800000000 AND o.ordered_at < 1491004800000000
GROUP BY 1
