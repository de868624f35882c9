SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(0 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       CAST(SUM(1491004800000000 - f.created_at) AS BIGINT) AS v1,
       COUNT(*) FILTER (WHERE (1491004800000000 - f.created_at) > 604800000000) AS v2
FROM ticket AS f
WHERE (f.closed_at IS NULL OR f.closed_at >= 1491004800000000)
  AND f.created_at < 1491004800000000
