SELECT f.product_id AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(CASE WHEN o.ordered_at < 1491112800000000 THEN CASE WHEN o.ordered_at < 1485856800000000 THEN 0 ELSE CASE WHEN o.ordered_at < 1488484800000000 THEN 1 ELSE 2 END END ELSE CASE WHEN o.ordered_at < 1493740800000000 THEN 3 ELSE CASE WHEN o.ordered_at < 1496368800000000 THEN 4 ELSE 5 END END END AS BIGINT) AS slot,
       CAST(SUM(f.amount) AS BIGINT) AS v0
FROM order_line AS f
JOIN sales_order AS o ON o.id = f.order_id
WHERE o.state = 'BOOKED'
  AND o.ordered_at >= 1483228800000000 AND o.ordered_at < 1498996800000000
  AND f.product_id IS NOT NULL
  AND f.cross_sell
GROUP BY 1, 3
